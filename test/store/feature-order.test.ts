/** Rows of a feature come back in the order in which they were first set (C5). */
import type { Change } from '../../src/room/contract/rows';
import { batch, create } from './batches';
import { TempDatabase } from './temp';
import { asRoom } from '../support/jids';

const ROOM = asRoom('a@r');
const set = (feature: string, key: string, value: string | null = '1'): Change => ({ table: 'feature', feature, key, value });

test('found C5: in the order of insertion, over batches and restarts; a changed one keeps its place, a removed one loses it', async () => {
  const database = new TempDatabase();
  try {
    let store = await database.open({ durability: 'normal' });
    await store.commit(batch(1, { room: ROOM, changes: [create(ROOM), set('f', 'zoe'), set('f', 'mia'), set('g', 'x')] }));
    await store.commit(batch(2, { room: ROOM, changes: [set('f', 'bea'), set('f', 'zoe', '2'), set('f', 'mia', null)] }));
    await store.close();
    store = await database.open({ durability: 'normal' });
    await store.commit(batch(3, { room: ROOM, changes: [set('f', 'ann'), set('f', 'mia')] }));
    const { rows } = await store.claim(ROOM);
    expect(rows?.features.filter(({ feature }) => feature === 'f').map(({ key, value }) => `${key} ${value}`)).toEqual([
      'zoe 2',
      'bea 1',
      'ann 1',
      'mia 1',
    ]);
  } finally {
    await database.dispose();
  }
});
