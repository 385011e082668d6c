/** The part that shows what a multicast service at the server is good for (XEP-0033): talk, and many who enter at once, beside the same without it. */
import { missing } from '../../test/e2e/servers/flavours';
import { multicastOf, type Flavour } from '../../test/e2e/servers/server';
import { THIS_BUILD } from '../component';
import { COMPONENT_DOMAIN } from '../loads';
import type { Figure } from '../publish/figures';
import { BASELINE, BY_MULTICAST, compare, learnForms, OWN_ROOMS, pairs, parlour, sameForm, through, type Program } from '../rounds';
import { storms } from '../storm-attached';
import { ATTACHED, own, shares, unsound, WARMUP_ATTACHED } from './comparisons';
import { Values, type Chosen, type Found, type Part } from './part';
import { serverVersion } from './versions';

/** People of a storm: what each is told of the others grows with their square, and a thousand take Prosody a quarter of an hour a round. */
const PEOPLE = 300;
/** Seconds around a measurement of talk: the start, everybody enters, warming up, what is in flight at the end. */
const AROUND = 5;
/** Minutes of one round of storms at both servers, in with 300 people and out again, by the service and by the baseline. */
const STORM_MINUTES = 1.1;

interface Served {
  readonly flavour: Flavour;
  /** Aims of the issue "Fast": deliveries/s, of its own MUC's, and of Parlour's without the service. */
  readonly own: number;
  readonly plain: number | undefined;
  /** What of the server's limits was raised. */
  readonly note: string;
}

const SERVED: readonly Served[] = [
  { flavour: 'prosody (newest)', own: 2.3, plain: 1.7, note: "100 addresses a stanza, the module's default: no limit was raised" },
  { flavour: 'ejabberd (newest)', own: 1.2, plain: undefined, note: 'limits of mod_multicast raised from 20 to 100 addresses a stanza' },
];

/** Talk in rooms of 20, in turns: by the service, plainly, the baseline, and the server's own MUC. */
async function talk({ flavour, own: ofOwn, plain, note }: Served, id: string, chosen: Chosen): Promise<Found> {
  const { rounds, seconds, place, stop } = chosen;
  return through(
    flavour,
    async (between) => {
      const directly = parlour('parlour', THIS_BUILD, between);
      const cells: readonly (readonly [Program, string, string])[] = [
        [BY_MULTICAST, 'parlour', 'Parlour by the service'],
        [directly, 'plain', 'Parlour without it'],
        [BASELINE, 'baseline', 'the baseline'],
        [OWN_ROOMS, 'own', 'its own MUC'],
      ];
      const programs = cells.map(([program]) => program);
      const all = await compare({ between, programs, loads: [ATTACHED], rounds, seconds, warmup: WARMUP_ATTACHED, place, stop });
      const measured = all.get(ATTACHED) ?? [];
      const values = new Values();
      pairs(measured, BY_MULTICAST, BASELINE).forEach(sameForm);
      for (const [program, name] of cells.slice(1)) shares(values, id, pairs(measured, BY_MULTICAST, program), name);
      for (const [program, name] of cells)
        own(
          values,
          id,
          name,
          measured.map((round) => round.get(program)),
        );
      return {
        figures: [
          ...values.figure(`${id}/of-baseline`, `${flavour}: share of the baseline's deliveries/s`, '', { least: 0.95, note }),
          ...values.figure(`${id}/of-own`, `${flavour}: deliveries/s, of its own MUC's`, 'times', { least: ofOwn, note }),
          ...values.figure(`${id}/of-plain`, `${flavour}: deliveries/s, of Parlour's without it`, 'times', {
            ...(plain === undefined ? {} : { least: plain }),
            note,
          }),
          ...cells.flatMap(([, name, title]) => [
            ...values.figure(`${id}/${name}`, `${flavour}: ${title}`, 'deliveries/s'),
            ...values.figure(`${id}/${name}-process`, `${flavour}: processor time of the component, ${title}`, 'µs a delivery'),
            ...values.figure(`${id}/${name}-server`, `${flavour}: processor time of the server, ${title}`, 'µs a delivery'),
          ]),
        ],
        skipped: unsound(all).map((one) => `${flavour}, ${one}`),
      };
    },
    { multicastFor: COMPONENT_DOMAIN },
  );
}

/** Many enter one room at once and leave it at once, in turns: by the service, and the baseline. Without the service it is the part `storm-rounds`. */
async function entering({ flavour, note }: Served, id: string, { rounds, place, people = PEOPLE }: Chosen): Promise<Figure[]> {
  const values = new Values();
  const found = await storms(flavour, people, rounds, place, multicastOf(COMPONENT_DOMAIN).service);
  for (const { parlour, baseline } of found) {
    if (parlour.refused > 0) throw new Error(`${parlour.refused} people were refused in a storm, ${flavour}.`);
    values.add(`${id}/storm-of-baseline`, parlour.all / baseline.all);
    values.add(`${id}/storm-out-of-baseline`, parlour.out / baseline.out);
    values.add(`${id}/storm-parlour`, parlour.all);
    values.add(`${id}/storm-baseline`, baseline.all);
    values.add(`${id}/storm-peak`, parlour.peak);
  }
  values.add(`${id}/storm-people`, people);
  const who = people.toLocaleString('en-US');
  return [
    ...values.figure(`${id}/storm-people`, `${flavour}: who enter at once`, 'people'),
    ...values.figure(`${id}/storm-of-baseline`, `${flavour}: ${who} enter at once, time, of the baseline's`, 'times', { most: 1.3, note }),
    ...values.figure(`${id}/storm-out-of-baseline`, `${flavour}: all ${who} leave at once, time, of the baseline's`, 'times', {
      most: 1.3,
      note,
    }),
    ...values.figure(`${id}/storm-parlour`, `${flavour}: until the last of ${who} is in, Parlour by the service`, 's'),
    ...values.figure(`${id}/storm-baseline`, `${flavour}: until the last of ${who} is in, the baseline`, 's'),
    ...values.figure(`${id}/storm-peak`, `${flavour}: memory at its highest while ${who} enter, Parlour by the service`, 'MB', {
      most: 300,
    }),
  ];
}

export const multicast: Part = {
  name: 'multicast',
  title: `by a multicast service of the server (XEP-0033): talk, beside the same without it, and ${PEOPLE} people (--people) who enter at once and leave at once`,
  rounds: 5,
  minutes: 12,
  minutesOf: ({ rounds, seconds, people = PEOPLE }) =>
    (SERVED.length * rounds * 4 * (seconds + AROUND)) / 60 + rounds * STORM_MINUTES * (people / PEOPLE) ** 2,
  async run(chosen: Chosen): Promise<Found> {
    await learnForms(chosen);
    const figures: Figure[] = [];
    const skipped: string[] = [];
    const versions: Record<string, string> = {};
    const soFar = (more: readonly Figure[]): void => {
      figures.push(...more);
      chosen.soFar?.({ figures, skipped, versions });
    };
    for (const served of SERVED) {
      const { flavour } = served;
      const why = missing(flavour);
      if (why !== null) {
        skipped.push(`${flavour}: ${why}`);
        continue;
      }
      const id = `multicast/${flavour.replace(/ \((.*)\)/, '-$1')}`;
      versions[flavour] = serverVersion(flavour);
      const talked = await talk(served, id, chosen);
      skipped.push(...(talked.skipped ?? []));
      soFar(talked.figures);
      soFar(await entering(served, id, chosen));
    }
    return { figures, skipped, versions };
  },
};
