/** Acts of the audit trail as they are answered. */
import * as z from 'zod';
import { soughtInTrail } from '../admin/audit';
import type { AuditEntry } from '../store/directory';
import { pageOf, text, time, whole } from './schemas';
import { dateOf } from '../xmpp/dates';

const act = z.strictObject({
  id: z.int(),
  room: z.string(),
  at: z.iso.datetime(),
  act: z.string(),
  by: z.strictObject({ kind: z.string(), name: z.string().nullable(), face: z.string(), claimed: z.boolean() }),
  count: z.int(),
  items: z.array(
    z.strictObject({ object: z.string(), before: z.string().nullable(), after: z.string().nullable(), reason: z.string().nullable() }),
  ),
});

/** Acts of a page if nobody says how many, and at most. */
export const ACTS = 100;
const MOST_ACTS = 200;

/** Which acts; `after`: the number of the last act of the page before. */
export const auditQuery = {
  actor: text(3_071).transform(soughtInTrail).optional(),
  object: text(3_071).transform(soughtInTrail).optional(),
  from: time.optional(),
  to: time.optional(),
  after: whole(1, Number.MAX_SAFE_INTEGER).optional(),
  limit: whole(1, MOST_ACTS).optional(),
};

export const auditPage = pageOf(act);

/** A page of acts, the latest first. One more than `limit` was read, if there are more. */
export function auditAnswer(acts: readonly AuditEntry[], limit: number): z.output<typeof auditPage> {
  const shown = acts.slice(0, limit);
  return {
    entries: shown.map(({ id, room, at, act: done, by, count, items }) => ({
      id,
      room,
      at: dateOf(at),
      act: done,
      by: { kind: by.kind, name: by.name, face: by.face, claimed: by.claimed ?? false },
      count,
      items: items.map(({ object, before, after, reason }) => ({ object, before, after, reason })),
    })),
    next: acts.length > limit ? String(shown.at(-1)?.id) : null,
  };
}
