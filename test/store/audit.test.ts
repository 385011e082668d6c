/** The audit trail in the database: with the batch or not at all, asked for by anything, bounded, and without who was erased. */
import { readFileSync } from 'node:fs';
import type { AuditItem, AuditRow } from '../../src/room/contract/audit';
import type { Change } from '../../src/room/contract/rows';
import type { AuditQuery } from '../../src/store/directory';
import { MemoryStore } from '../support/memory-store';
import { batch, create } from './batches';
import { TempDatabase } from './temp';
import { asBare } from '../support/jids';

const A = 'a@r.lit';
const B = 'b@r.lit';
const act = (at: number, actor: string | null, ...items: Partial<AuditItem>[]): Change => {
  const row: AuditRow = {
    at,
    by: { kind: actor === null ? 'room' : 'account', name: actor, face: 'xmpp' },
    act: 'set-affiliations',
    count: items.length,
    items: items.map((item) => ({ object: '', before: null, after: null, reason: null, ...item })),
  };
  return { table: 'audit', row };
};

describe.each(['sqlite', 'memory'] as const)('%s', (kind) => {
  const database = new TempDatabase();
  afterAll(() => database.dispose());
  const open = async () => (kind === 'memory' ? new MemoryStore() : database.open({ durability: 'normal' }));
  let store: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    store = await open();
    await store.commit(
      batch(
        1,
        { room: A, changes: [create(A), act(10, 'ann@x.lit', { object: 'bob@x.lit', before: 'none', after: 'member' })] },
        {
          room: B,
          changes: [create(B), act(20, null, { object: 'bob@x.lit', after: 'outcast', reason: 'spam' }, { object: 'cat@x.lit' })],
        },
      ),
    );
    await store.commit(
      batch(2, { room: A, changes: [act(30, 'cat@x.lit', { object: 'muc#roomconfig_roomname', before: '', after: 'Coven' })] }),
    );
  });
  afterAll(() => store.close());

  const found = async (query: Partial<AuditQuery>): Promise<number[]> => (await store.audit({ limit: 10, ...query })).map(({ at }) => at);

  test('the latest first, by room, actor, object and time, page by page', async () => {
    expect(await found({})).toEqual([30, 20, 10]);
    expect(await found({ room: A })).toEqual([30, 10]);
    expect(await found({ actor: 'cat@x.lit' })).toEqual([30]);
    expect(await found({ object: 'cat@x.lit' })).toEqual([20]);
    expect(await found({ object: 'bob@x.lit', room: A })).toEqual([10]);
    expect(await found({ from: 20, to: 20 })).toEqual([20]);
    const [newest] = await store.audit({ limit: 1 });
    expect(newest).toMatchObject({ at: 30, room: A, by: { kind: 'account', name: 'cat@x.lit', face: 'xmpp' }, count: 1 });
    expect(newest?.items).toEqual([{ object: 'muc#roomconfig_roomname', before: '', after: 'Coven', reason: null }]);
    expect(await found({ before: newest?.id ?? 0 })).toEqual([20, 10]);
  });

  test('a part that is refused leaves no act', async () => {
    const wrong = { table: 'affiliation', jid: 'x@x.lit', row: { jid: 'x@x.lit', affiliation: 'king' } } as unknown as Change;
    const refused = await store.commit(batch(3, { room: A, changes: [act(40, 'ann@x.lit', { object: 'x@x.lit' }), wrong] }));
    expect(refused).toHaveLength(1);
    expect(await found({ from: 40 })).toEqual([]);
  });

  test('an erased person: in that room a number stands for them, reasons about them go, and the other room is not touched', async () => {
    await store.commit(batch(4, { room: B, changes: [{ table: 'audit-erasure', jid: asBare('bob@x.lit') }] }));
    const [row] = await store.audit({ room: B, limit: 1 });
    expect(row?.items[0]).toMatchObject({ after: 'outcast', reason: null });
    expect(row?.items[0]?.object).toMatch(/^erased-\d+$/);
    expect(await found({ object: 'bob@x.lit' })).toEqual([10]);
  });

  test('bounded by age and by number, the oldest first', async () => {
    expect(await store.boundAudit({ before: 15, rows: 1_000, bytes: 1_000_000 })).toBe(false);
    expect(await found({})).toEqual([30, 20]);
    await store.boundAudit({ before: 0, rows: 1, bytes: 1_000_000 });
    expect(await found({})).toEqual([30]);
  });
});

