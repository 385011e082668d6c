/** What the rows hold that rooms keep by themselves, with no feature to it: exports, and what is known of a person, are computed from it. */
import type { BareJid, RoomJid } from '../../xmpp/fold';
import type { AuditRow } from './audit';
import type { ShapeOf } from './row-declaration';
import type { AffiliationRow, FeatureRow, MessageRow, Millis, OccupantRow, RoomRow, SessionRow, Subject } from './rows';

/** One time that somebody belonged to a room: messages behind `begin`, up to `end`; null: they still do. */
export interface StayRow {
  readonly jid: BareJid;
  readonly begin: number;
  readonly end: number | null;
}

/** A room as it is brought along: without what only this database knows of it. */
export interface PortableRoom extends Pick<
  RoomRow,
  'name' | 'listed' | 'secret' | 'idScheme' | 'idSalt' | 'creator' | 'createdAt' | 'keepDays' | 'keepMessages'
> {
  readonly jid: RoomJid;
  /** `locked`: its creator has yet to configure it. */
  readonly state: 'locked' | 'open';
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly subject: Subject | null;
  /** Number and time of its latest message. */
  readonly seq: number;
  readonly stamp: Millis;
}

/** What a room's own row says of people. */
export interface RoomPeople {
  readonly creator: BareJid | '';
  readonly createdAt: Millis;
  readonly contacts: readonly string[];
  readonly subject: Subject | null;
}

/** A message as it is brought along; `foreignIds`: that it had elsewhere. */
export type PortableMessage = Omit<MessageRow, 'rev'> & { readonly foreignIds?: readonly string[] };

/** An act as a person is told of it. */
type PersonalAct = AuditRow & { readonly room: RoomJid };

/** Ids that one message had elsewhere, at most. */
export const MOST_FOREIGN_IDS = 8;

/** The field of the form that names people. */
export const CONTACTS = '{urn:parlour:room}contactjid';

/** One kind of rows; the first value that tells whose a row is names its owner. */
interface OwnRows<T> {
  readonly shape: ShapeOf<T>;
  /** Whether they belong to an export of their room, and those that name a person to an export of that person. */
  readonly travels: readonly ('room' | 'person')[];
}

const own = <T>(rows: OwnRows<T>): OwnRows<T> => rows;

const SUBJECT: ShapeOf<Subject> = {
  members: { occupantId: 'occupant-id', nick: 'nick', xml: 'plain', text: 'plain', lang: 'plain', setAt: 'plain' },
};

/** Every kind. What features keep says of itself what it holds (`row-declaration.ts`). What is yet to be said (`saying`) stays where it is said. */
export const OWN_ROWS = {
  room: own<PortableRoom>({
    shape: {
      members: {
        jid: 'room',
        state: 'plain',
        name: 'plain',
        listed: 'plain',
        options: { members: { [CONTACTS]: { each: 'jid' } } },
        subject: SUBJECT,
        secret: 'plain',
        idScheme: 'plain',
        idSalt: 'plain',
        creator: 'jid',
        createdAt: 'plain',
        keepDays: 'plain',
        keepMessages: 'plain',
        seq: 'plain',
        stamp: 'plain',
      },
    },
    travels: ['room'],
  }),
  people: own<RoomPeople>({
    shape: { members: { creator: 'jid', createdAt: 'plain', contacts: { each: 'jid' }, subject: SUBJECT } },
    travels: ['person'],
  }),
  affiliation: own<AffiliationRow>({
    shape: {
      members: { jid: 'jid', affiliation: 'plain', nick: 'nick', reason: 'plain', setBy: 'jid', setAt: 'plain', expiresAt: 'plain' },
    },
    travels: ['room', 'person'],
  }),
  stay: own<StayRow>({ shape: { members: { jid: 'jid', begin: 'plain', end: 'plain' } }, travels: ['room', 'person'] }),
  feature: own<FeatureRow>({ shape: 'plain', travels: ['room', 'person'] }),
  // Who is in the room is there under its present address, at this service.
  occupant: own<OccupantRow>({
    shape: { members: { jid: 'jid', id: 'occupant-id', nick: 'nick', role: 'plain', rev: 'plain' } },
    travels: ['person'],
  }),
  session: own<SessionRow>({
    shape: {
      members: {
        jid: 'jid',
        spelling: 'address',
        occupantId: 'occupant-id',
        presence: 'xml',
        priority: 'plain',
        entering: 'plain',
        askedNick: 'nick',
        joinedAt: 'plain',
      },
    },
    travels: ['person'],
  }),
  message: own<PortableMessage>({
    shape: {
      members: {
        seq: 'plain',
        stamp: 'plain',
        id: 'plain',
        occupantId: 'occupant-id',
        sender: 'jid',
        nick: 'nick',
        jidShown: 'plain',
        clientId: 'plain',
        lang: 'plain',
        inHistory: 'plain',
        payload: 'xml',
        foreignIds: 'plain',
      },
    },
    travels: ['room', 'person'],
  }),
  // The trail is the service's, and names those who run it.
  audit: own<PersonalAct>({
    shape: {
      members: {
        by: { members: { name: 'jid', kind: 'plain', face: 'plain', claimed: 'plain', rank: 'plain' } },
        room: 'room',
        at: 'plain',
        act: 'plain',
        count: 'plain',
        items: { each: { members: { object: 'jid', before: 'plain', after: 'plain', reason: 'plain' } } },
      },
    },
    travels: ['person'],
  }),
} as const;

/** What kinds of rows are called in exports. */
export type RowKind = keyof typeof OWN_ROWS;
