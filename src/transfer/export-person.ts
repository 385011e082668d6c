/** What all rooms hold of a person, as a document: of each row what names them, and what belongs to it. */
import { CONTACTS, OWN_ROWS, type RoomPeople, type RowKind } from '../room/contract/own-rows';
import { personal, personalRow } from '../room/contract/personal-rows';
import type { Named } from '../room/contract/declared-rows';
import type { RowDeclaration } from '../room/contract/row-declaration';
import type { MessageRow, OccupantId, RoomRows, Subject } from '../room/contract/rows';
import { RESERVED_NICKS, FORMER_IDS } from '../room/contract/row-names';
import { occupantId, writtenOccupantId } from '../room/talking/ids';
import type { Archive } from '../store/archive';
import type { AuditQuery, Directory } from '../store/directory';
import type { Maintenance } from '../store/maintenance';
import type { WakeUpStore } from '../store/wake-ups';
import type { BareJid, RoomJid } from '../xmpp/fold';
import { FORMAT_VERSION } from './contract';
import { written } from './document';

/** What it reads. */
export type PersonStore = Pick<Directory, 'roomsKnowing' | 'audit'> &
  Pick<Maintenance, 'rowsOf' | 'staysAfter'> &
  Pick<Archive, 'archive'> &
  Pick<WakeUpStore, 'woken'>;

/** Rooms that are looked at, and rows that are read, at once. */
const ROOMS = 200;
const PAGE = 200;

/** In pieces of text. `at`: milliseconds, when it is exported. The stream throws StoreFailed. */
export function exportPerson(
  store: PersonStore,
  declared: ReadonlyMap<string, RowDeclaration>,
  jid: BareJid,
  at: number,
): AsyncIterable<string> {
  return written({ format: 'parlour-person', version: FORMAT_VERSION, exportedAt: at, jid }, rowsOf(store, declared, jid));
}

async function* rowsOf(store: PersonStore, declared: ReadonlyMap<string, RowDeclaration>, jid: BareJid): AsyncGenerator<object> {
  for await (const room of knowing(store, jid)) {
    const rows = await store.rowsOf(room);
    if (rows) yield* inRoom(store, declared, rows, jid);
  }
  const woken = await store.woken(jid);
  if (woken) yield { woken };
  // Acts outlive their rooms.
  const person = { jid, ids: new Set<string>(), nicks: new Set<string>() };
  for (const query of [{ actor: jid }, { object: jid }]) for await (const row of acts(store, query, person)) yield row;
}

/** The rooms that hold something of somebody, page by page. */
export async function* knowing(store: Pick<Directory, 'roomsKnowing'>, jid: BareJid): AsyncGenerator<RoomJid> {
  for (let after: RoomJid | '' | null = ''; after !== null;) {
    const page: { rooms: RoomJid[]; next: RoomJid | null } = await store.roomsKnowing(jid, after, ROOMS);
    yield* page.rooms;
    after = page.next;
  }
}

async function* inRoom(
  store: PersonStore,
  declared: ReadonlyMap<string, RowDeclaration>,
  rows: RoomRows,
  jid: BareJid,
): AsyncGenerator<object> {
  const room = rows.room.jid;
  const person = namedIn(rows, jid);
  const own = (kind: RowKind, value: () => unknown): object[] => {
    const { shape, travels } = OWN_ROWS[kind];
    if (!travels.some((whom) => whom === 'person')) return [];
    return told(room, { kind }, () => personal(shape, value(), person));
  };
  yield* own('people', () => peopleOf(rows));
  for (const kind of ['affiliation', 'occupant', 'session'] as const) for (const row of rows[`${kind}s`]) yield* own(kind, () => row);
  for (const row of rows.features) {
    const { feature } = row;
    const declaration = declared.get(feature);
    if (declaration) yield* told(room, { kind: 'feature', feature }, () => personalRow(declaration, row, person));
  }
  // Behind whatever sorts before it: all of theirs stand together.
  for (let begin = -1; ;) {
    const stays = (await store.staysAfter(room, { jid, begin }, PAGE)).filter((stay) => stay.jid === jid);
    for (const stay of stays) yield* own('stay', () => stay);
    const last = stays.at(-1);
    if (!last) break;
    begin = last.begin;
  }
  for (const id of person.ids) for await (const message of messagesOf(store, rows, id)) yield* own('message', () => message);
}