test.each(['sqlite', 'memory'] as const)(
  '%s: whoever fills the trail in one room pushes out what was done there, and nothing of other rooms',
  async (kind) => {
    const database = new TempDatabase();
    const store = kind === 'memory' ? new MemoryStore() : await database.open({ durability: 'normal' });
    await store.commit(batch(1, { room: A, changes: [create(A), act(1, 'ann@x.lit', { object: 'bob@x.lit' })] }));
    const flood = Array.from({ length: 500 }, (_, i) => act(2 + i, 'mallory@x.lit', { object: `p${i}@x.lit` }));
    await store.commit(batch(2, { room: B, changes: [create(B), ...flood] }));
    for (let more = true; more;) more = await store.boundAudit({ before: 0, rows: 20, bytes: 1_000_000 });
    const left = await store.audit({ limit: 100 });
    expect(left).toHaveLength(20);
    expect(left.map(({ at }) => at)).toEqual([...Array.from({ length: 19 }, (_, i) => 501 - i), 1]);
    await store.close();
    await database.dispose();
  },
);

test.each(['sqlite', 'memory'] as const)(
  '%s: acts are bounded by what they hold: a hundred items each of one room give way before the many small acts of another',
  async (kind) => {
    const database = new TempDatabase();
    const store = kind === 'memory' ? new MemoryStore() : await database.open({ durability: 'normal' });
    const small = Array.from({ length: 50 }, (_, i) => act(i, 'ann@x.lit', { object: `p${i}@x.lit` }));
    const hundred = Array.from({ length: 100 }, (_, i) => ({
      object: `q${i}@x.lit`,
      before: 'none',
      after: 'outcast',
      reason: 'ß'.repeat(200),
    }));
    const large = Array.from({ length: 10 }, (_, i) => act(100 + i, 'mallory@x.lit', ...hundred));
    await store.commit(batch(1, { room: A, changes: [create(A), ...small] }, { room: B, changes: [create(B), ...large] }));
    for (let more = true; more;) more = await store.boundAudit({ before: 0, rows: 1_000, bytes: 120_000 });
    const left = await store.audit({ limit: 100 });
    // Of 45 to 50 KB each.
    expect(left.filter(({ room }) => room === B).map(({ at }) => at)).toEqual([109, 108]);
    expect(left.filter(({ room }) => room === A)).toHaveLength(50);
    await store.close();
    await database.dispose();
  },
);

test('what an erased person was called, and what they said, is in no byte of the file', async () => {
  const database = new TempDatabase();
  const store = await database.open({ durability: 'normal' });
  const subject: AuditRow = {
    at: 1,
    by: { kind: 'occupant', name: 'evangeline@x.lit', face: 'xmpp' },
    act: 'set-subject',
    count: 1,
    items: [{ object: '', before: null, after: 'xyzzyword', reason: null }],
  };
  const nick = { object: 'evangeline@x.lit', before: 'none', after: 'member (Quicksilver)', reason: 'quirkyreason' };
  const many = Array.from({ length: 60 }, (_, i) => act(i, 'evangeline@x.lit', { object: `p${i}@x.lit`, reason: 'herownwords' }, nick));
  await store.commit(batch(1, { room: A, changes: [create(A), ...many, { table: 'audit', row: subject }] }));
  await store.commit(batch(2, { room: A, changes: [{ table: 'audit-erasure', jid: asBare('evangeline@x.lit') }] }));
  const [last] = await store.audit({ room: A, limit: 100 });
  expect(last).toMatchObject({ items: [{ after: null }] });
  expect(last?.by.name).toMatch(/^erased-\d+$/);
  expect((await store.audit({ room: A, limit: 100 })).at(-1)?.items[1]).toMatchObject({ after: 'member', reason: null });
  await store.close();
  const bytes = readFileSync(database.file);
  for (const trace of ['evangeline', 'Quicksilver', 'xyzzyword', 'quirkyreason', 'herownwords'])
    expect([trace, bytes.includes(trace)]).toEqual([trace, false]);
  await database.dispose();
});
