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
  'name' | 'listed' | 'channel' | 'secret' | 'idScheme' | 'idSalt' | 'creator' | 'createdAt' | 'keepDays' | 'keepMessages'
> {
  readonly jid: RoomJid;
  /** `locked`: its creator has yet to configure it. */
  readonly state: 'locked' | 'open';
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly subject: Subject | null;
  /** Number and time of its latest message. */
  readonly seq: number;
  readonly stamp: Millis;
  /** When somebody last entered or spoke; documents of before it was kept have none. */
  readonly used?: Millis;
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

/**
 * What becomes of rows that name somebody who is erased, or whose account is forgotten. `theirs`: what they own goes, but for such as `unless` says.
 * `emptied`: what stands in place of their name in rows that stay; from lists the name is removed. `elsewhere`: not handled here; the text says why, or where it is.
 */
type Leaving<T> =
  | {
      readonly theirs: 'go' | 'stay';
      readonly unless?: { readonly is: Partial<T>; readonly why: string };
      readonly emptied: Partial<T>;
    }
  | { readonly elsewhere: string };

/** One kind of rows; the first value that tells whose a row is names its owner. */
export interface OwnRows<T> {
  readonly shape: ShapeOf<T>;
  /** Whether they belong to an export of their room, and those that name a person to an export of that person. */
  readonly travels: readonly ('room' | 'person')[];
  readonly erasing: Leaving<T>;
  readonly forgetting: Leaving<T>;
}

const own = <T>(rows: OwnRows<T>): OwnRows<T> => rows;

const SUBJECT: ShapeOf<Subject> = {
  members: { occupantId: 'occupant-id', nick: 'nick', xml: 'plain', text: 'plain', lang: 'plain', setAt: 'plain' },
};

const BANNED = { is: { affiliation: 'outcast' }, why: 'It keeps them out.' } as const;

/** Every kind. What features keep says of itself what it holds (`row-declaration.ts`). What is yet to be said (`saying`) stays where it is said. */
export const OWN_ROWS = {
  room: own<PortableRoom>({
    shape: {
      members: {
        jid: 'room',
        state: 'plain',
        name: 'plain',
        listed: 'plain',
        channel: 'plain',
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
        used: 'plain',
      },
    },
    travels: ['room'],
    erasing: { elsewhere: 'Who is in it is what `people` says.' },
    forgetting: { elsewhere: 'Who is in it is what `people` says.' },
  }),
  people: own<RoomPeople>({
    shape: { members: { creator: 'jid', createdAt: 'plain', contacts: { each: 'jid' }, subject: SUBJECT } },
    travels: ['person'],
    // The walk over the archive clears the subject: it alone tells whose an older one is.
    erasing: { theirs: 'stay', emptied: { creator: '' } },
    forgetting: { theirs: 'stay', emptied: { creator: '' } },
  }),
  affiliation: own<AffiliationRow>({
    shape: {
      members: {
        jid: 'jid',
        affiliation: 'plain',
        nick: 'nick',
        reason: 'plain',
        setBy: 'jid',
        setByName: 'plain',
        setAt: 'plain',
        expiresAt: 'plain',
        afterwards: 'plain',
      },
    },
    travels: ['room', 'person'],
    erasing: { theirs: 'go', unless: BANNED, emptied: { setBy: null } },
    forgetting: { theirs: 'go', unless: BANNED, emptied: {} },
  }),
  stay: own<StayRow>({
    shape: { members: { jid: 'jid', begin: 'plain', end: 'plain' } },
    travels: ['room', 'person'],
    erasing: { theirs: 'go', emptied: {} },
    forgetting: { theirs: 'go', emptied: {} },
  }),
  feature: own<FeatureRow>({
    shape: 'plain',
    travels: ['room', 'person'],
    erasing: { elsewhere: 'Each has a declaration.' },
    forgetting: { elsewhere: 'Each has a declaration.' },
  }),
  // Who is in the room is there under its present address, at this service.
  occupant: own<OccupantRow>({
    shape: { members: { jid: 'jid', id: 'occupant-id', nick: 'nick', role: 'plain', rev: 'plain' } },
    travels: ['person'],
    erasing: { theirs: 'go', emptied: {} },
    forgetting: { theirs: 'go', emptied: {} },
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
        heldLists: 'plain',
      },
    },
    travels: ['person'],
    erasing: { elsewhere: 'They end with their occupant.' },
    forgetting: { elsewhere: 'They end with their occupant.' },
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
    erasing: {
      elsewhere:
        'A walk over the archive puts tombstones in their place, also where others name them (`features/erasing/erase-person.ts`).',
    },
    forgetting: { elsewhere: 'What they said stays.' },
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
    erasing: { elsewhere: 'The store puts a number in the place of their name, and takes reasons about them away (`audit-erasure`).' },
    forgetting: { elsewhere: 'The trail tells what was done.' },
  }),
} as const;

/** What kinds of rows are called in exports. */
export type RowKind = keyof typeof OWN_ROWS;
