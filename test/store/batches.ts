/** Short ways to write rows and batches in tests of stores. */
import type {
  AffiliationRow,
  Change,
  Counters,
  CreationLimit,
  MessageRow,
  OccupantRow,
  RoomRow,
  SessionRow,
} from '../../src/room/contract/rows';
import { messageId } from '../../src/room/talking/ids';
import type { Batch } from '../../src/store/room-store';
import { asBare, asFull, asRoom } from '../support/jids';
import { asNick, asOccupantId, asStanzaId } from '../support/ids';

/** One room's part of a batch. */
export interface Part {
  readonly room: string;
  readonly counters?: Partial<Counters>;
  readonly changes?: readonly Change[];
  readonly messages?: readonly MessageRow[];
}

export function batch(number: number, ...parts: Part[]): Batch {
  const counter = (key: keyof Counters): number[] =>
    parts.map((part) => part.counters?.[key] ?? (key === 'used' ? 0 : part.messages?.at(-1)?.[key === 'deliveredRev' ? 'rev' : key]) ?? 0);
  const rows = parts.flatMap((part) => part.messages ?? []);
  const column = <K extends keyof MessageRow>(key: K): MessageRow[K][] => rows.map((row) => row[key]);
  return {
    number,
    knows: number - 1,
    rooms: parts.map((part) => asRoom(part.room)),
    counters: {
      rev: counter('rev'),
      deliveredRev: counter('deliveredRev'),
      seq: counter('seq'),
      stamp: counter('stamp'),
      used: counter('used'),
    },
    changes: parts.map((part) => part.changes ?? null),
    messages: {
      room: parts.flatMap((part, index) => (part.messages ?? []).map(() => index)),
      seq: column('seq'),
      rev: column('rev'),
      stamp: column('stamp'),
      id: column('id'),
      nick: column('nick'),
      sender: column('sender'),
      jidShown: column('jidShown'),
      occupantId: column('occupantId'),
      clientId: column('clientId'),
      lang: column('lang'),
      inHistory: column('inHistory'),
      payload: column('payload'),
    },
  };
}

export function roomRow(jid: string, over: Partial<RoomRow> = {}): RoomRow {
  return {
    jid: asRoom(jid),
    state: 'open',
    options: '{}',
    name: '',
    listed: true,
    subject: null,
    secret: '00ff',
    creator: asBare('ann@example.org'),
    createdAt: 1_000,
    archiveFrom: 0,
    deadline: null,
    keepDays: null,
    keepMessages: null,
    tombstone: null,
    ...over,
  };
}

export function create(jid: string, over: Partial<RoomRow> = {}, limit?: CreationLimit): Change {
  return limit ? { table: 'room', row: roomRow(jid, over), create: limit } : { table: 'room', row: roomRow(jid, over) };
}

/** The id that `message` gives message number `seq`. */
export function idOf(seq: number, stamp = 10_000 + seq): string {
  return messageId(stamp, { bytes: (count) => Uint8Array.from({ length: count }, (_, i) => Math.floor(seq / 64 ** i)) });
}

export function message(seq: number, over: Partial<MessageRow> = {}): MessageRow {
  return {
    seq,
    rev: seq,
    stamp: 10_000 + seq,
    id: asStanzaId(idOf(seq, over.stamp)),
    nick: asNick('Ann'),
    sender: asFull('ann@example.org'),
    jidShown: false,
    occupantId: asOccupantId('occ-ann'),
    clientId: `c${seq}`,
    lang: null,
    inHistory: true,
    payload: `<body>message ${seq}</body>`,
    ...over,
  };
}

export function affiliation(jid: string, over: Partial<AffiliationRow> = {}): AffiliationRow {
  return {
    jid: asBare(jid),
    affiliation: 'member',
    nick: null,
    reason: null,
    setBy: null,
    setByName: null,
    setAt: 5,
    expiresAt: null,
    afterwards: null,
    ...over,
  };
}

export function occupant(id: string, over: Partial<OccupantRow> = {}): OccupantRow {
  return { id: asOccupantId(id), jid: asBare(`${id}@example.org`), nick: asNick(id), role: 'participant', rev: 1, ...over };
}

export function session(jid: string, over: Partial<SessionRow> = {}): SessionRow {
  return {
    jid: asFull(jid),
    occupantId: asOccupantId('occ'),
    presence: '<show>away</show>',
    priority: 0,
    entering: false,
    askedNick: null,
    joinedAt: 7,
    ...over,
  };
}
