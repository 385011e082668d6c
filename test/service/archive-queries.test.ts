/** Archive queries: two at a time, a pause while others wait, a bound, and one answer each. */
import { ArchiveQueries } from '../../src/service/archive-queries';
import type { ArchiveAnswer } from '../../src/room/archive-query';
import type { ArchiveInput, ReadArchive } from '../../src/room/machine';
import { FakeClock } from './fake-clock';

const ROOM = 'coven@chat.lit';
const PAGE: ArchiveAnswer = { kind: 'page', rows: [], complete: true };
const effect = (): ReadArchive => ({
  kind: 'read-archive',
  query: { want: 'ends', filter: { upToSeq: 1 } },
  stanza: null,
  answered: () => undefined,
});

function rig() {
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
  const queries = new ArchiveQueries({ store, clock, log }, (room, input) => {
    expect(room).toBe(ROOM);
    answers.push(input);
  });
  return { clock, asked, answers, errors, queries };
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

test('a store that cannot read is told to the log, and answered as such', async () => {
  const { asked, answers, errors, queries } = rig();
  queries.ask(ROOM, effect());
  asked[0]?.reject(new Error('no'));
  await settled();
  expect(answers.map(({ answer }) => answer.kind)).toEqual(['failed']);
  expect(errors).toEqual(['the archive could not be read']);
});

test('beyond a thousand that wait, others are told to come again, once the decision that asked is through', async () => {
  const { asked, answers, queries } = rig();
  for (let i = 0; i < 1_002; i++) queries.ask(ROOM, effect());
  expect(answers).toEqual([]);
  queries.ask(ROOM, effect());
  expect(answers).toEqual([]);
  await settled();
  expect(answers.map(({ answer }) => answer.kind)).toEqual(['busy']);
  expect(asked).toHaveLength(2);
});
