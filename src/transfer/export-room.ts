/** A room as a document: what of its rows travels with a room. */
import { OWN_ROWS, type PortableMessage, type PortableRoom, type RowKind } from '../room/contract/own-rows';
import type { RowDeclaration } from '../room/contract/row-declaration';
import type { RoomRows, Subject } from '../room/contract/rows';
import type { Archive } from '../store/archive';
import type { Maintenance } from '../store/maintenance';
import type { RoomJid } from '../xmpp/fold';
import { FORMAT_VERSION } from './contract';
import { written } from './document';

/** What exports read. */
export type ExportStore = Pick<Maintenance, 'rowsOf' | 'staysAfter' | 'foreignIds'> & Pick<Archive, 'messages'>;

/** Rows that are read at once, and bytes of messages. */
const PAGE = 200;
const PAGE_BYTES = 1024 * 1024;

/** What the head calls documents of a room. */
export const ROOM_FORMAT = 'parlour-room';

/** The room in pieces of text. null: there is no such room. `at`: milliseconds, when it is exported. Throws StoreFailed. */
export async function exportRoom(
  store: ExportStore,
  declared: ReadonlyMap<string, RowDeclaration>,
  room: RoomJid,
  at: number,
): Promise<AsyncIterable<string> | null> {
  const rows = await store.rowsOf(room);
  if (!rows || rows.room.state === 'destroyed') return null;
  const head = { format: ROOM_FORMAT, version: FORMAT_VERSION, exportedAt: at, room: portable(rows) };
  return written(head, rowsOf(store, declared, rows));
}

function portable({ room, counters }: RoomRows): PortableRoom {
  const { jid, name, listed, channel, secret, idScheme, idSalt, creator, createdAt, keepDays, keepMessages, options, subject, state } =
    room;
  return {
    jid,
    state: state === 'locked' ? 'locked' : 'open',
    name,
    listed,
    channel: channel ?? null,
    options: JSON.parse(options) as PortableRoom['options'],
    subject: subject === null ? null : (JSON.parse(subject) as Subject),
    secret,
    ...(idScheme === undefined ? {} : { idScheme }),
    ...(idSalt === undefined ? {} : { idSalt }),
    creator,
    createdAt,
    keepDays,
    keepMessages,
    seq: counters.seq,
    stamp: counters.stamp,
    used: counters.used,
  };
}

/** In the order in which an import wants them: whoever belongs to the room comes before their stays. */
async function* rowsOf(store: ExportStore, declared: ReadonlyMap<string, RowDeclaration>, rows: RoomRows): AsyncGenerator<object> {
  const travels = (kind: RowKind): boolean => OWN_ROWS[kind].travels.some((whom) => whom === 'room');
  const { jid } = rows.room;
  if (travels('affiliation')) for (const affiliation of rows.affiliations) yield { affiliation };
  if (travels('feature'))
    for (const { feature, key, value } of rows.features)
      if (declared.get(feature)?.travels.includes('room')) yield { feature: { feature, key, value: JSON.parse(value) as unknown } };
  if (travels('stay')) {
    for (let page = await store.staysAfter(jid, null, PAGE); page.length > 0; page = await store.staysAfter(jid, page.at(-1) ?? null, PAGE))
      for (const stay of page) yield { stay };
  }
  if (travels('message')) for await (const message of messagesOf(store, rows)) yield { message };
}

async function* messagesOf(store: ExportStore, { room, counters, hasForeignIds }: RoomRows): AsyncGenerator<PortableMessage> {
  for (let afterRev = -1; ;) {
    const page = await store.messages(room.jid, {
      afterRev,
      upToSeq: counters.seq,
      limit: PAGE,
      maxBytes: PAGE_BYTES,
      oldestFirst: true,
    });
    const last = page.at(-1);
    if (!last) return;
    const foreign = new Map<string, string[]>();
    if (hasForeignIds) {
      const ids = page.map(({ id }) => id);
      for (const one of await store.foreignIds(room.jid, ids)) foreign.set(one.id, [...(foreign.get(one.id) ?? []), one.foreign]);
    }
    for (const { rev, ...row } of page) {
      const foreignIds = foreign.get(row.id);
      afterRev = rev;
      yield foreignIds ? { ...row, foreignIds } : row;
    }
  }
}
