/** One room whose rows have addresses that are not folded: its people are merged where several spellings are one account. */
import type { Database } from 'better-sqlite3';
import { foldBare, foldFull } from '../../../xmpp/fold';
import { FORMER_IDS } from '../../../room/contract/row-names';
import { foldedRow, givesWay } from '../../../room/contract/declared-rows';
import type { RowDeclaration } from '../../../room/contract/row-declaration';
import { occupantId, type IdMaker } from '../../../room/talking/ids';
import { mergeAffiliations, type Listed } from './affiliations';

/** What of a room's own row is needed. */
export interface FoldedRoom {
  readonly id: number;
  readonly jid: string;
  readonly secret: string;
  readonly idScheme?: 'prosody';
  readonly idSalt?: string;
}

interface OccupantRaw {
  readonly id: string;
  readonly jid: string;
  readonly nick: string;
  readonly role: string;
  readonly rev: number;
}

interface SessionRaw {
  readonly jid: string;
  readonly occupant_id: string;
  readonly spelling: string | null;
  readonly joined_at: number;
}

/** The occupant-id under the folded address. One that was not made by us, as in an imported room, stays. */
export function foldedId(room: IdMaker, jid: string, id: string): string {
  return id === occupantId(room, jid) ? occupantId(room, foldBare(jid)) : id;
}

/** What is known of a room whose rows are folded. */
export interface Folding {
  /** Bare JIDs of who said something in it that are not folded. */
  readonly authors: Iterable<string>;
  /** What features keep. */
  readonly declared: readonly RowDeclaration[];
}

/** Folds all rows of a room but the room's own and its messages. Returns what the operator is told. */
export function foldRoom(db: Database, room: FoldedRoom, { authors, declared }: Folding): string[] {
  noteFormerIds(db, room, authors);
  const told = foldAffiliations(db, room);
  const isBanned = bansOf(db, room);
  told.push(...foldOccupants(db, room, isBanned));
  endStays(db, room, isBanned);
  foldStays(db, room);
  foldFeatures(db, room, declared);
  return told;
}

