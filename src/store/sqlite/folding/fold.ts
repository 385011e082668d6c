/** Brings the addresses of a whole database to the fold of this program, all or nothing. */
import { FORMER_NAMES } from '../../../room/contract/row-names';
import type { Database } from 'better-sqlite3';
import { FOLD_VERSION, foldBare, foldFull, ownDomains } from '../../../xmpp/fold';
import { bareOf } from '../../../xmpp/jid';
import { foldedRow } from '../../../room/contract/declared-rows';
import type { RowDeclaration } from '../../../room/contract/row-declaration';
import { foldEvents } from '../tables/events';
import { COLUMNS, type Holds } from './columns';
import type { IdMaker } from '../../../room/talking/ids';
import { differs, foldedId, foldRoom, formerIds, type FoldedRoom } from './room';
import { setAside } from './set-aside';
import { foldWakeUps } from '../tables/wake-ups';

/** Makes the fold known to SQL: `folded(jid)` of a bare or full JID, and null of null. */
export function registerFold(db: Database): void {
  db.function('folded', { deterministic: true }, (jid: unknown) => (typeof jid === 'string' ? foldFull(jid) : null));
}

/** In the row, in place of domains: every domain was the server's own. */
const EVERY = '*';

/**
 * Whether all of the database was folded by these rules. The first (1) folded everything as on the server's own domains, which folding it as of other
 * servers leaves as it is; so only a domain that is the server's own since then asks for more.
 */
function isFolded(db: Database): boolean {
  if (!hasTable(db, 'fold')) return false;
  const { version, own = EVERY } = db.prepare('SELECT * FROM fold').get() as { version: number; own?: string };
  if (version !== FOLD_VERSION) return version === 1;
  const folded = new Set(own.split(' '));
  return own === EVERY || (ownDomains()?.every((domain) => folded.has(domain)) ?? false);
}

/** Whether an address in it is not folded, of whatever version its tables are. Nothing is looked at if it was folded by these rules. */
export function needsFold(db: Database, declared: readonly RowDeclaration[]): boolean {
  if (isFolded(db)) return false;
  const unfolded = ([table, column]: [string, string]): boolean =>
    db.prepare(`SELECT EXISTS (SELECT 1 FROM ${table} WHERE folded(${column}) <> ${column})`).pluck().get() === 1;
  return columnsThatHold(db, 'jid', 'room').some(unfolded) || (hasTable(db, 'feature') && roomsWithFeaturesToFold(db, declared).size > 0);
}

function hasTable(db: Database, name: string): boolean {
  return db.prepare("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?").pluck().get(name) === 1;
}

/** The columns of such kinds that this database has. */
export function columnsThatHold(db: Database, ...what: readonly Holds[]): [table: string, column: string][] {
  const present = db.prepare('SELECT 1 FROM pragma_table_info(?) WHERE name = ?').pluck();
  return Object.entries(COLUMNS).flatMap(([table, columns]) =>
    Object.entries(columns)
      .filter(([column, holds]) => what.includes(holds) && present.get(table, column) === 1)
      .map(([column]): [string, string] => [table, column]),
  );
}

interface RoomRaw {
  readonly id: number;
  readonly jid: string;
  readonly state: string;
  readonly secret: string;
  /** Not in databases of versions before. */
  readonly id_scheme?: string;
  readonly id_salt?: string | null;
  readonly creator: string;
  readonly options: string;
  readonly subject: string | null;
  readonly tombstone: string | null;
  readonly created_at: number;
}

function idMaker({ secret, id_scheme: scheme, id_salt: salt }: RoomRaw): IdMaker {
  return scheme === 'prosody' ? { secret, idScheme: scheme, idSalt: salt ?? '' } : { secret };
}

/** Folds every address in one transaction with the number of the fold. `declared`: what features keep. Returns what the operator is told, in sentences. */
export function foldDatabase(db: Database, declared: readonly RowDeclaration[]): string[] {
  if (isFolded(db)) {
    noteFold(db);
    return [];
  }
  return db
    .transaction(() => {
      const told = toldSpellings(db);
      const authors = foldAuthors(db);
      // Names of messages are found by who wrote them: they are filled in anew, with the words.
      if (authors.size > 0) db.exec("UPDATE text_rules SET rules = ''");
      const rooms = nameRooms(db, told);
      const changed = roomsToFold(db, declared);
      for (const id of authors.keys()) changed.add(id);
      let people = 0;
      for (const id of changed) {
        const room = rooms.get(id);
        if (!room) continue;
        people++;
        told.push(...foldRoom(db, room, { authors: authors.get(id) ?? [], declared }));
        foldSubject(db, room);
      }
      foldErasures(db);
      if (hasTable(db, 'woken_account')) foldWakeUps(db);
      // A copy that is only tried may be of a version without them.
      const makers = new Map([...rooms.values()].map((room) => [room.jid, room]));
      if (hasTable(db, 'event'))
        foldEvents(db, (room, jid, former) => {
          const maker = makers.get(foldBare(room));
          return maker ? foldedId(maker, jid, former) : former;
        });
      if (changed.size > 0) told.push(...undeclared(db, declared));
      if (people > 0)
        told.unshift(
          `Addresses in ${people} ${people === 1 ? 'room was' : 'rooms were'} not in the form by which they are compared; now all are.`,
        );
      noteFold(db);
      return told;
    })
    .immediate();
}

