import { StoreFailed } from '../../src/store/failures';
import { MemoryDisk, MemoryStore } from '../support/memory-store';
import { batch, create, message } from './batches';
import { runArchiveConformance } from './archive-conformance';
import { runClaimsConformance } from './claims-conformance';
import { runStoreConformance, type Bench } from './conformance';
import { runEventsConformance } from './events-conformance';
import { runMovingConformance } from './moving-conformance';
import { asRoom } from '../support/jids';

const memoryBench = (): Promise<Bench> => {
  const store = new MemoryStore();
  const reopen = async (): Promise<MemoryStore> => {
    await store.close();
    return new MemoryStore(store.disk);
  };
  return Promise.resolve({ store, reopen, dispose: () => store.close() });
};

runStoreConformance('the store in memory', memoryBench);
runEventsConformance('the store in memory', memoryBench);
runArchiveConformance('the store in memory', memoryBench);
runMovingConformance('the store in memory', memoryBench);
runClaimsConformance('the store in memory', () => {
  const disk = new MemoryDisk();
  const [one, other] = [new MemoryStore(disk, true), new MemoryStore(disk, true)];
  return Promise.resolve({
    one,
    other,
    expire: () => Promise.resolve(one.expire()),
    dispose: async () => {
      await one.close();
      await other.close();
    },
  });
});

describe('the store in memory, told what to do', () => {
  const A = asRoom('a@rooms.example.org');
  let store: MemoryStore;
  beforeEach(() => (store = new MemoryStore()));

  test('a held commit is not in until it is let go', async () => {
    store.hold();
    const commit = store.commit(batch(1, { room: A, changes: [create(A)] }));
    expect((await store.claim(A)).rows).toBeNull();
    await store.release(A);
    store.letGo();
    expect(await commit).toEqual([]);
    expect((await store.claim(A)).rows).not.toBeNull();
  });

  test('a held read waits', async () => {
    store.holdReads();
    let read = false;
    const claim = store.claim(A).then(() => (read = true));
    await new Promise(setImmediate);
    expect(read).toBe(false);
    store.letReadsGo();
    await claim;
  });

  test('told to fail it takes nothing, once or until it is healed', async () => {
    const one = batch(1, { room: A, changes: [create(A)], messages: [message(1)] });
    store.failNext('unavailable');
    await expect(store.commit(one)).rejects.toMatchObject({ name: 'StoreFailed', reason: 'unavailable' });
    store.fail('full');
    await expect(store.commit(one)).rejects.toBeInstanceOf(StoreFailed);
    await expect(store.probe()).rejects.toMatchObject({ reason: 'full' });
    expect(store.disk.rooms.size).toBe(0);
    store.heal();
    await store.probe();
    expect(await store.commit(one)).toEqual([]);
  });

  test('told to refuse a room it takes the others', async () => {
    const B = 'b@rooms.example.org';
    store.refuse(A, 'bad row');
    expect(await store.commit(batch(1, { room: A, changes: [create(A)] }, { room: B, changes: [create(B)] }))).toEqual([
      { room: A, reason: 'row', detail: 'bad row' },
    ]);
    expect([...store.disk.rooms.keys()]).toEqual([B]);
  });
});
