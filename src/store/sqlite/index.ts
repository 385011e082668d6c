/** The way into the SQLite store. */
import type { Copies } from '../copies';
import type { Store } from '../store';
import { SqliteStore, type SqliteStoreOptions } from './sqlite-store';

export { changeDomain } from './changing-domain';
export { eraseAgain } from './erasing-again';
export type { ErasedSince } from './erased-since';
export { roomWarning } from './disk-room';
export { previewFold } from './folding/copy';
export { integrityFaults } from './integrity';
export { isHeld } from './lock';
export { lookAt } from './looking';
export { realFile } from './real-file';
export { restoreDatabase, type Restored } from './restoring';
export type { SqliteStoreOptions, StoreLog } from './sqlite-store';

/** A store on the SQLite file at `options.path`. Nothing is touched before `open()`. */
export function openSqliteStore(options: SqliteStoreOptions): Store & Copies {
  return new SqliteStore(options);
}
