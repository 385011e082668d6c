/** A full JID that is gone: taken out of every room it is in. */
import type { FullJid, RoomJid } from '../xmpp/fold';
import type { Store } from '../store/store';
import type { Clock } from './clock';
import type { Log } from './log';
import type { Rooms } from './rooms';

export interface GoneOptions {
  readonly store: Pick<Store, 'roomsOf'>;
  readonly rooms: Pick<Rooms, 'input' | 'pipeline'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retryMs: number;
}

export class Gone {
  /** Being looked up: a crowd's worth of bounces comes at once. */
  private readonly lookups = new Set<string>();

  constructor(private readonly options: GoneOptions) {}

  /** `text` is what its server said. Rooms count that have it committed, or had its join uncommitted when the news came. */
  gone(jid: FullJid, text: string): void {
    if (this.lookups.has(jid)) return;
    this.lookups.add(jid);
    // Taken before the store is asked: its reader may not see what is committed in between.
    this.look(jid, text, this.options.rooms.pipeline.joining(jid));
  }

  private look(jid: FullJid, text: string, joining: readonly RoomJid[]): void {
    const { store, rooms, clock, log, retryMs } = this.options;
    store.roomsOf(jid).then(
      (stored) => {
        this.lookups.delete(jid);
        for (const room of new Set([...stored, ...joining])) rooms.input(room, { kind: 'gone', jid, text }, 0);
      },
      (error: unknown) => {
        log.error({ err: error }, 'the rooms of a session that is gone could not be read');
        clock.after(retryMs, () => {
          this.look(jid, text, joining);
        });
      },
    );
  }
}
