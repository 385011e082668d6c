/** The gate: never more than its width at a time, in order, and no place is lost by a task that fails. */
import { Gate } from '../../src/service/budget/gate';
import { settle } from './fake-clock';
import { ANN, DOMAIN, join, rig } from './rig';

test('as many as fit run, the others in order as places become free', async () => {
  const gate = new Gate(2);
  const ends: ((failed?: Error) => void)[] = [];
  const order: number[] = [];
  const task = (n: number) => () => {
    order.push(n);
    return new Promise<number>((resolve, reject) => ends.push((failed) => (failed ? reject(failed) : resolve(n))));
  };
  const results = [0, 1, 2, 3].map((n) => gate.run(task(n)));
  await settle();
  expect(order).toEqual([0, 1]);
  ends[1]?.();
  await settle();
  expect(order).toEqual([0, 1, 2]);
  const failure = expect(results[2]).rejects.toThrow('told to fail');
  ends[2]?.(new Error('told to fail'));
  await failure;
  await settle();
  expect(order).toEqual([0, 1, 2, 3]);
  ends[0]?.();
  ends[3]?.();
  expect(await Promise.all([results[0], results[1], results[3]])).toEqual([0, 1, 3]);
  expect(await gate.run(() => Promise.resolve('free'))).toBe('free');
});

test('a flood of questions for the room list leaves the store to rooms: at most four are with it, and all are answered', async () => {
  const r = await rig();
  const list = r.store.listRooms.bind(r.store);
  let running = 0;
  let most = 0;
  r.store.listRooms = async (query) => {
    most = Math.max(most, ++running);
    await settle();
    running--;
    return list(query);
  };
  const asked = Array.from(
    { length: 100 },
    (_, i) => `<iq from="${ANN}" to="${DOMAIN}" type="get" id="q${i}"><query xmlns="http://jabber.org/protocol/disco#items"/></iq>`,
  );
  const sent = await r.play(...asked, join(ANN, 'ann'));
  expect(sent[0]).toBe(`${ANN} ann joined`);
  expect(sent.length).toBeLessThan(20);
  for (let i = 0; i < 60; i++) await settle();
  expect([...sent, ...r.link.take()]).toHaveLength(101);
  expect(most).toBe(4);
});
