/** What a room asks to be remembered: the rows it is loaded from and the changes its decisions make. */
import type { BareJid, FullJid, RoomJid } from '../../xmpp/fold';
import type { Nick } from '../../xmpp/nick';
import type { AuditRow } from './audit';
import type { EventRow } from './events';
import type { Millis, OccupantId, Rev, StanzaId } from './units';
import type { Affiliation, Role } from '../governing/roles';

export type { Millis, OccupantId, Rev, StanzaId };

/** A room itself. Key: its full bare JID. */
export interface RoomRow {
  readonly jid: RoomJid;
  /** `locked`: created, not yet configured (§10.1.1). `destroyed`: a row kept until its farewells are delivered. */
  readonly state: 'locked' | 'open' | 'destroyed';
  /** Submitted values by form field name, JSON. Absent field: the default. */
  readonly options: string;
  /** The name shown in the room list; '' = none. */
  readonly name: string;
  /** Whether the service's room list shows it (§6.3). */
  readonly listed: boolean;
  /** What search shows of it (`Channel` in channel.ts), JSON, if its owner wants it to be found; it is, as long as it is listed. */
  readonly channel?: string | null;
  /** The subject as JSON (`Subject` in subject.ts), or null if none was ever set. */
  readonly subject: string | null;
  /** Key of the occupant-ids (XEP-0421), hexadecimal. Never leaves. */
  readonly secret: string;
  /** How occupant-ids are made, if not of the secret: as the server did from which the room was brought along (`idSalt`). */
  readonly idScheme?: 'prosody';
  readonly idSalt?: string;
  /** Bare JID; '': they were erased. */
  readonly creator: BareJid | '';
  readonly createdAt: Millis;
  /** Archive rows with seq <= this belong to a former room of the same name: not readable, erased in the background. */
  readonly archiveFrom: number;
  /** The earliest time something must happen by itself, or null. */
  readonly deadline: Millis | null;
  /** The owner's bounds of what is kept, in days and in messages; null: the service's own. */
  readonly keepDays: number | null;
  readonly keepMessages: number | null;
  /** Of a destroyed room that is remembered: `Tombstone` (destroy.ts) as JSON; its row is kept as long as it has one. Else null. */
  readonly tombstone: string | null;
}

/** What moves with every message: one row update per room and batch. */
export interface Counters {
  /** Raised by everything that others see. */
  readonly rev: Rev;
  /** Everything up to this rev has reached the server. */
  readonly deliveredRev: Rev;
  /** Dense number of the latest archived message. */
  readonly seq: number;
  /** The room's time: never goes back. */
  readonly stamp: Millis;
  /** When somebody last entered or spoke; 0: nobody has since the room was made. */
  readonly used: Millis;
}

export interface AffiliationRow {
  /** Bare JID or domain. */
  readonly jid: BareJid;
  readonly affiliation: Exclude<Affiliation, 'none'>;
  /** Reserved nickname (§7.10), or null. */
  readonly nick: Nick | null;
  readonly reason: string | null;
  /** Bare JID of who set it, or null for the service. */
  readonly setBy: BareJid | null;
  /** Who set it and has no address, as `namedBy` (contract/audit.ts) says it; null: an account, the room itself, or nobody knows. */
  readonly setByName: string | null;
  readonly setAt: Millis;
  /** When it ends by itself, or null. */
  readonly expiresAt: Millis | null;
  /** What they are when it has ended; null: nothing. */
  readonly afterwards: 'owner' | 'admin' | 'member' | null;
}

export interface OccupantRow {
  /** Occupant-id (XEP-0421): the key. */
  readonly id: OccupantId;
  /** Bare JID behind it. */
  readonly jid: BareJid;
  readonly nick: Nick;
  readonly role: Role;
  /** The room's rev when others last saw this occupant change. */
  readonly rev: Rev;
}

export interface SessionRow {
  /** Full JID, folded: the key. */
  readonly jid: FullJid;
  /** The same as the session came in with it, where that is another text: what is said to it goes there. */
  readonly spelling?: string | null;
  readonly occupantId: OccupantId;
  /** Children of the last presence, finished XML as it is shown to others. */
  readonly presence: string;
  readonly priority: number;
  /** History and subject have not been sent yet (§7.1 order). */
  readonly entering: boolean;
  /** Nick the client asked for, when another was assigned (210); pings to it are answered too. */
  readonly askedNick: string | null;
  readonly joinedAt: Millis;
  /** What it has of the lists of affiliations (`governing/list-versions.ts`). null: it never asked. '': it asked, and has nothing that holds. */
  readonly heldLists?: string | null;
}

/** One archived message. */
export interface MessageRow {
  /** Dense per-room number. */
  readonly seq: number;
  /** The room's rev that saying it raised. */
  readonly rev: Rev;
  readonly stamp: Millis;
  /** stanza-id (XEP-0359): time-ordered, unguessable. */
  readonly id: StanzaId;
  /** Nick, or null when the room itself spoke. */
  readonly nick: Nick | null;
  /** Real JID of who said it, full unless that was not known; null when the room spoke, or the person was erased. */
  readonly sender: FullJid | null;
  /** Whether everybody in the room saw real JIDs when it was said. */
  readonly jidShown: boolean;
  readonly occupantId: OccupantId | null;
  /** The client's own `id` attribute. */
  readonly clientId: string | null;
  readonly lang: string | null;
  /** Whether a joiner's history shows it (§7.2.13): everything archived but subject changes and notices. */
  readonly inHistory: boolean;
  /** Content as sent, finished XML in jabber:client: without occupant-id and stanza-id, which are columns. */
  readonly payload: string;
}

