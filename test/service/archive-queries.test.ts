/** Archive queries: two at a time, a pause while others wait, turns among those who ask, a bound, and one answer each. */
import { ArchiveQueries } from '../../src/service/pipeline/archive-queries';
import type { ArchiveAnswer } from '../../src/room/contract/archive-query';
import type { ArchiveInput, ReadArchive } from '../../src/room/contract/machine';
import { Element } from '../../src/xmpp/xml';
import { FakeClock } from './fake-clock';
import { asBare, asRoom } from '../support/jids';

const ROOM = asRoom('coven@chat.lit');
const PAGE: ArchiveAnswer = { kind: 'page', rows: [], complete: true };
const effect = (from?: string, stranger = false, text?: string): ReadArchive => ({
  kind: 'read-archive',
  query: { want: 'ends', filter: { upToSeq: 1, ...(text === undefined ? {} : { text }) } },
  stanza: from === undefined ? null : new Element('iq', { from }),
  stranger,
  answered: () => undefined,
});

function rig(home = 'lit') {
  let held = 0;
  const pressure = { add: (bytes: number) => void (held += bytes), remove: (bytes: number) => void (held -= bytes) };
  const clock = new FakeClock();
  const asked: { resolve: (answer: ArchiveAnswer) => void; reject: (error: Error) => void }[] = [];
  const answers: ArchiveInput[] = [];
  const errors: string[] = [];
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (_: object, event: string) => void errors.push(event),
  };
  const store = { archive: () => new Promise<ArchiveAnswer>((resolve, reject) => asked.push({ resolve, reject })) };
  const queries = new ArchiveQueries({ store, clock, log, pressure, isLocal: (domain) => domain === home }, (room, input) => {
    expect(room).toBe(ROOM);
    answers.push(input);
  });
  return { clock, asked, answers, errors, queries, held: () => held };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('two are with the store, the third waits for an answer and a pause', async () => {
  const { clock, asked, answers, queries } = rig();
  const effects = [effect(), effect(), effect()];
  for (const one of effects) queries.ask(ROOM, one);
  expect(asked).toHaveLength(2);
  asked[1]?.resolve(PAGE);
  await settled();
  expect(answers).toEqual([{ kind: 'archive', effect: effects[1], answer: PAGE }]);
  expect(asked).toHaveLength(2);
  await clock.pass(10);
  expect(asked).toHaveLength(3);
  asked[0]?.resolve(PAGE);
  asked[2]?.resolve(PAGE);
  await settled();
  expect(answers).toHaveLength(3);
  // Nobody waits: the next goes at once.
  queries.ask(ROOM, effect());
  expect(asked).toHaveLength(4);
});

test('found F9: what waits counts with all that is undecided, by what it takes, until it is answered or refused', async () => {
  const { clock, asked, queries, held } = rig();
  const large = { ...effect('ann@x.lit/x'), query: { want: 'ends', filter: { upToSeq: 1, ids: ['i'.repeat(10_000)] } } } as const;
  for (let i = 0; i < 3; i++) queries.ask(ROOM, large);
  expect(held()).toBeGreaterThan(60_000);
  for (let i = 0; i < 260; i++) queries.ask(ROOM, effect('eve@evil.lit/x'));
  expect(held()).toBeLessThan(700_000);
  for (let i = 0; i < 300; i++) {
    asked[i]?.resolve(PAGE);
    await settled();
    await clock.pass(10);
  }
  expect(held()).toBe(0);
});

test('a store that cannot read is told to the log, and answered as such', async () => {
  const { asked, answers, errors, queries } = rig();
  queries.ask(ROOM, effect());
  asked[0]?.reject(new Error('no'));
  await settled();
  expect(answers.map(({ answer }) => answer.kind)).toEqual(['failed']);
  expect(errors).toEqual(['the archive could not be read']);
});