function foldAffiliations(db: Database, room: FoldedRoom): string[] {
  const rows = db
    .prepare('SELECT jid, affiliation, nick, reason, set_by, set_by_name, set_at, expires_at, afterwards FROM affiliation WHERE room = ?')
    .all(room.id) as Listed[];
  if (!rows.some((row) => differs(row.jid) || (row.set_by !== null && differs(row.set_by)))) return [];
  const merged = mergeAffiliations(room.jid, rows);
  db.prepare('DELETE FROM affiliation WHERE room = ?').run(room.id);
  const put = db.prepare(
    'INSERT INTO affiliation (room, jid, affiliation, nick, reason, set_by, set_by_name, set_at, expires_at, afterwards) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  );
  for (const row of merged.rows)
    put.run(
      ...[room.id, row.jid, row.affiliation, row.nick, row.reason],
      ...[row.set_by, row.set_by_name, row.set_at, row.expires_at, row.afterwards],
    );
  return [...merged.told];
}

/** Whether a folded bare JID is banned by the folded lists. */
type IsBanned = (jid: string) => boolean;

/** §9.2: one's own affiliation goes before that of one's domain. */
function bansOf(db: Database, room: FoldedRoom): IsBanned {
  const lists = new Map(
    db.prepare('SELECT jid, affiliation FROM affiliation WHERE room = ?').raw().all(room.id) as [jid: string, affiliation: string][],
  );
  return (jid) => (lists.get(jid) ?? lists.get(jid.slice(jid.indexOf('@') + 1))) === 'outcast';
}

/**
 * Occupants and their sessions. Of an account that is in under two nicknames the one that others saw change last stays; the other leaves with 333
 * (technical reasons), which its clients answer by coming in again. Who is banned in another spelling leaves with 301.
 */
function foldOccupants(db: Database, room: FoldedRoom, isBanned: IsBanned): string[] {
  const all = db.prepare('SELECT id, jid, nick, role, rev FROM occupant WHERE room = ? ORDER BY rev DESC').all(room.id) as OccupantRaw[];
  const sessions = db
    .prepare('SELECT jid, occupant_id, spelling, joined_at FROM session WHERE room = ? ORDER BY joined_at DESC')
    .all(room.id) as SessionRaw[];
  const sessionsOf = new Map<string, SessionRaw[]>();
  for (const session of sessions) sessionsOf.set(session.occupant_id, [...(sessionsOf.get(session.occupant_id) ?? []), session]);
  const told: string[] = [];
  const kept = new Map<string, OccupantRaw>();
  for (const occupant of all) {
    const jid = foldBare(occupant.jid);
    const own = sessionsOf.get(occupant.id) ?? [];
    // Nobody is in who was banned in that very spelling.
    if (isBanned(jid)) {
      leave(db, room, occupant, own, 301);
      told.push(`${room.jid}: ${occupant.jid} is in the room and banned in another spelling; they leave.`);
    } else if (kept.has(jid)) {
      leave(db, room, occupant, own, 333);
      told.push(`${room.jid}: ${jid} is in the room under two nicknames; ${occupant.nick} leaves.`);
    } else kept.set(jid, occupant);
  }
  for (const [jid, occupant] of kept) {
    if (jid === occupant.jid) continue;
    const id = foldedId(room, occupant.jid, occupant.id);
    db.prepare('UPDATE occupant SET id = ?, jid = ? WHERE room = ? AND id = ?').run(id, jid, room.id, occupant.id);
    db.prepare('UPDATE session SET occupant_id = ? WHERE room = ? AND occupant_id = ?').run(id, room.id, occupant.id);
  }
  const left = db
    .prepare('SELECT jid, spelling, joined_at FROM session WHERE room = ? ORDER BY joined_at DESC')
    .all(room.id) as SessionRaw[];
  const there = new Set(left.map(({ jid }) => jid).filter((jid) => !differs(jid)));
  for (const session of left.filter(({ jid }) => differs(jid))) {
    const jid = foldFull(session.jid);
    // One client cannot be there twice.
    if (there.has(jid)) db.prepare('DELETE FROM session WHERE room = ? AND jid = ?').run(room.id, session.jid);
    else
      db.prepare('UPDATE session SET jid = ?, spelling = coalesce(spelling, ?) WHERE room = ? AND jid = ?').run(
        jid,
        session.jid,
        room.id,
        session.jid,
      );
    there.add(jid);
  }
  return told;
}

/** Takes an occupant out; everybody is told when the room wakes, since what was said is above what was delivered. */
function leave(db: Database, room: FoldedRoom, occupant: OccupantRaw, sessions: readonly SessionRaw[], code: 301 | 333): void {
  db.prepare('DELETE FROM session WHERE room = ? AND occupant_id = ?').run(room.id, occupant.id);
  db.prepare('DELETE FROM occupant WHERE room = ? AND id = ?').run(room.id, occupant.id);
  const facts = {
    unavailable: true,
    affiliation: code === 301 ? 'outcast' : 'none',
    role: 'none',
    realJid: occupant.jid,
    codes: [code],
    occupantId: occupant.id,
    content: '',
  };
  const jids = sessions.map(({ jid, spelling }) => spelling ?? jid);
  say(db, room, { kind: 'presence', nick: occupant.nick, facts, jids, role: occupant.role });
}

/** Something that the room says when it wakes. */
export function say(db: Database, room: Pick<FoldedRoom, 'id'>, what: object): void {
  db.prepare('UPDATE counters SET rev = rev + 1 WHERE room = ?').run(room.id);
  db.prepare('INSERT INTO saying (room, rev, what) SELECT room, rev, ? FROM counters WHERE room = ?').run(JSON.stringify(what), room.id);
}

/** Whoever is banned in another spelling belongs to the room no longer, in whichever spelling they began to. */
function endStays(db: Database, room: FoldedRoom, isBanned: IsBanned): void {
  const open = db.prepare('SELECT DISTINCT jid FROM stay WHERE room = ? AND end_seq IS NULL').pluck().all(room.id) as string[];
  const end = db.prepare(
    'UPDATE stay SET end_seq = (SELECT seq FROM counters WHERE room = @room) WHERE room = @room AND jid = @jid AND end_seq IS NULL',
  );
  for (const jid of open) if (isBanned(foldBare(jid))) end.run({ room: room.id, jid });
}

/** Stays of one account become one list of spans that do not overlap. */
function foldStays(db: Database, room: FoldedRoom): void {
  const stays = db.prepare('SELECT jid, begin_seq AS "from", end_seq AS "to" FROM stay WHERE room = ? ORDER BY begin_seq').all(room.id) as {
    jid: string;
    from: number;
    to: number | null;
  }[];
  if (!stays.some(({ jid }) => differs(jid))) return;
  const people = new Map<string, { from: number; to: number | null }[]>();
  for (const { jid, from, to } of stays) {
    const spans = people.get(foldBare(jid)) ?? [];
    const last = spans.at(-1);
    if (last && (last.to === null || from <= last.to)) {
      if (last.to !== null && (to === null || to > last.to)) last.to = to;
    } else spans.push({ from, to });
    people.set(foldBare(jid), spans);
  }
  db.prepare('DELETE FROM stay WHERE room = ?').run(room.id);
  const put = db.prepare('INSERT INTO stay (room, jid, begin_seq, end_seq) VALUES (?, ?, ?, ?)');
  for (const [jid, spans] of people) for (const { from, to } of spans) put.run(room.id, jid, from, to);
}

/** What features keep under, or with, an address. Which of two rows that become one stays, their declaration says. */
function foldFeatures(db: Database, room: FoldedRoom, declared: readonly RowDeclaration[]): void {
  const rows = db.prepare('SELECT key, value FROM feature WHERE room = ? AND feature = ? ORDER BY key');
  const drop = db.prepare('DELETE FROM feature WHERE room = ? AND feature = ? AND key = ?');
  const put = db.prepare('UPDATE feature SET key = ?, value = ? WHERE room = ? AND feature = ? AND key = ?');
  const ids = formerIds(db, room);
  for (const declaration of declared) {
    const { name } = declaration;
    // Former ids are how the others are found.
    if (name === FORMER_IDS) continue;
    const all = rows.all(room.id, name) as { key: string; value: string }[];
    const present = new Map(all.map(({ key, value }) => [key, value]));
    for (const row of all) {
      const { key, value } = foldedRow(declaration, row, ids);
      if (key === row.key && value === row.value) continue;
      const other = key === row.key ? undefined : present.get(key);
      if (other !== undefined && !givesWay(declaration, other, value)) {
        drop.run(room.id, name, row.key);
        continue;
      }
      if (other !== undefined) drop.run(room.id, name, key);
      present.set(key, value);
      put.run(key, value, room.id, name, row.key);
    }
  }
}

/** Keeps the occupant-ids that change, with those they become: clients may name a person by the former one (`features/archive/known-ids.ts`). */
function noteFormerIds(db: Database, room: FoldedRoom, authors: Iterable<string>): void {
  const people = new Set<string>(authors);
  const found = db
    .prepare(
      'SELECT jid FROM affiliation WHERE room = @room UNION SELECT jid FROM occupant WHERE room = @room UNION SELECT jid FROM stay WHERE room = @room',
    )
    .pluck()
    .all({ room: room.id }) as string[];
  for (const jid of found) if (differs(jid) && jid.includes('@')) people.add(jid);
  const put = db.prepare('INSERT OR IGNORE INTO feature (room, feature, key, value) VALUES (?, ?, ?, ?)');
  for (const jid of people) {
    const present = occupantId(room, foldBare(jid));
    put.run(room.id, FORMER_IDS, occupantId(room, jid), JSON.stringify(present));
  }
}

/** Occupant-ids that change, with what they become. */
export function formerIds(db: Database, room: Pick<FoldedRoom, 'id'>): Map<string, string> {
  const rows = db.prepare('SELECT key, value FROM feature WHERE room = ? AND feature = ?').all(room.id, FORMER_IDS) as {
    key: string;
    value: string;
  }[];
  return new Map(rows.map(({ key, value }) => [key, JSON.parse(value) as string]));
}

export const differs = (jid: string): boolean => foldFull(jid) !== jid;
