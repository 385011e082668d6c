/** The way into the SQLite store. */
import type { Copies } from '../copies';
import type { Store } from '../store';
import type { SqliteStoreOptions } from './options';
import { SqliteStore } from './sqlite-store';

export { changeDomain } from './files/changing-domain';
export { eraseAgain } from './copies/erasing-again';
export type { ErasedSince } from './copies/erased-since';
export { roomWarning } from './files/disk-room';
export { previewFold } from './folding/copy';
export { integrityFaults } from './files/integrity';
export { isHeld } from './files/lock';
export { lookAt } from './files/looking';
export { realFile } from './files/real-file';
export { restoreDatabase, type Restored } from './copies/restoring';
export type { SqliteStoreOptions, StoreLog } from './options';

/** A store on the SQLite file at `options.path`. Nothing is touched before `open()`. */
export function openSqliteStore(options: SqliteStoreOptions): Store & Copies {
  return new SqliteStore(options);
}
