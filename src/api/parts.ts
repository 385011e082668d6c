/** What the routes stand on: functions of the running program, each as narrow as it can be. A feature with routes of its own adds a part here. */
import type { Erasures } from '../admin/erasures';
import type { By } from '../room/contract/audit';
import type { Ask, Execute } from '../room/contract/commands';
import type { FindRooms } from '../service/pipeline/asks';
import type { Clock } from '../service/clock';
import type { Log, LogLevel } from '../log';
import type { Directory } from '../store/directory';
import type { Backups } from '../transfer/backups';
import type { Transfers } from '../transfer/contract';
import type { Tokens } from './tokens';
import type { BareJid, Domain } from '../xmpp/fold';

/** Text that is no JSON, with its media type: metrics. */
export interface PlainText {
  readonly text: string;
  readonly mediaType: string;
  /** HTTP status; 200 unless given. */
  readonly status?: number;
}

/** An answer that is sent as it is made. Nothing is gathered for who reads slowly. */
export interface StreamAnswer {
  readonly mediaType: string;
  readonly pieces: AsyncIterable<string>;
}

/** What came of reading the configuration again: keys that were taken, and keys that need a restart; or what is wrong with it, and nothing has changed. */
export type ReloadOutcome =
  { readonly taken: readonly string[]; readonly restart: readonly string[] } | { readonly mistakes: readonly string[] };

/** How the service is at the moment. */
interface ServiceState {
  readonly version: string;
  /** Whether the server takes us. */
  readonly attached: boolean;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

export interface ApiParts {
  /** The domain of the rooms. */
  readonly domain: Domain;
  /** That of the people on the server. */
  readonly serverDomain: Domain;
  readonly execute: Execute;
  readonly query: Ask;
  readonly findRooms: FindRooms;
  readonly directory: Pick<Directory, 'audit' | 'counts' | 'roomsAfter'>;
  readonly admins: readonly BareJid[];
  readonly clock: Clock;
  readonly log: Log;
  readonly tokens: Tokens;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly state: () => ServiceState;
  /** What programs that watch read at `/metrics`, `/healthz` and `/readyz`. */
  readonly watched: (path: '/metrics' | '/healthz' | '/readyz') => Promise<PlainText>;
  readonly backups: Pick<Backups, 'make' | 'list' | 'underWay'>;
  readonly logLevel: { readonly get: () => LogLevel; readonly set: (level: LogLevel) => void };
  /** Reads the configuration again; null: it came from no file. */
  readonly reload: (() => ReloadOutcome) | null;
  /** Takes rooms out and in, and people out. */
  readonly transfers: Transfers;
  /** Erases people from all rooms. */
  readonly erasures: Pick<Erasures, 'erase' | 'list'>;
  /** Ends the program, as a signal does. */
  readonly stop: () => void;
  /** Everybody is told that the service ends (§11.2); `stop` follows. */
  readonly shutDown: (by: By, reason?: string) => Promise<void>;
}