/** Addresses that are told by name. */
const MAX_TOLD = 20;

/** The addresses that become others than themselves in lower case: people would not expect these. */
function toldSpellings(db: Database): string[] {
  const spellings = new Map<string, string>();
  for (const [table, column] of columnsThatHold(db, 'jid', 'room')) {
    const found = db
      .prepare(`SELECT DISTINCT ${column} FROM ${table} WHERE folded(${column}) <> ${column} AND folded(${column}) <> lower(${column})`)
      .pluck()
      .all() as string[];
    for (const former of found.map(bareOf)) {
      const present = foldBare(former);
      if (present !== former.toLowerCase()) spellings.set(former, present);
    }
  }
  const told = [...spellings].slice(0, MAX_TOLD).map(([former, present]) => `${former} is ${present} from now on.`);
  const more = spellings.size - told.length;
  return more > 0 ? [...told, `${more} more addresses change by more than their capitals.`] : told;
}

/** Remembers by which rules everything is folded from now on, if that is not what stands there. */
function noteFold(db: Database): void {
  const own = ownDomains()?.join(' ') ?? EVERY;
  db.prepare('UPDATE fold SET version = @version, own = @own WHERE version <> @version OR own <> @own').run({ version: FOLD_VERSION, own });
}

/**
 * Who said archived messages. Returns the bare JIDs that were not folded, by room. Rows are rewritten, occupant-id included, so that whoever looks for a
 * person's messages (retraction, purge, erasing, `with` of MAM) needs to know one id only.
 */
function foldAuthors(db: Database): Map<number, Set<string>> {
  const authors = new Map<number, Set<string>>();
  const makers = new Map((db.prepare('SELECT * FROM room').all() as RoomRaw[]).map((room) => [room.id, idMaker(room)]));
  const rows = db.prepare(
    'SELECT id, room, sender, occupant_id AS occupantId FROM message WHERE id > ? AND folded(sender) <> sender ORDER BY id LIMIT 1000',
  );
  const put = db.prepare('UPDATE message SET sender = ?, occupant_id = ? WHERE id = ?');
  const index = db.prepare('UPDATE OR REPLACE message_occupant SET occupant_id = ? WHERE room = ? AND occupant_id = ? AND id = ?');
  for (let after = 0; ;) {
    const found = rows.all(after) as { id: number; room: number; sender: string; occupantId: string | null }[];
    for (const { id, room, sender, occupantId } of found) {
      const maker = makers.get(room);
      const bare = sender.includes('/') ? sender.slice(0, sender.indexOf('/')) : sender;
      const present = occupantId === null || maker === undefined ? occupantId : foldedId(maker, bare, occupantId);
      put.run(foldFull(sender), present, id);
      if (present !== occupantId) index.run(present, room, occupantId, id);
      authors.set(room, (authors.get(room) ?? new Set()).add(bare));
    }
    const last = found.at(-1);
    if (!last) return authors;
    after = last.id;
  }
}

/** Gives each room its folded address. Of two that would have the same, the older keeps it; the younger is set aside whole. */
function nameRooms(db: Database, told: string[]): Map<number, FoldedRoom> {
  const all = db.prepare("SELECT * FROM room ORDER BY state = 'destroyed', created_at, id").all() as RoomRaw[];
  // Every folded address is some room's, also where that room is named further on.
  const names = new Set<string>(all.map(({ jid }) => foldBare(jid)));
  const rooms = new Map<number, FoldedRoom>();
  const claims = new Map<string, RoomRaw>();
  for (const room of all) if (!claims.has(foldBare(room.jid))) claims.set(foldBare(room.jid), room);
  const renamed: { room: RoomRaw; jid: string }[] = [];
  for (const room of all) {
    const wanted = foldBare(room.jid);
    const keeps = claims.get(wanted) === room;
    const jid = keeps ? wanted : freeName(wanted, names);
    names.add(jid);
    rooms.set(room.id, { id: room.id, jid, ...idMaker(room) });
    if (jid !== room.jid) renamed.push({ room, jid });
    if (!keeps && room.state !== 'destroyed') {
      told.push(
        `${room.jid} and ${claims.get(wanted)?.jid ?? wanted} are one address. The older room keeps it, as ${wanted}; the younger is ${jid} from now on, with all it has. The command "Rename a room" gives a room another address.`,
      );
      setAside(db, room, jid);
    }
  }
  // First to names that no room has: two rooms may change places.
  for (const { room } of renamed) db.prepare('UPDATE room SET jid = ? WHERE id = ?').run(`/${room.id}`, room.id);
  for (const { room, jid } of renamed) db.prepare('UPDATE room SET jid = ? WHERE id = ?').run(jid, room.id);
  // What the room said of itself in its archive is told with the present address.
  const former = db.prepare(
    `INSERT OR IGNORE INTO feature (room, feature, key, value) SELECT @id, '${FORMER_NAMES}', CAST(seq AS TEXT), json_quote(@jid) FROM counters WHERE room = @id`,
  );
  for (const { room } of renamed) if (room.state !== 'destroyed') former.run({ id: room.id, jid: room.jid });
  for (const room of all) {
    const options = foldWithin(room.options, '{urn:parlour:room}contactjid');
    const tombstone = room.tombstone === null ? null : foldWithin(room.tombstone, 'alternate');
    if (options !== room.options || tombstone !== room.tombstone || differs(room.creator))
      db.prepare('UPDATE room SET options = ?, tombstone = ?, creator = ? WHERE id = ?').run(
        options,
        tombstone,
        foldBare(room.creator),
        room.id,
      );
  }
  return rooms;
}

