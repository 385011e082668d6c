/** A full JID that is gone: taken out of every room it is in. */
import type { FullJid, RoomJid } from '../../xmpp/fold';
import type { Directory } from '../../store/directory';
import type { Clock } from '../clock';
import { Gate } from '../budget/gate';
import type { Log } from '../../log';
import type { Rooms } from '../life/rooms';
import { pauseAfter, Setback } from '../setback';
import { allRooms } from '../pages';

export interface GoneOptions {
  readonly store: Pick<Directory, 'roomsOf'>;
  readonly rooms: Pick<Rooms, 'input' | 'pipeline'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retryMs: number;
}

/** Look-ups at the same time: of sessions that are known to be in a room, and of others. */
const MOST_READS = 4;
const MOST_STRAY_READS = 1;
/** Others that wait for that; further ones are dropped, and found by the next message to them or the next round of verification. */
const MOST_STRAYS = 1_000;

export class Gone {
  /** Being looked up: a crowd's worth of bounces comes at once. There are no more known ones than sessions. */
  private readonly lookups = new Map<FullJid, 'known' | 'stray'>();
  private strays = 0;
  // Whoever is in a room waits behind nobody who was made up.
  private readonly gates = { known: new Gate(MOST_READS), stray: new Gate(MOST_STRAY_READS) };

  private readonly setback: Setback;

  constructor(private readonly options: GoneOptions) {
    this.setback = new Setback(options.log, options.retryMs);
  }

  /**
   * `text` is what its server said. The session is removed from rooms whose rows have it, and from rooms whose commit of its join was under way.
   * `known`: it is in a room. Others may be dropped if there are many.
   */
  gone(jid: FullJid, text: string, known: boolean): void {
    const before = this.lookups.get(jid);
    if (before === 'known' || (before === 'stray' && !known)) return;
    if (!known && this.strays >= MOST_STRAYS) return;
    if (!known) this.strays++;
    const kind = known ? 'known' : 'stray';
    this.lookups.set(jid, kind);
    // Taken before the store is asked: its reader may not see what is committed in between.
    void this.look(jid, text, kind, this.options.rooms.pipeline.joining(jid));
  }

  private async look(jid: FullJid, text: string, kind: 'known' | 'stray', joining: readonly RoomJid[], failures = 0): Promise<void> {
    const { store, rooms, clock, retryMs } = this.options;
    let stored: readonly RoomJid[];
    try {
      stored = await allRooms((after, limit) => this.gates[kind].run(() => store.roomsOf(jid, after, limit)));
    } catch (error) {
      // Each of many at once has a pause of its own; the log has one line for all.
      this.setback.failed('sessions.unreadable', error, 'the rooms of a session that is gone could not be read');
      clock.after(pauseAfter(retryMs, failures), () => void this.look(jid, text, kind, joining, failures + 1));
      return;
    }
    this.setback.worked('the rooms of sessions that are gone can be read again');
    if (kind === 'stray') this.strays--;
    if (this.lookups.get(jid) === kind) this.lookups.delete(jid);
    for (const room of new Set([...stored, ...joining])) rooms.input(room, { kind: 'gone', jid, text }, 0);
  }
}
