/** The audit trail: what a governing act changed, written in the transaction of the change itself. Messages and entries are no such acts. */
import type { BareJid } from '../../xmpp/fold';
import type { Millis } from './units';

/** What was done. */
export type Act =
  | 'create'
  | 'configure'
  | 'destroy'
  | 'rename'
  | 'set-affiliations'
  | 'set-roles'
  | 'set-subject'
  | 'change-nick'
  | 'say'
  | 'allow-posting'
  | 'end-posting'
  | 'moderate'
  | 'mute'
  | 'unmute'
  | 'warn'
  | 'unwarn'
  | 'hats'
  | 'set-vcard'
  | 'purge'
  | 'ban-and-retract'
  | 'trim'
  | 'erase'
  | 'erase-person'
  | 'forget'
  | 'import'
  | 'answer-registration'
  | 'answer-message'
  | 'answer-voice'
  | 'shut-down';

/** The face by which an act came. `room`: nobody asked, the room did it by itself. */
type Face = 'xmpp' | 'ad-hoc' | 'http' | 'command-line' | 'plug-in' | 'room';

/** Who acted. */
export interface By {
  readonly kind: 'occupant' | 'account' | 'administrator' | 'operator' | 'token' | 'plug-in' | 'room';
  /** Bare JID, or the name of who has none; null: the room itself. */
  readonly name: string | null;
  readonly face: Face;
  /** The name is what the asker says of themselves; nobody checked it. */
  readonly claimed?: true;
  /** Of a token: the rights in rooms are those of this affiliation; without it those of an owner. It is not kept. */
  readonly rank?: 'admin';
}

/** The room itself, and what acts in its name without being asked by anybody. */
export const BY_ITSELF: By = { kind: 'room', name: null, face: 'room' };

/** Who did something and has no address, for rows that keep by whom they are: `operator NAME`, `token NAME` or `plug-in NAME`, and the kind alone where nobody said a name; null: an account, or the room itself. */
export function namedBy(by: By | undefined): string | null {
  if (by?.kind !== 'operator' && by?.kind !== 'token' && by?.kind !== 'plug-in') return null;
  return by.name === null ? by.kind : `${by.kind} ${by.name}`;
}

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
  /** The first of them, at most `MAX_ITEMS` of `room/audit.ts`. */
  readonly items: readonly AuditItem[];
}

/** What stands in the place of a secret. */
export const SECRET = 'changed';