/** `local-2@domain`, or with the next number that no room has. */
function freeName(jid: string, taken: ReadonlySet<string>): string {
  const at = jid.indexOf('@');
  for (let n = 2; ; n++) {
    const name = `${jid.slice(0, at)}-${n}${jid.slice(at)}`;
    if (!taken.has(name)) return name;
  }
}

/** A member of a JSON object that is a JID or a list of JIDs. The same text if there is nothing to fold. */
function foldWithin(text: string, name: string): string {
  if (!text.includes(name)) return text;
  const object = JSON.parse(text) as Record<string, unknown>;
  const value = object[name];
  if (typeof value === 'string') object[name] = foldFull(value);
  else if (Array.isArray(value)) object[name] = value.map((one: unknown) => (typeof one === 'string' ? foldFull(one) : one));
  const folded = JSON.stringify(object);
  return folded === JSON.stringify(JSON.parse(text)) ? text : folded;
}

/** Rooms whose people, lists, stays or features have an address that is not folded. */
function roomsToFold(db: Database, declared: readonly RowDeclaration[]): Set<number> {
  const rooms = new Set<number>();
  for (const [table, column] of [
    ['affiliation', 'jid'],
    ['affiliation', 'set_by'],
    ['occupant', 'jid'],
    ['session', 'jid'],
    ['stay', 'jid'],
  ])
    for (const room of db.prepare(`SELECT DISTINCT room FROM ${table} WHERE folded(${column}) <> ${column}`).pluck().all() as number[])
      rooms.add(room);
  for (const room of roomsWithFeaturesToFold(db, declared)) rooms.add(room);
  return rooms;
}

const NO_IDS = new Map<string, string>();

function roomsWithFeaturesToFold(db: Database, declared: readonly RowDeclaration[]): Set<number> {
  const rooms = new Set<number>();
  for (const declaration of declared) {
    if (declaration.value === 'plain' && declaration.key.every((part) => part === 'plain')) continue;
    const rows = db.prepare('SELECT room, key, value FROM feature WHERE feature = ?').iterate(declaration.name) as IterableIterator<{
      room: number;
      key: string;
      value: string;
    }>;
    for (const row of rows) if (!rooms.has(row.room) && foldedRow(declaration, row, NO_IDS) !== row) rooms.add(row.room);
  }
  return rooms;
}

/** What nothing declares, because its plug-in is not loaded, cannot be folded. */
function undeclared(db: Database, declared: readonly RowDeclaration[]): string[] {
  const names = db.prepare('SELECT DISTINCT feature FROM feature ORDER BY feature').pluck().all() as string[];
  const known = new Set(declared.map(({ name }) => name));
  const left = names.filter((name) => !known.has(name));
  return left.map((name) => `Rows named "${name}" stayed as they are: nothing that is loaded says what they hold.`);
}

/** Who set the subject is known by an occupant-id. */
function foldSubject(db: Database, room: FoldedRoom): void {
  const text = db.prepare('SELECT subject FROM room WHERE id = ?').pluck().get(room.id) as string | null;
  const subject = text === null ? null : (JSON.parse(text) as { occupantId?: string });
  const present = formerIds(db, room).get(subject?.occupantId ?? '');
  if (present !== undefined)
    db.prepare('UPDATE room SET subject = ? WHERE id = ?').run(JSON.stringify({ ...subject, occupantId: present }), room.id);
}

/** Erasures under way begin anew if their person or their place in the list of rooms is spelt otherwise: what is done already is done once more. */
function foldErasures(db: Database): void {
  const rows = db.prepare('SELECT jid, asked_by, after_room FROM person_erasure').all() as {
    jid: string;
    asked_by: string;
    after_room: string;
  }[];
  for (const row of rows) {
    // Operators and programs have names that are no addresses.
    const askedBy = row.asked_by.includes('@') ? foldBare(row.asked_by) : row.asked_by;
    if (askedBy === row.asked_by && ![row.jid, row.after_room].some(differs)) continue;
    db.prepare(
      "UPDATE OR REPLACE person_erasure SET jid = ?, asked_by = ?, after_room = '', rooms = 0, messages = 0, failed = 0 WHERE jid = ?",
    ).run(foldBare(row.jid), askedBy, row.jid);
  }
}
