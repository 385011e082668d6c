/** Stopping on a slow disk (found G2): what the store was given is finished, and nothing is given to one that closes. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createService } from '../../src/service/service';
import { SqliteStore } from '../../src/store/sqlite/sqlite-store';
import { parse } from '../support/conversation';
import { FakeClock, settle } from './fake-clock';
import { FakeLink } from './fake-link';
import { FakeRoom } from './fake-room';
import { ANN, BOB, DOMAIN, join, rig, say } from './rig';
import { asRoom } from '../support/jids';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe.each([200, 1_200])('found G2: a store that takes %d ms for a commit', (ms) => {
  let folder: string;
  const rejections: unknown[] = [];
  const reject = (error: unknown): void => void rejections.push(error);
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'parlour-stop-'));
    rejections.length = 0;
    process.on('unhandledRejection', reject);
  });
  afterEach(() => {
    process.off('unhandledRejection', reject);
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['in time', 'late'])('stops and closes (%s)', async (when) => {
    const threads = { writer: path.join(__dirname, '../store/faulty-writer.js'), fault: { kind: 'slow', ms } };
    const store = new SqliteStore({ path: path.join(folder, 'a.db'), threads });
    await store.open();
    const link = new FakeLink();
    const clock = new FakeClock();
    const complaints: string[] = [];
    const complain = (_fields: object, message: string): void => void complaints.push(message);
    const log = { debug: () => undefined, info: () => undefined, warn: complain, error: complain };
    const random = { bytes: (count: number) => randomBytes(count) };
    const makeRoom = (jid: string, rows: ConstructorParameters<typeof FakeRoom>[1]): FakeRoom => new FakeRoom(asRoom(jid), rows, []);
    const info = { name: 'Rooms', contact: {} };
    const service = createService({ domain: DOMAIN, store, link, makeRoom, clock, random, log, info, version: '1' });
    await service.start();
    service.handler.online();
    const feed = (text: string): void => service.handler.stanza(parse(text), text.length);
    feed(join(ANN, 'ann'));
    await pause(2 * ms + 300);
    link.take();
    for (const text of ['one', 'two', 'three', 'four']) {
      feed(say(ANN, text));
      await settle();
    }
    const stopped = service.stop();
    if (when === 'late') await clock.pass(10_000);
    await stopped;
    await store.close();
    await clock.pass(60_000);
    const said = link.take();
    if (when === 'in time') expect(said).toEqual(['one', 'two', 'three', 'four'].map((text) => `${ANN} ${text}`));
    else {
      // Two batches were with the store; the third is refused, and nobody was told otherwise.
      expect(said.filter((line) => line === `${ANN} !resource-constraint`)).toHaveLength(2);
      expect(said).toEqual(expect.arrayContaining([`${ANN} one`, `${ANN} two`]));
    }
    expect(complaints.filter((line) => !line.includes('stopping all the same'))).toEqual([]);
    expect(rejections).toEqual([]);
    const again = new SqliteStore({ path: path.join(folder, 'a.db') });
    await again.open();
    const { messages } = await again.counts();
    await again.close();
    expect(messages).toBe(said.filter((line) => !line.includes('!')).length);
  });
});

test('found G2: each commit gives the disk another ten seconds, up to a minute', async () => {
  const { play, feed, store, clock, service, link } = await rig();
  await play(join(ANN, 'ann'), join(BOB, 'bob'));
  store.hold();
  feed(say(ANN, 'one'));
  await settle();
  feed(say(ANN, 'two'));
  await settle();
  feed(say(ANN, 'three'));
  await settle();
  let over = false;
  const stopped = service.stop().then(() => (over = true));
  for (let i = 0; i < 2; i++) {
    await clock.pass(9_000);
    store.letGo();
    store.hold();
    await settle();
    await clock.pass(1_000);
    expect(over).toBe(false);
  }
  store.letGo();
  await stopped;
  expect(link.take().filter((line) => line.startsWith(BOB))).toEqual([`${BOB} one`, `${BOB} two`, `${BOB} three`]);
});
