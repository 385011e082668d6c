/** Parts about many people: a thousand who enter and leave at once, and what people and rooms cost in memory. */
import { missing } from '../../test/e2e/servers/flavours';
import type { Flavour } from '../../test/e2e/servers/server';
import { memory } from '../memory';
import type { Figure } from '../publish/figures';
import { costOf, leavingCostOf, storms } from '../storm-attached';
import { Values, type Chosen, type Found, type Part } from './part';

const PEOPLE = 1_000;
/** Through a server a storm takes up to a minute: the newest servers, and fewer rounds. */
const BETWEEN: readonly (Flavour | 'alone')[] = ['alone', 'prosody (newest)', 'ejabberd (newest)'];

export const storm: Part = {
  name: 'storm-rounds',
  title: '1,000 people enter one room at once, and leave it at once, against the baseline at equal bytes',
  rounds: 3,
  minutes: 3.5,
  async run({ rounds, place }: Chosen): Promise<Found> {
    const values = new Values();
    const found: Figure[] = [];
    const skipped: string[] = [];
    for (const flavour of BETWEEN) {
      const why = flavour === 'alone' ? null : missing(flavour);
      if (why !== null) {
        skipped.push(`${flavour}: ${why}`);
        continue;
      }
      const id = `storm/${flavour.replace(/ \((.*)\)/, '-$1')}`;
      for (const { parlour, baseline } of await storms(flavour, PEOPLE, flavour === 'alone' ? rounds : 1, place)) {
        values.add(`${id}/of-baseline`, costOf(parlour) / costOf(baseline));
        values.add(`${id}/parlour`, parlour.all);
        values.add(`${id}/baseline`, baseline.all);
        values.add(`${id}/out-of-baseline`, leavingCostOf(parlour) / leavingCostOf(baseline));
        values.add(`${id}/out-parlour`, parlour.out);
        values.add(`${id}/out-baseline`, baseline.out);
        values.add(`${id}/other-room`, parlour.visit);
        values.add(`${id}/peak`, parlour.peak);
        if (parlour.refused > 0) throw new Error(`${parlour.refused} people were refused in a storm, ${flavour}.`);
      }
      found.push(
        ...values.figure(`${id}/of-baseline`, `${flavour}: time for a byte, of the baseline's`, 'times', {
          most: flavour === 'alone' ? 2 : 1.1,
        }),
        ...values.figure(`${id}/parlour`, `${flavour}: until the last one is in, Parlour`, 's'),
        ...values.figure(`${id}/baseline`, `${flavour}: until the last one is in, the baseline`, 's'),
        ...values.figure(`${id}/out-of-baseline`, `${flavour}: all leave at once, time for a byte, of the baseline's`, 'times', {
          most: flavour === 'alone' ? 2 : 1.1,
        }),
        ...values.figure(`${id}/out-parlour`, `${flavour}: until the last one is out, Parlour`, 's'),
        ...values.figure(`${id}/out-baseline`, `${flavour}: until the last one is out, the baseline`, 's'),
        ...values.figure(`${id}/other-room`, `${flavour}: meanwhile into another room, at most`, 's', { most: 3 }),
        ...values.figure(`${id}/peak`, `${flavour}: memory at its highest`, 'MB', { most: 300 }),
      );
    }
    return { figures: found, skipped };
  },
};

export const memoryUse: Part = {
  name: 'memory-use',
  title: 'memory for each session, its presence, awake room and sleeping room',
  rounds: 3,
  minutes: 2,
  async run({ rounds }: Chosen): Promise<Found> {
    const values = new Values();
    for (let round = 0; round < rounds; round++) {
      const { parlour, baseline } = await memory();
      values.add('memory/nothing', parlour.nothing / 1e6);
      values.add('memory/session', parlour.session);
      values.add('memory/session-baseline', baseline.session);
      values.add('memory/presence', parlour.presence);
      values.add('memory/room', parlour.room);
      values.add('memory/room-baseline', baseline.room);
      values.add('memory/sleeping', parlour.sleeping);
    }
    return {
      figures: [
        // Half of what it was when it was first measured (28 November 2026: 2.6 KB and 12.2 KB).
        ...values.figure('memory/session', 'one session', 'bytes', { most: 1_331 }),
        ...values.figure('memory/session-baseline', 'one session of the baseline', 'bytes'),
        ...values.figure('memory/presence', 'what one session says of itself: away, and what its client is', 'bytes', { most: 400 }),
        ...values.figure('memory/room', 'one awake room, beside its sessions', 'bytes', { most: 6_246 }),
        ...values.figure('memory/room-baseline', 'one room of the baseline', 'bytes'),
        ...values.figure('memory/sleeping', 'one sleeping room', 'bytes', { most: 0 }),
        ...values.figure('memory/nothing', 'Parlour with nobody there, main thread', 'MB'),
      ],
    };
  },
};
