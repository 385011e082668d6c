/** The end of the service (§11.2), announced to everybody in every room. A restart is not announced. */
import type { RoomJid } from '../xmpp/fold';
import type { By } from '../room/contract/audit';
import type { Directory } from '../store/directory';
import type { Clock } from './clock';
import type { Log } from '../log';
import type { Rooms } from './life/rooms';

/** Occupied rooms read at a time. */
const PAGE = 500;
/** Rooms told at the same time: each may have to be loaded first. */
const AT_ONCE = 50;
/** How often rooms that could not be told are tried, `retryMs` apart. */
const ATTEMPTS = 5;

export interface ShutDownOptions {
  readonly store: Pick<Directory, 'occupiedAfter'>;
  readonly rooms: Pick<Rooms, 'close' | 'slots' | 'execute'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly retryMs: number;
}

/**
 * Stops entering and speaking, and removes everybody from every room. Resolves when that is committed, or, if the store
 * does not save, after the last retry; rooms that could not be told are logged.
 */
export async function shutDownRooms(options: ShutDownOptions, by: By, reason: string | undefined): Promise<void> {
  const { rooms, clock, log, retryMs } = options;
  rooms.close();
  // A room that is awake or being loaded may have somebody whom the store does not know yet.
  let todo = new Set(rooms.slots.keys());
  try {
    await addOccupied(options.store, todo);
  } catch (error) {
    log.error(
      { event: 'shut-down.incomplete', err: error },
      'the rooms with people in them could not be read; only those awake are told of the end',
    );
  }
  const count = todo.size;
  for (let attempt = 1; todo.size > 0 && attempt <= ATTEMPTS; attempt++) {
    if (attempt > 1) await new Promise<void>((resolve) => clock.after(retryMs, resolve));
    todo = await tellAll(options, todo, by, reason);
  }
  if (todo.size > 0)
    log.error(
      { event: 'shut-down.incomplete', rooms: [...todo].slice(0, 20), count: todo.size },
      'some rooms could not be told of the shutdown',
    );
  log.info({ event: 'shut-down.finished', rooms: count - todo.size }, 'all rooms were told of the shutdown');
}

async function addOccupied(store: Pick<Directory, 'occupiedAfter'>, to: Set<RoomJid>): Promise<void> {
  for (let after: RoomJid | '' = ''; ;) {
    const page = await store.occupiedAfter(after, PAGE);
    for (const room of page) to.add(room);
    const last = page.at(-1);
    if (last === undefined) return;
    after = last;
  }
}

/** Answers the rooms that could not be told. */
async function tellAll({ rooms }: ShutDownOptions, todo: ReadonlySet<RoomJid>, by: By, reason: string | undefined): Promise<Set<RoomJid>> {
  const command = { name: 'shut-down', ...(reason === undefined ? {} : { reason }) } as const;
  const all = [...todo];
  const failed = new Set<RoomJid>();
  for (let i = 0; i < all.length; i += AT_ONCE) {
    await Promise.all(
      all.slice(i, i + AT_ONCE).map(async (room) => {
        const outcome = await rooms.execute({ actor: by, room, command });
        if (!outcome.ok && outcome.error.condition !== 'item-not-found') failed.add(room);
      }),
    );
  }
  return failed;
}
