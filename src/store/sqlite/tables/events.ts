/** Events as rows: written with what they tell of, read in order, removed when everybody has been told. */
import type { Database, Statement } from 'better-sqlite3';
import { foldedRow, withoutPerson, type StoredRow } from '../../../room/contract/declared-rows';
import { EVENTS, withoutWords, type EventRow, type EventValue } from '../../../room/contract/events';
import type { BareJid, RoomJid } from '../../../xmpp/fold';
import { eventBytes, type EventBounds, type EventEntry, type EventPage } from '../../events';

/** Events that are removed at a time: few, so that batches do not wait. */
const PER_STEP = 200;

interface Stored {
  readonly number: number;
  readonly value: string;
}

interface Sized extends Stored {
  readonly bytes: number;
}

export class EventWriter {
  private readonly add: Statement;
  private readonly saidIn: Statement;
  private readonly ofMessage: Statement;
  private readonly ofPerson: Statement;
  private readonly put: Statement;
  private readonly drop: Statement;
  private readonly move: Statement;
  private readonly cursors: Statement;
  private readonly putCursor: Statement;
  private readonly moveCursor: Statement;
  private readonly dropCursor: Statement;
  private readonly latest: Statement;
  private readonly told: Statement;
  private readonly old: Statement;
  private readonly kept: Statement;
  private readonly oldest: Statement;
  private readonly noteRemoved: Statement;

