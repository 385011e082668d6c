/** Notes a governing act with what it changed, in the transaction of the change itself. */
import { BY_ITSELF, type Act, type AuditItem, type By } from './contract/audit';
import type { Actor } from './governing/rights';
import type { RoomState } from './state';
import type { Turn } from './turn';

/** Things of one act that are kept one by one; of more only the number is. */
const MAX_ITEMS = 100;

/** Longest text that is kept, in UTF-16 units: subjects, reasons, values of options. */
const MAX_TEXT = 200;

/** Of what two long texts have in common, in UTF-16 units; less than `MAX_TEXT`. */
const SHOWN_BEFORE = 20;

/** Who an actor is, if nobody said so: by their rights in the room. */
function byOf(state: RoomState, { by, jid, nick }: Actor): By {
  if (by) return by;
  if (jid === null) return BY_ITSELF;
  const kind = nick !== undefined ? 'occupant' : state.env.policy.isServiceAdmin(jid) ? 'administrator' : 'account';
  return { kind, name: jid, face: 'xmpp' };
}

/** Remembers an act with what it changed. Without anything changed there was no act. */
export function audit(state: RoomState, turn: Turn, actor: Actor, act: Act, items: readonly Partial<AuditItem>[]): void {
  const count = items.length;
  if (count === 0) return;
  const kept = items.slice(0, MAX_ITEMS).map(({ object = '', before, after, reason }) => ({
    object: cut(object) as string,
    ...different(before, after),
    reason: cut(reason),
  }));
  turn.write({ table: 'audit', row: { at: turn.stamp, by: byOf(state, actor), act, count, items: kept } });
}

/** What was and what is. Long texts that begin alike are told from a little before the first difference on, or the two would look the same. */
function different(before: string | null | undefined, after: string | null | undefined): Pick<AuditItem, 'before' | 'after'> {
  if (before == null || after == null || before === after || cut(before) !== cut(after)) return { before: cut(before), after: cut(after) };
  let same = 0;
  while (before[same] === after[same]) same++;
  const from = (text: string): string | null => cut(`…${text.slice(same - SHOWN_BEFORE).replace(/^[\uDC00-\uDFFF]/, '')}`);
  return { before: from(before), after: from(after) };
}

function cut(text: string | null | undefined): string | null {
  if (text == null) return null;
  if (text.length <= MAX_TEXT) return text;
  const head = text.slice(0, MAX_TEXT - 1);
  // No half of a character.
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}…`;
}
