/** Notes a governing act with what it changed, in the transaction of the change itself. */
import { BY_ITSELF, type Act, type AuditItem, type By } from './contract/audit';
import type { Actor } from './governing/rights';
import type { RoomState } from './state';
import type { Turn } from './turn';

/** Things of one act that are kept one by one; of more only the number is. */
const MAX_ITEMS = 100;

/** Longest text that is kept, in UTF-16 units: subjects, reasons, values of options. */
const MAX_TEXT = 200;

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
    before: cut(before),
    after: cut(after),
    reason: cut(reason),
  }));
  turn.write({ table: 'audit', row: { at: turn.stamp, by: byOf(state, actor), act, count, items: kept } });
}

function cut(text: string | null | undefined): string | null {
  if (text == null) return null;
  if (text.length <= MAX_TEXT) return text;
  const head = text.slice(0, MAX_TEXT - 1);
  // No half of a character.
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}…`;
}
