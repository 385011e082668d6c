/** Erases in a database what another one, of a later time, has erased: for one that was restored from a backup, while no Parlour runs on it. */
import { existsSync } from 'node:fs';
import type { By } from '../../../room/contract/audit';
import type { RowDeclaration } from '../../../room/contract/row-declaration';
import type { Change, Counters, Millis, RoomRows } from '../../../room/contract/rows';
import type { Domain, RoomJid } from '../../../xmpp/fold';
import { StoreFailed, StoreRefused } from '../../failures';
import { emptyColumns, type Batch, type Claim } from '../../room-store';
import { erasedSince, NotComparable, type ErasedSince } from './erased-since';
import { failed, messageOf } from '../failure';
import { requireReadable } from '../files/readable';
import { SqliteStore } from '../sqlite-store';

export interface EraseAgainOrder {
  /** The database. */
  readonly path: string;
  /** The later one. */
  readonly later: string;
  /** That of the rooms. */
  readonly domain: Domain;
  /** What features keep. */
  readonly rows: readonly RowDeclaration[];
  readonly now: Millis;
  /** Asked before anything is erased, with what is to be; what it throws ends it. Nobody else opens the database meanwhile. */
  readonly agree: (since: ErasedSince) => Promise<void>;
}

/** Who asks for people to be erased: whoever gives the command. */
const BY_COMMAND: By = { kind: 'operator', name: 'parlour erase-again', face: 'command-line' };

/** Retractions of one transaction. */
const AT_ONCE = 100;

/**
 * What came after the restore stays, but for what is said in a room that is to be destroyed, or by somebody who is to be erased. Messages are retracted, archives trimmed and rooms removed when this returns. People are noted: the service erases them from its next start on. Nothing is told to anybody in rooms: they
 * know it. Running it again does what is left. Throws StoreRefused and StoreFailed, and what `agree` throws.
 */
export async function eraseAgain({ path, later, domain, rows, now, agree }: EraseAgainOrder): Promise<ErasedSince> {
  requireReadable(later, 'The database', `There is no database "${later}". Name the one that was replaced.`);
  if (!existsSync(path)) throw new StoreRefused('unreadable', `There is no database "${path}" in which something could be erased.`);
  // Opening brings it up to date.
  const store = new SqliteStore({ path, rows, domain });
  await store.open();
  try {
    const since = compared(path, later);
    await agree(since);
    const writer = new RoomWriter(store, await store.lastBatch());
    for (const { room, upToSeq } of since.trimmed)
      await writer.write(room, ({ room: row }) => [{ table: 'room', row: { ...row, archiveFrom: Math.max(row.archiveFrom, upToSeq) } }]);
    for (const { room, messages } of since.retracted) {
      for (let at = 0; at < messages.length; at += AT_ONCE)
        await writer.write(room, () => messages.slice(at, at + AT_ONCE).map((message): Change => ({ table: 'retraction', ...message })));
    }
    for (const room of since.rooms) {
      await writer.write(room, ({ room: row, counters }) => [
        {
          table: 'room',
          row: { ...row, state: 'destroyed', listed: false, subject: null, tombstone: null, deadline: null, archiveFrom: counters.seq },
        },
        { table: 'clear' },
      ]);
    }
    for (const jid of since.people)
      await store.noteErasure(jid, { jid, askedBy: BY_COMMAND, askedAt: now, after: '', rooms: 0, messages: 0, failed: 0 });
    return since;
  } finally {
    await store.close();
  }
}

const refusals: Readonly<Record<NotComparable['reason'], (path: string, later: string) => string>> = {
  unmarked: (path) =>
    `Nothing was erased: the database "${path}" does not say which of its rooms and messages come from a backup. None was restored in it, or by an earlier version of Parlour: restore the backup with this one, which says what was erased since.`,
  stranger: (path, later) =>
    `Nothing was erased: the database "${later}" did not go on from the backup that was restored in "${path}". Name the one that was replaced then, not an older backup.`,
};

function compared(path: string, later: string): ErasedSince {
  try {
    return erasedSince(path, later, 'restored');
  } catch (error) {
    if (error instanceof NotComparable) throw new StoreRefused('unreadable', refusals[error.reason](path, later), { cause: error });
    const known = failed(error, later);
    throw known instanceof StoreFailed
      ? known
      : new StoreRefused('unreadable', `"${later}" cannot be compared with the database. (${messageOf(error)})`, { cause: error });
  }
}

class RoomWriter {
  constructor(
    private readonly store: SqliteStore,
    private number: number,
  ) {}

  /** One transaction over one room. Everything that it says, it has said. */
  async write(room: RoomJid, changesOf: (rows: RoomRows) => Change[]): Promise<void> {
    const { rows, token } = await this.store.claim(room);
    try {
      if (!rows) return;
      const [refused] = await this.store.commit(
        this.batch(room, token, { ...rows.counters, deliveredRev: rows.counters.rev }, changesOf(rows)),
      );
      if (refused) throw new StoreFailed('unavailable', `Nothing could be erased again in ${room}: ${refused.detail}.`);
    } finally {
      await this.store.release(room);
    }
  }

  private batch(
    room: RoomJid,
    token: Claim['token'],
    { rev, deliveredRev, seq, stamp, used }: Counters,
    changes: readonly Change[],
  ): Batch {
    const number = ++this.number;
    return {
      number,
      knows: number - 1,
      rooms: [room],
      tokens: [token],
      counters: { rev: [rev], deliveredRev: [deliveredRev], seq: [seq], stamp: [stamp], used: [used] },
      changes: [changes],
      messages: emptyColumns(),
    };
  }
}
