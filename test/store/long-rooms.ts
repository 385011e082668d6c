/** A store with one room in which much was said, all of it indexed unless that is not wanted. */
import type { ArchiveAnswer, ArchiveFilter, ArchivePaging } from '../../src/room/contract/archive-query';
import type { MessageRow } from '../../src/room/contract/rows';
import type { SqliteStoreOptions } from '../../src/store/sqlite/options';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store';
import type { Store } from '../../src/store/store';
import { indexed, said } from './archive-conformance';
import { batch, create } from './batches';
import { TempDatabase } from './temp';
import { asRoom } from '../support/jids';
import { asOccupantId } from '../support/ids';

const AT_ONCE = 500;

/** `like`: what is special about a message, by its number. */
export async function storeWith(
  room: string,
  count: number,
  like: (seq: number) => Partial<MessageRow>,
  options: Partial<SqliteStoreOptions> = {},
  state: 'indexed' | 'unfilled' = 'indexed',
): Promise<{ store: SqliteStore; rows: MessageRow[]; dispose: () => Promise<void> }> {
  const database = new TempDatabase();
  const store = await database.open({ durability: 'normal', ...options });
  await store.commit(batch(1, { room, changes: [create(room)] }));
  const rows = Array.from({ length: count }, (_, i) =>
    said(i + 1, `message ${i + 1}`, { occupantId: asOccupantId('occ'), ...like(i + 1) }),
  );
  for (let at = 0; at < count; at += AT_ONCE) await store.commit(batch(2 + at / AT_ONCE, { room, messages: rows.slice(at, at + AT_ONCE) }));
  if (state === 'indexed') await indexed(store);
  return { store, rows, dispose: () => database.dispose() };
}

export function matchingRows(
  store: Store,
  room: string,
  filter: Partial<ArchiveFilter>,
  paging: Partial<ArchivePaging>,
): Promise<ArchiveAnswer> {
  return store.archive(asRoom(room), { want: 'page', filter: { upToSeq: Infinity, ...filter }, paging: { max: 100, ...paging } });
}