/** What cannot be read, as it came from earlier versions or by an import of theirs. Of a feature's row it is said which feature's it is; nothing else of it, since it may be anybody's. */
interface Unreadable {
  readonly kind: RowKind;
  readonly feature?: string;
}

/** The row as they are told of it, if it is theirs. One that cannot be read is named in its place: it keeps nobody from the others. */
function told(room: RoomJid, what: Unreadable, read: () => unknown): object[] {
  try {
    const value = read();
    return value === undefined ? [] : [{ room, [what.kind]: value }];
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return [{ room, unreadable: what }];
  }
}

/** Whether a row is no JSON, or other JSON than was declared. */
const isUnreadable = (error: unknown): boolean => error instanceof SyntaxError || error instanceof TypeError;

/** The value of a row; undefined: it cannot be read. Such rows are named where rows are told. */
function valueOf(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch (error) {
    if (isUnreadable(error)) return undefined;
    throw error;
  }
}

function namedIn({ room, affiliations, occupants, features }: RoomRows, jid: BareJid): Named & { readonly ids: ReadonlySet<OccupantId> } {
  const present = occupantId(room, jid);
  const ids = new Set([present]);
  const nicks = new Set<string>();
  for (const row of affiliations) if (row.jid === jid && row.nick !== null) nicks.add(row.nick);
  for (const row of occupants) if (row.jid === jid) nicks.add(row.nick);
  for (const { feature, key, value } of features) {
    if (feature === FORMER_IDS && valueOf(value) === present) ids.add(writtenOccupantId(key));
    const nick = feature === RESERVED_NICKS && key === jid ? (valueOf(value) as { nick?: unknown } | null | undefined)?.nick : undefined;
    if (typeof nick === 'string') nicks.add(nick);
  }
  return { jid, ids, nicks };
}

function peopleOf({ room }: RoomRows): RoomPeople {
  const { creator, createdAt, options, subject } = room;
  const contacts = (JSON.parse(options) as Record<string, readonly string[] | undefined>)[CONTACTS] ?? [];
  return { creator, createdAt, contacts, subject: subject === null ? null : (JSON.parse(subject) as Subject) };
}

/** What was said under an occupant-id, the oldest first. */
async function* messagesOf(
  store: Pick<Archive, 'archive'>,
  { room, counters }: RoomRows,
  id: OccupantId,
): AsyncGenerator<Omit<MessageRow, 'rev'>> {
  let last: MessageRow | undefined;
  for (let isGone = false; ;) {
    const after = last && !isGone ? { after: last.id } : {};
    const answer = await store.archive(room.jid, {
      want: 'page',
      // What the page was to begin behind may have been removed meanwhile.
      filter: { upToSeq: counters.seq, occupantId: id, ...(last && isGone ? { start: last.stamp } : {}) },
      paging: { max: PAGE, ...after },
      patient: true,
    });
    if (answer.kind === 'item-not-found' && !isGone) {
      isGone = true;
      continue;
    }
    if (answer.kind !== 'page') throw new Error(`The archive answered ${answer.kind}`);
    isGone = false;
    const before = last?.seq ?? 0;
    for (const row of answer.rows) {
      last = row;
      const { rev, ...told } = row;
      if (rev > 0 && row.seq > before) yield told;
    }
    if (answer.complete || answer.rows.length === 0) return;
  }
}

async function* acts(store: Pick<Directory, 'audit'>, query: Pick<AuditQuery, 'actor' | 'object'>, person: Named): AsyncGenerator<object> {
  for (let before: number | undefined; ;) {
    const page = await store.audit({ ...query, ...(before === undefined ? {} : { before }), limit: PAGE });
    const last = page.at(-1);
    if (!last) return;
    for (const { id, ...act } of page) {
      before = id;
      // What they did to themselves comes with what they did.
      if (query.object !== undefined && act.by.name === query.object) continue;
      const told = personal(OWN_ROWS.audit.shape, act, person);
      if (told !== undefined) yield { audit: told };
    }
  }
}