  constructor(db: Database) {
    this.add = db.prepare('INSERT INTO event (at, room, kind, person, message, bytes, value) VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.saidIn = db.prepare("SELECT number, value FROM event WHERE room = ? AND kind IN ('message', 'subject')");
    this.ofMessage = db.prepare('SELECT number, value FROM event WHERE message = ?');
    this.ofPerson = db.prepare('SELECT number, room, value FROM event WHERE person = @jid AND (@room IS NULL OR room = @room)');
    this.put = db.prepare('UPDATE event SET value = ?, message = NULL WHERE number = ?');
    this.drop = db.prepare('DELETE FROM event WHERE number = ?');
    this.move = db.prepare('UPDATE event SET room = @to WHERE room = @from AND at >= (SELECT created_at FROM room WHERE id = @id)');
    this.cursors = db.prepare('SELECT name, number FROM event_cursor');
    this.putCursor = db.prepare('INSERT INTO event_cursor (name, number) VALUES (?, ?)');
    this.moveCursor = db.prepare('UPDATE event_cursor SET number = ? WHERE name = ?');
    this.dropCursor = db.prepare('DELETE FROM event_cursor WHERE name = ?');
    this.latest = db.prepare("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)").pluck();
    const told = 'coalesce((SELECT min(number) FROM event_cursor), 9223372036854775807)';
    this.told = db.prepare(`SELECT number, value FROM event WHERE number <= ${told} ORDER BY number LIMIT ${PER_STEP}`);
    this.old = db.prepare(`SELECT number, value FROM (SELECT number, value, at FROM event ORDER BY number LIMIT ${PER_STEP}) WHERE at < ?`);
    this.kept = db.prepare('SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM event');
    this.oldest = db.prepare('SELECT number, value, bytes FROM event ORDER BY number LIMIT ?');
    this.noteRemoved = db.prepare('UPDATE event_removed SET up_to = max(up_to, ?)');
  }

  write(room: RoomJid, { at, kind, value }: EventRow): void {
    const json = JSON.stringify(value);
    const message = value.body === undefined ? null : (value.id ?? null);
    this.add.run(at, room, kind, value.jid ?? null, message, eventBytes(json), json);
  }

  /** The words of a message go from its events: overwritten byte for byte, as in messages, since copies could stay in unused space. */
  retract(message: string): void {
    this.silence(this.ofMessage.all(message) as Stored[]);
  }

  /** The room ends, or begins anew: nothing tells any more what was said in it. */
  clear(room: RoomJid): void {
    this.silence(this.saidIn.all(room) as Stored[]);
  }

  /** What tells of a person goes, in one room or (null) in all of them. */
  forget(room: RoomJid | null, jid: BareJid): void {
    const person = { jid, ids: new Set<string>(), nicks: new Set<string>() };
    for (const { number, room: key, value } of this.ofPerson.all({ room, jid }) as (Stored & { room: string })[]) {
      if (withoutPerson(EVENTS, { key, value: value.trimEnd() }, person) === null) this.remove([{ number, value }]);
    }
  }

  /** The events of the room with this number go with it to its new name; those of a room that had the name before stay. */
  rename(id: number, from: RoomJid, to: RoomJid): void {
    this.move.run({ id, from, to });
  }

  subscribe(names: readonly string[]): number[] {
    const known = new Map((this.cursors.all() as { name: string; number: number }[]).map(({ name, number }) => [name, number]));
    for (const name of known.keys()) if (!names.includes(name)) this.dropCursor.run(name);
    return names.map((name) => {
      const before = known.get(name);
      if (before !== undefined) return before;
      const latest = this.latest.get() as number;
      this.putCursor.run(name, latest);
      return latest;
    });
  }

  /** Also removes a few of those that everybody has been told by now: else they would gather until somebody looks. */
  noteCursor(name: string, number: number): void {
    this.moveCursor.run(number, name);
    this.remove(this.told.all() as Stored[]);
  }

  /** True if there may be more. */
  bound({ before, rows, bytes }: EventBounds): boolean {
    const told = this.told.all() as Stored[];
    this.remove(told);
    if (told.length === PER_STEP) return true;
    const old = this.old.all(before) as Stored[];
    if (old.length > 0) return this.giveUp(old);
    const kept = this.kept.get() as { rows: number; bytes: number };
    if (kept.rows <= rows && kept.bytes <= bytes) return false;
    const over = tooMany(this.oldest.all(PER_STEP) as Sized[], kept.rows - rows, kept.bytes - bytes);
    return this.giveUp(over);
  }

  /** Removes what somebody has not been told. */
  private giveUp(events: readonly Stored[]): true {
    this.remove(events);
    this.noteRemoved.run(events.at(-1)?.number ?? 0);
    return true;
  }

  private remove(events: readonly Stored[]): void {
    for (const { number, value } of events) {
      this.put.run(blanked(value, '{}'), number);
      this.drop.run(number);
    }
  }

  private silence(events: readonly Stored[]): void {
    for (const { number, value } of events) {
      const left = JSON.stringify(withoutWords(JSON.parse(value) as EventValue));
      this.put.run(blanked(value, left), number);
    }
  }
}

/** The first of these, as many as are too many by number and by bytes. */
function tooMany(oldest: readonly Sized[], rows: number, bytes: number): readonly Stored[] {
  let [count, left] = [0, bytes];
  for (const event of oldest) {
    if (count >= rows && left <= 0) break;
    left -= event.bytes;
    count++;
  }
  return oldest.slice(0, count);
}

/** A shorter text with blanks up to the bytes of the longer. */
const blanked = (before: string, after: string): string =>
  after + ' '.repeat(Math.max(0, Buffer.byteLength(before) - Buffer.byteLength(after)));

/** The next events behind a number. */
export function readEvents(db: Database, number: number, limit: number, bytes: number): EventPage {
  const removedUpTo = db.prepare('SELECT up_to FROM event_removed').pluck().get() as number;
  const rows = db
    .prepare<[number, number, number], Omit<EventEntry, 'value'> & { value: string }>(
      `SELECT number, at, room, kind, value FROM (SELECT *, sum(bytes) OVER (ORDER BY number) - bytes AS sofar FROM
       (SELECT * FROM event WHERE number > ? ORDER BY number LIMIT ?)) WHERE sofar < ? ORDER BY number`,
    )
    .all(number, limit, bytes);
  const events = rows.map(({ value, ...rest }): EventEntry => ({ ...rest, value: JSON.parse(value) as EventValue }));
  return { events, removedUpTo };
}

/** Brings the addresses in events to the present fold. `idOf`: the occupant-id that somebody has in a room, by their folded address, who had this one. */
export function foldEvents(db: Database, idOf: (room: string, jid: string, former: string) => string): void {
  const rows = db.prepare('SELECT number, room, value FROM event WHERE folded(room) <> room OR folded(person) <> person ORDER BY number');
  const put = db.prepare('UPDATE event SET room = ?, value = ?, person = folded(person) WHERE number = ?');
  for (const { number, room, value } of rows.all() as { number: number; room: string; value: string }[]) {
    const before: StoredRow = { key: room, value: value.trimEnd() };
    const { jid, occupantId } = JSON.parse(value) as EventValue;
    const ids = new Map(jid && occupantId !== undefined ? [[occupantId, idOf(room, jid, occupantId)]] : []);
    const after = foldedRow(EVENTS, before, ids);
    put.run(after.key, blanked(value, after.value), number);
  }
}
