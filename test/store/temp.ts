/** A temporary folder with one database in it, and the stores opened on it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFeatures } from '../../src/features';
import { LIMITS } from '../room/limits';
import type { SqliteStoreOptions } from '../../src/store/sqlite/options';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store';

/** What features keep. */
export const ROWS = [...createFeatures(LIMITS).rows.values()];

export class TempDatabase {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'parlour-store-'));
  readonly file = path.join(this.folder, 'parlour.db');
  private readonly stores: SqliteStore[] = [];

  /** Opens a store on the file; closed by `dispose` if not before. */
  async open(options: Partial<SqliteStoreOptions> = {}): Promise<SqliteStore> {
    const store = new SqliteStore({ path: this.file, rows: ROWS, ...options });
    this.stores.push(store);
    await store.open();
    return store;
  }

  async dispose(): Promise<void> {
    for (const store of this.stores) await store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The last store opened on it, as the conformance suite wants it. */
export async function sqliteBench(): Promise<{ store: SqliteStore; reopen: () => Promise<SqliteStore>; dispose: () => Promise<void> }> {
  const database = new TempDatabase();
  const store = await database.open({ durability: 'normal' });
  return {
    store,
    reopen: async () => {
      await store.close();
      return database.open({ durability: 'normal' });
    },
    dispose: () => database.dispose(),
  };
}
