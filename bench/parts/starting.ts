/** How long Parlour takes from its start to an answer, with nothing, with ten thousand rooms, and with a hundred thousand of which people are in. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { openSqliteStore } from '../../src/store/sqlite';
import { Attachment } from '../attachment';
import { startParlour, THIS_BUILD, type Component } from '../component';
import { COMPONENT_DOMAIN, SERVER_DOMAIN, type Load } from '../loads';
import { Source } from '../rows';
import { joinEverybody } from '../set-up';
import { Values, type Chosen, type Found, type Part } from './part';

/** Rooms in one batch. */
const BATCH = 1_000;
const PATIENCE = 60_000;

interface Stock {
  readonly name: string;
  readonly title: string;
  /** Rooms with ten people in each. */
  readonly full: number;
  /** All rooms. */
  readonly rooms: number;
}

const STOCKS: readonly Stock[] = [
  { name: '0', title: 'an empty database', full: 0, rooms: 0 },
  { name: '10000', title: '10,000 rooms', full: 0, rooms: 10_000 },
  { name: '100000', title: '100,000 rooms and 50,000 occupants', full: 5_000, rooms: 100_000 },
];
const TEN: Load = { name: 'ten in each', rooms: 5_000, occupants: 10, target: 0 };

const program = (port: number, place: string): Component =>
  startParlour(THIS_BUILD, port, TEN, place, { rates: true, serverDomain: SERVER_DOMAIN });

/** Fills the database in `place`: people enter through the program itself, rooms without anybody are put in by the store. */
async function fill(place: string, { full, rooms }: Stock): Promise<void> {
  // First the store: batches have numbers, which go on where the program leaves them.
  const store = openSqliteStore({ path: path.join(place, 'parlour.db'), durability: 'normal' });
  await store.open();
  try {
    for (let made = full, number = 1; made < rooms; made += BATCH, number++) {
      const batch = new Source(Math.min(BATCH, rooms - made), `sleeping${made}-`, COMPONENT_DOMAIN).first();
      const refused = await store.commit({ ...batch, number, knows: number - 1 });
      if (refused.length > 0) throw new Error(`A room was refused: ${JSON.stringify(refused[0])}`);
    }
  } finally {
    await store.close();
  }
  const attachment = new Attachment();
  const component = program(await attachment.listen(), place);
  try {
    await attachment.attached;
    // Some at a time: rooms that wait for their next occupant while thousands of others are awake would go to sleep and wake.
    for (let first = 0; first < full; first += BATCH)
      await joinEverybody(attachment, { ...TEN, rooms: Math.min(BATCH, full - first) }, false, first);
    await component.stop();
  } finally {
    component.process.kill('SIGKILL');
    attachment.end();
  }
}

/** Milliseconds from the start of the process until it is attached, and until it has answered the first request. */
async function start(place: string): Promise<{ attached: number; ready: number }> {
  const attachment = new Attachment();
  const port = await attachment.listen();
  const began = performance.now();
  const component = program(port, place);
  try {
    await attachment.attached;
    const attached = performance.now() - began;
    attachment.write(`<iq from='up@${SERVER_DOMAIN}/1' to='${COMPONENT_DOMAIN}' type='get' id='up'><ping xmlns='urn:xmpp:ping'/></iq>`);
    while (attachment.answers === 0) {
      if (performance.now() - began > PATIENCE) throw new Error('No answer within a minute after the start.');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const ready = performance.now() - began;
    await component.stop();
    return { attached, ready };
  } finally {
    component.process.kill('SIGKILL');
    attachment.end();
  }
}

export const starting: Part = {
  name: 'start',
  title: 'time to the first answer with 0, 10,000 and 100,000 rooms, of which people are in',
  rounds: 5,
  minutes: 1.5,
  async run({ rounds, place }: Chosen): Promise<Found> {
    const values = new Values();
    const folder = (stock: Stock): string => path.join(place, `stock-${stock.name}`);
    for (const stock of STOCKS) {
      mkdirSync(folder(stock));
      await fill(folder(stock), stock);
    }
    for (let round = 0; round < rounds; round++) {
      let empty = NaN;
      for (const stock of STOCKS) {
        const { attached, ready } = await start(folder(stock));
        if (stock.rooms === 0) empty = ready;
        process.stdout.write(`${stock.title.padEnd(40)} attached ${attached.toFixed(0)} ms, answers ${ready.toFixed(0)} ms\n`);
        values.add(`start/${stock.name}`, ready);
        values.add(`start/${stock.name}-attached`, attached);
        values.add(`start/${stock.name}-of-empty`, ready / empty);
      }
    }
    return {
      figures: STOCKS.flatMap(({ name, title, rooms }) => [
        ...values.figure(`start/${name}`, `${title}: until the first answer`, 'ms'),
        ...values.figure(`start/${name}-attached`, `${title}: until attached`, 'ms'),
        ...(rooms === 0 ? [] : values.figure(`start/${name}-of-empty`, `${title}: of the empty start`, 'times', { most: 1.5 })),
      ]),
    };
  },
};