/** Something that was said by presence or notice and leaves no other row: said again after a crash until delivered. */
export interface SayingRow {
  readonly rev: Rev;
  /** `Saying` as JSON: its type stands in sayings.ts. */
  readonly what: string;
}

/** Typed state of one feature, by key. */
export interface FeatureRow {
  readonly feature: string;
  readonly key: string;
  readonly value: string;
}

/** All rows of one room. */
export interface RoomRows {
  readonly room: RoomRow;
  /** Messages in it have ids beside ours, which they had elsewhere: the archive finds them by those too. */
  readonly hasForeignIds?: true;
  readonly counters: Counters;
  readonly affiliations: readonly AffiliationRow[];
  readonly occupants: readonly OccupantRow[];
  readonly sessions: readonly SessionRow[];
  readonly sayings: readonly SayingRow[];
  readonly features: readonly FeatureRow[];
}

/** Limits over all rooms, checked inside the commit and never from memory (architecture.md, "Order"). */
export interface CreationLimit {
  readonly roomsPerCreator: number | null;
  readonly rooms: number | null;
}

/** Most stays of one account in one room: of more the oldest are forgotten, with the right to read what was said then. */
export const MOST_STAYS = 500;

/** One change to a room's rows, except messages and counters, which go in columns. */
export type Change =
  | { readonly table: 'room'; readonly row: RoomRow; readonly create?: CreationLimit }
  | { readonly table: 'affiliation'; readonly jid: BareJid; readonly row: AffiliationRow | null }
  | { readonly table: 'occupant'; readonly id: OccupantId; readonly row: OccupantRow | null }
  | { readonly table: 'session'; readonly jid: FullJid; readonly row: SessionRow | null }
  | { readonly table: 'saying'; readonly row: SayingRow }
  | { readonly table: 'feature'; readonly feature: string; readonly key: string; readonly value: string | null }
  /**
   * The content of an archived message, by its stanza-id, gives way to `payload` (XEP-0424 §4: a tombstone); search forgets it.
   * `person: erased`: its sender, nick and client id go too. A message that is not there is no error.
   */
  | { readonly table: 'retraction'; readonly id: StanzaId; readonly payload: string; readonly person: 'kept' | 'erased' }
  /**
   * Somebody (bare JID) begins or ceases to belong to the room behind message number `seq`. Twice the same changes nothing; a stay that
   * ended with that message goes on.
   * `forgotten`: all of the person's stays are removed.
   */
  | { readonly table: 'stay'; readonly jid: BareJid; readonly event: 'begins' | 'ends' | 'forgotten'; readonly seq: number }
  /** A governing act, for the audit trail. */
  | { readonly table: 'audit'; readonly row: AuditRow }
  /** Something happened that somebody asked to be told of. */
  | { readonly table: 'event'; readonly row: EventRow }
  /** Somebody (bare JID) is erased: in the room's audit trail an opaque number stands for them, and reasons about them go; so do the events that tell of them. */
  | { readonly table: 'audit-erasure'; readonly jid: BareJid }
  /** Removes affiliations, occupants, sessions, features and stays of the room (destroyed or begun anew), and what was said in it from its events. */
  | { readonly table: 'clear' }
  /**
   * The room is `to` from now on, with all its rows, its messages with seq <= `counters.seq` and its acts in the audit trail; `counters` are its own then.
   * The old name has the row `tombstone`, the sayings, and no occupants or sessions: those end. All changes and messages behind this one are of the
   * old name. Refused if there is a room `to`; a remembered one that has nothing to say any more gives way.
   */
  | { readonly table: 'rename'; readonly to: RoomJid; readonly tombstone: RoomRow; readonly counters: Counters };

/** The present subject. An empty one was actively cleared. */
export interface Subject {
  /** The `<subject/>` elements, finished XML: there may be one per language. */
  readonly xml: string;
  /** Text of the first of them, for discovery. */
  readonly text: string;
  /** The `xml:lang` of the message that set it. */
  readonly lang?: string;
  readonly nick: string;
  /** Of who set it; undefined in what was stored before it was kept. */
  readonly occupantId?: OccupantId;
  readonly setAt: Millis;
}

/** What became of a message: the tombstone, and whether it is still known who said it. */
export type Burying = Pick<Extract<Change, { table: 'retraction' }>, 'payload' | 'person'>;

/** What is remembered of a room that is over (§10.9), and until when. */
export interface Remains {
  readonly json: string;
  readonly until: Millis;
}

/** What changes in the row of a room that ends. `seq`: of its latest message; `null`: nothing is remembered. */
export function endedRow(seq: number, remains: Remains | null): Partial<RoomRow> {
  return {
    state: 'destroyed',
    listed: false,
    channel: null,
    options: '{}',
    name: '',
    subject: null,
    deadline: remains?.until ?? null,
    tombstone: remains?.json ?? null,
    keepDays: null,
    keepMessages: null,
    archiveFrom: seq,
  };
}

/** The row of the old name of a room that is called otherwise from `at` on. `secret`: a new one, since seals and ids of the one mean nothing to the other. */
export function formerRow(row: RoomRow, ended: Partial<RoomRow>, secret: string, at: Millis): RoomRow {
  const left: { -readonly [Name in keyof RoomRow]: RoomRow[Name] } = { ...row, ...ended, secret, createdAt: at };
  // Nor do ids that it has from elsewhere.
  delete left.idScheme;
  delete left.idSalt;
  return left;
}
