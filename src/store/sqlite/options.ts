/** With what a SqliteStore is opened. */
import type { Log } from '../../log';
import type { RowDeclaration } from '../../room/contract/row-declaration';
import type { Millis } from '../../room/contract/rows';
import type { Domain } from '../../xmpp/fold';
import type { ReadBounds } from './messages/budget';
import type { FillBounds } from './writing/fillers';

/** The part of a logger that the store uses (pino's has it). */
export type StoreLog = Pick<Log, 'info' | 'warn'>;

export interface SqliteStoreOptions {
  /** The database file; made if it is not there. */
  readonly path: string;
  /** `full` (default): commits survive power loss. `normal`: they survive the end of the process only. */
  readonly durability?: 'full' | 'normal';
  readonly log?: StoreLog;
  /** Milliseconds to wait when another program (a backup, a shell) has locked the database. Default 5000. */
  readonly busyTimeout?: number;
  readonly now?: () => Millis;
  /**
   * Milliseconds: other processes may have the database open too, and a room is claimed by one of them, whose claims end so long after it last renewed them.
   * Left out: the database is locked, and all of it claimed, as long as the store is open.
   */
  readonly lease?: Millis;
  /** That of the rooms: a database whose rooms are all of another one is refused. Left out: any will do. */
  readonly domain?: Domain;
  /** All threads are started by `open()`, so that nobody's first question waits for one. Left out: one reader has all questions and starts with the first, as commands and tests want it, which ask little. */
  readonly ready?: boolean;
  /** What features keep in rows: their addresses are folded by it. */
  readonly rows?: readonly RowDeclaration[];
  /** How many messages gather before batches help to index them. For tests. */
  readonly fillBounds?: FillBounds;
  /** What a query of an archive may cost. For tests. */
  readonly readBounds?: ReadBounds;
  /** Other scripts for the threads: for tests of how they fail. */
  readonly threads?: { readonly writer?: string; readonly reader?: string; readonly fault?: unknown };
}