test('F9: a flood from one asker delays and refuses only that asker', async () => {
  const { clock, asked, answers, queries } = rig();
  for (let i = 0; i < 300; i++) queries.ask(ROOM, effect('eve@evil.lit/x'));
  const innocent = effect('ann@x.lit/phone');
  queries.ask(ROOM, innocent);
  expect(answers).toEqual([]);
  await settled();
  // Two are with the store and 256 wait.
  expect(answers.map(({ answer }) => answer.kind)).toEqual(Array<string>(42).fill('busy'));
  asked[0]?.resolve(PAGE);
  asked[1]?.resolve(PAGE);
  await settled();
  await clock.pass(10);
  asked[2]?.resolve(PAGE);
  asked[3]?.resolve(PAGE);
  await settled();
  expect(answers.some((answer) => answer.effect === innocent && answer.answer === PAGE)).toBe(true);
});

test("F9: strangers of one domain have one turn together; those of the server's own domain have their own", async () => {
  const { clock, asked, answers, queries } = rig();
  for (let i = 0; i < 2; i++) queries.ask(ROOM, effect('eve@evil.lit/x'));
  for (let i = 0; i < 50; i++) queries.ask(ROOM, effect(`eve${i}@evil.lit/x`, true));
  const [one, other] = [effect('new@lit/phone', true), effect('newer@lit/phone', true)];
  queries.ask(ROOM, one);
  queries.ask(ROOM, other);
  for (let i = 0; i < 6; i++) {
    asked[i]?.resolve(PAGE);
    await settled();
    await clock.pass(10);
  }
  expect(answers.map((answer) => answer.effect)).toEqual(expect.arrayContaining([one, other]));
});

test("F9: the server's own domain is the one of the configuration, wherever the rooms are: strangers of a domain above theirs share", async () => {
  const { clock, asked, answers, queries } = rig('home.example');
  for (let i = 0; i < 2; i++) queries.ask(ROOM, effect('eve@evil.lit/x'));
  const above = Array.from({ length: 20 }, (_, i) => effect(`eve${i}@lit/x`, true));
  const own = Array.from({ length: 3 }, (_, i) => effect(`ann${i}@home.example/x`, true));
  for (const one of [...above, ...own]) queries.ask(ROOM, one);
  for (let i = 0; i < 7; i++) {
    asked[i]?.resolve(PAGE);
    await settled();
    await clock.pass(10);
  }
  const answered = new Set(answers.map((answer) => answer.effect));
  expect(own.filter((one) => answered.has(one))).toHaveLength(3);
  expect(above.filter((one) => answered.has(one)).length).toBeLessThan(3);
});

test('a search that takes long does not hold what goes by an index', () => {
  const { asked, queries } = rig();
  for (let i = 0; i < 5; i++) queries.ask(ROOM, effect('eve@evil.lit/x', false, 'wood'));
  expect(asked).toHaveLength(2);
  queries.ask(ROOM, effect('ann@x.lit/phone'));
  expect(asked).toHaveLength(3);
});

test('beyond a thousand that wait, others are told to come again, once the decision that asked is through', async () => {
  const { asked, answers, queries } = rig();
  for (let i = 0; i < 1_002; i++) queries.ask(ROOM, effect(`p${i}@x.lit/x`));
  expect(answers).toEqual([]);
  queries.ask(ROOM, effect('late@x.lit/x'));
  expect(answers).toEqual([]);
  await settled();
  expect(answers.map(({ answer }) => answer.kind)).toEqual(['busy']);
  expect(asked).toHaveLength(2);
});

test("F9: an account that asks by another face takes turns of its own: it does not fill the place of the rooms' own work", async () => {
  const { answers, queries } = rig();
  const byFace: ReadArchive = { ...effect(), asks: true, asker: asBare('eve@lit') };
  for (let i = 0; i < 300; i++) queries.ask(ROOM, { ...byFace });
  const own = effect();
  queries.ask(ROOM, own);
  await settled();
  // Two are with the store and 256 wait.
  const refused = answers.filter(({ answer }) => answer.kind === 'busy');
  expect(refused).toHaveLength(42);
  expect(refused.map((input) => input.effect)).not.toContain(own);
});
