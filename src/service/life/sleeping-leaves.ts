/**
 * Unavailable presence to rooms that are not in memory. It cannot be refused, and must not be lost; but whoever sends it need not be in such a room, and
 * to load one for each would be work for nothing. So the store is asked once in which rooms the session is, and only those get it.
 */
import type { StanzaInput } from '../../room/contract/machine';
import type { Directory } from '../../store/directory';
import type { FullJid, RoomJid } from '../../xmpp/fold';
import { bareOf } from '../../xmpp/jid';
import type { Clock } from '../clock';
import { FairQueue } from '../pipeline/fair-queue';
import type { Log } from '../../log';
import { memoryOf, withoutContent } from '../budget/refusals';
import { allRooms } from '../pages';

/** Look-ups at the same time. */
const MOST_READS = 2;
/** Sessions that wait for one, in all and of one account; rooms that one of them may leave meanwhile. */
const MOST_SESSIONS = 10_000;
const MOST_OF_ACCOUNT = 1_000;
const MOST_ROOMS = 1_000;
/** Bytes of all that waits; beyond that it waits without what its sender says besides. */
const MOST_BYTES = 1024 * 1024;

/** One that waits. */
interface Leave {
  readonly room: RoomJid;
  readonly input: StanzaInput;
  /** In memory. */
  readonly bytes: number;
}

export interface SleepingLeavesOptions {
  readonly store: Pick<Directory, 'roomsOf'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retryMs: number;
  /** With whom an account shares its turns: its domain, or itself. */
  readonly groupOf: (jid: FullJid) => string;
  /** The session is in that room: it leaves now. */
  readonly leave: (room: RoomJid, input: StanzaInput, bytes: number) => void;
}

export class SleepingLeaves {
  /** By session, then by room, what waits to be looked up. */
  private readonly waiting = new Map<FullJid, Map<RoomJid, Leave>>();
  /** The same by session, of what is being looked up: what comes meanwhile is looked up anew. */
  private readonly asked = new Map<FullJid, Map<RoomJid, Leave>>();
  /** Sessions by room, of both. */
  private readonly byRoom = new Map<RoomJid, Set<FullJid>>();
  private readonly turns = new FairQueue<FullJid>({ most: MOST_SESSIONS, mostOfOne: MOST_OF_ACCOUNT });
  private bytes = 0;
  private running = 0;
  private told = false;

  constructor(private readonly options: SleepingLeavesOptions) {}

  add(room: RoomJid, input: StanzaInput, bytes: number): void {
    const { from } = input;
    let rooms = this.waiting.get(from);
    if (rooms?.has(room) || this.asked.get(from)?.has(room)) return;
    if (rooms && rooms.size >= MOST_ROOMS) return this.drop(from);
    if (!rooms) this.waiting.set(from, (rooms = new Map<RoomJid, Leave>()));
    const memory = memoryOf(input, bytes);
    const kept = this.bytes + memory <= MOST_BYTES;
    const leave: Leave = { room, bytes: kept ? memory : 0, input: kept ? input : (withoutContent(input) as StanzaInput) };
    rooms.set(room, leave);
    this.bytes += leave.bytes;
    const there = this.byRoom.get(room);
    if (there) there.add(from);
    else this.byRoom.set(room, new Set([from]));
    if (rooms.size === 1 && !this.asked.has(from)) this.enqueue(from);
  }

  /** What waits for a room that is loaded for another reason: it goes before what loads it. */
  take(room: RoomJid): readonly Leave[] {
    const sessions = this.byRoom.get(room);
    if (!sessions) return [];
    const leaves: Leave[] = [];
    for (const session of sessions) {
      const leave = this.asked.get(session)?.get(room) ?? this.waiting.get(session)?.get(room);
      this.forget(session, room);
      if (leave) leaves.push(leave);
    }
    return leaves;
  }

  private enqueue(session: FullJid): void {
    const dropped = this.turns.add(this.options.groupOf(session), bareOf(session), session);
    if (dropped !== undefined) {
      for (const room of [...(this.waiting.get(dropped)?.keys() ?? [])]) this.forget(dropped, room);
      this.waiting.delete(dropped);
      this.drop(dropped);
    }
    this.next();
  }

  private next(): void {
    while (this.running < MOST_READS) {
      const session = this.turns.next();
      if (session === undefined) return;
      // What came meanwhile gets its turn behind the answer.
      if (this.asked.has(session)) continue;
      const rooms = this.waiting.get(session);
      this.waiting.delete(session);
      if (!rooms || rooms.size === 0) continue;
      this.asked.set(session, rooms);
      this.running++;
      void this.look(session, rooms);
    }
  }

  private async look(session: FullJid, rooms: ReadonlyMap<RoomJid, Leave>): Promise<void> {
    const { store, clock, log, retryMs, leave } = this.options;
    let stored: readonly RoomJid[];
    try {
      stored = await allRooms((after, limit) => store.roomsOf(session, after, limit));
    } catch (error) {
      log.error({ event: 'sessions.unreadable', err: error }, 'the rooms of a session that leaves could not be read');
      clock.after(retryMs, () => void this.look(session, rooms));
      return;
    }
    const due: Leave[] = [];
    for (const room of stored) {
      const one = rooms.get(room);
      if (one) due.push(one);
    }
    for (const room of [...rooms.keys()]) this.forget(session, room);
    this.asked.delete(session);
    this.running--;
    for (const { room, input, bytes } of due) leave(room, input, bytes);
    if (this.waiting.has(session)) this.enqueue(session);
    this.next();
  }

  private forget(session: FullJid, room: RoomJid): void {
    for (const by of [this.asked, this.waiting]) {
      const rooms = by.get(session);
      this.bytes -= rooms?.get(room)?.bytes ?? 0;
      rooms?.delete(room);
    }
    const sessions = this.byRoom.get(room);
    sessions?.delete(session);
    if (sessions?.size === 0) this.byRoom.delete(room);
  }

  /** Whoever is in a room all the same is found when the next message to them comes back. The log says so once. */
  private drop(session: FullJid): void {
    if (!this.told)
      this.options.log.warn(
        { event: 'sessions.many-leave', jid: session },
        'too many sessions leave rooms that are not in memory; some are found by what comes back',
      );
    this.told = true;
  }
}
