/** Erases messages that are expired, by age or by number, in small steps. */
import type { RoomJid } from '../../../xmpp/fold';
import type { Database, Statement } from 'better-sqlite3';
import { boundInForce } from '../../../room/configuring/retention';
import type { RetentionStep } from '../../maintenance';
import { BYTES_PER_STEP, Removal, type OldMessage } from './removal';

/** Rooms looked at in one step: each costs a seek into the archive's index or two. */
const ROOMS_PER_STEP = 100;
/** Rows erased in one step, however many are asked for: each takes half a millisecond, most of it for its words, and batches wait. */
const ROWS_PER_STEP = 25;
/** Pages given back to the file system after a step that erased something. */
const PAGES_PER_STEP = 64;
const DAY_MS = 86_400_000;

interface RoomBounds {
  readonly id: number;
  readonly jid: RoomJid;
  readonly keepDays: number | null;
  readonly keepMessages: number | null;
  readonly seq: number;
  readonly deliveredRev: number;
}

export class Retainer {
  private readonly rooms: Statement;
  private readonly oldest: Statement;
  private readonly forgetStays: Statement;
  private readonly removal: Removal;

  constructor(private readonly db: Database) {
    this.rooms = db.prepare(
      `SELECT id, jid, keep_days AS keepDays, keep_messages AS keepMessages, seq, delivered_rev AS deliveredRev
       FROM room JOIN counters ON counters.room = room.id WHERE jid > ? ORDER BY jid LIMIT ?`,
    );
    // Number, rev and time rise together: expired messages are at the beginning.
    this.oldest = db.prepare(
      `SELECT time.id, time.room, time.stamp, time.seq, rev, octet_length(message.payload) AS bytes FROM message_time AS time CROSS JOIN message ON message.id = time.id
       WHERE time.room = ? ORDER BY time.stamp, time.seq`,
    );
    this.forgetStays = db.prepare('DELETE FROM stay WHERE room = ? AND end_seq <= ?');
    this.removal = new Removal(db);
  }

  /** One step, in a transaction of its own. SQLite's errors pass through, and then nothing is erased. */
  step(step: RetentionStep): { next: RoomJid | '' | null; erased: number } {
    const answer = this.db.transaction(() => this.walk(step)).immediate();
    if (answer.erased > 0) this.db.pragma(`incremental_vacuum(${PAGES_PER_STEP})`);
    return answer;
  }

  private walk(step: RetentionStep): { next: RoomJid | '' | null; erased: number } {
    const rooms = this.rooms.all(step.after, ROOMS_PER_STEP) as RoomBounds[];
    const left = { rows: Math.min(step.budget, ROWS_PER_STEP), bytes: BYTES_PER_STEP };
    let erased = 0;
    let next = step.after;
    for (const room of rooms) {
      const over = this.over(room, step, left);
      erased += this.erase(room.id, over);
      // There may be more: look again.
      if (left.rows <= 0 || left.bytes <= 0) return { next, erased };
      next = room.jid;
    }
    return { next: rooms.length < ROOMS_PER_STEP ? null : next, erased };
  }

  /** As many of the room's expired messages as are left to do, the oldest first. */
  private over(room: RoomBounds, { now, days, messages }: RetentionStep, left: { rows: number; bytes: number }): OldMessage[] {
    const age = boundInForce(room.keepDays, days);
    const count = boundInForce(room.keepMessages, messages);
    if (age === null && count === null) return [];
    const before = age === null ? -Infinity : now - age * DAY_MS;
    const upTo = count === null ? -Infinity : room.seq - count;
    const indexed = this.removal.upTo();
    const over: OldMessage[] = [];
    for (const row of this.oldest.iterate(room.id) as IterableIterator<OldMessage & { readonly rev: number }>) {
      const kept = (row.stamp >= before && row.seq > upTo) || row.rev > room.deliveredRev || row.id > indexed;
      if (kept) break;
      over.push(row);
      left.rows -= 1;
      left.bytes -= row.bytes;
      if (left.rows <= 0 || left.bytes <= 0) break;
    }
    return over;
  }

  private erase(room: number, over: readonly OldMessage[]): number {
    const last = over.at(-1);
    if (!last) return 0;
    this.removal.messages(over);
    // Nothing is left that these could open.
    this.forgetStays.run(room, last.seq);
    return over.length;
  }
}
