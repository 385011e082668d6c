/** The audit trail: what a governing act changed, written in the transaction of the change itself. Messages and entries are no such acts. */
import type { BareJid } from '../../xmpp/fold';
import type { Actor } from '../governing/affiliations';
import type { Millis } from './rows';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** What was done. */
export type Act =
  | 'create'
  | 'configure'
  | 'destroy'
  | 'rename'
  | 'set-affiliations'
  | 'set-roles'
  | 'set-subject'
  | 'moderate'
  | 'ban-and-retract'
  | 'trim'
  | 'erase'
  | 'erase-person'
  | 'answer-registration'
  | 'answer-message'
  | 'shut-down';

/** By which way an act came: the protocol of rooms, ad-hoc commands, or nobody asked and the room did it by itself. */
type Face = 'xmpp' | 'ad-hoc' | 'http' | 'command-line' | 'plug-in' | 'room';

/** Who acted. */
export interface By {
  readonly kind: 'occupant' | 'account' | 'administrator' | 'operator' | 'token' | 'plug-in' | 'room';
  /** Bare JID, or the name of who has none; null: the room itself. */
  readonly name: string | null;
  readonly face: Face;
  /** The name is what the asker says of themselves; nobody checked it. */
  readonly claimed?: true;
}

/** The room itself, and what acts in its name without being asked by anybody. */
export const BY_ITSELF: By = { kind: 'room', name: null, face: 'room' };

/** An administrator of the service, by bare JID, who used an ad-hoc command. */
export function administrator(jid: BareJid): By {
  return { kind: 'administrator', name: jid, face: 'ad-hoc' };
}

/** One thing that changed. */
export interface AuditItem {
  /** Bare JID or domain, option, or id of a message; '': the room. */
  readonly object: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly reason: string | null;
}

/** One act. */
export interface AuditRow {
  readonly at: Millis;
  readonly by: By;
  readonly act: Act;
  /** How many things changed. */
  readonly count: number;
  /** The first of them, at most `MAX_ITEMS`. */
  readonly items: readonly AuditItem[];
}

/** Things of one act that are kept one by one; of more only the number is. */
const MAX_ITEMS = 100;

/** Longest text that is kept, in UTF-16 units: subjects, reasons, values of options. */
const MAX_TEXT = 200;

/** What stands in the place of a secret. */
export const SECRET = 'changed';

/** Who an actor is, if nobody said so: by their rights in the room. */
function byOf(state: RoomState, { by, jid, nick }: Actor): By {
  if (by) return by;
  if (jid === null) return BY_ITSELF;
  const kind = nick !== undefined ? 'occupant' : state.env.policy.isServiceAdmin(jid) ? 'administrator' : 'account';
  return { kind, name: jid, face: 'xmpp' };
}

/** Remembers an act with what it changed. Without anything changed there was no act. */
export function audit(
  state: RoomState,
  turn: Turn,
  actor: Actor,
  act: Act,
  items: readonly Partial<AuditItem>[],
  count = items.length,
): void {
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
