/** Programs in turn under the same loads, round by round, alone or through a real server: what each came to. */
import { startServer } from '../test/e2e/servers/flavours';
import { multicastOf, type Extra, type Flavour } from '../test/e2e/servers/server';
import { startBaseline, startLeast, startParlour, THIS_BUILD, type Build, type Component } from './component';
import type { Forms } from './splicer';
import type { Job, Measured } from './generator';
import { KINDS, type KindName } from './kinds';
import { BODY, COMPONENT_DOMAIN, messageId, SECRET, SERVER_DOMAIN, type Load } from './loads';
import { measure } from './measure';
import { HEADING, runLine, type Round } from './report';
import { formOf, formWith, templateOf, USUAL, type Template } from './template';
import { watched } from './watched';

/** Messages in flight; a little over the 1,000 promised, because the window is refilled by whole reads. */
const WINDOW = 1_100;
/** Deliveries in flight through a real server, whose buffers are bounded: about 2 MB. */
const DELIVERIES_ATTACHED = 4_400;

/** What is measured, by the name that reports give it. */
export interface Program {
  readonly name: string;
  /** Without it the server's own rooms are measured, with fresh storage each time. */
  start?(load: Load, port: number, place: string): Component;
}

/** Between generator and component: nothing (the generator is the server), or a real server. */
export interface Between {
  readonly name: string;
  readonly flavour?: Flavour;
  readonly port?: number;
  readonly pid?: number;
  /** The domain that Parlour pings. */
  readonly domain: string;
}

export const ALONE: Between = { name: 'alone', domain: SERVER_DOMAIN };

/** What lies around every measurement. */
export interface Surroundings {
  /** A directory on a disk. */
  readonly place: string;
  /** Rejects when somebody ends the whole. */
  readonly stop: Promise<never>;
}

export interface Comparison extends Surroundings {
  readonly between: Between;
  readonly programs: readonly Program[];
  readonly loads: readonly Load[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmup: number;
  readonly kind?: KindName;
  readonly quietly?: boolean;
}

/** The forms of deliveries that the baseline follows; `learnForms` sets them. */
let template: Template = USUAL;
let forms: Forms = {};

/**
 * Parlour, of which large rooms speak by the server's multicast service (XEP-0033). The domain of the people is that of the generator, a component; it counts as the
 * server's own, since what the service serves is people of the server's own domain.
 */
export const BY_MULTICAST: Program = {
  name: 'multicast',
  start: (load, port, place) =>
    startParlour(THIS_BUILD, port, load, place, {
      rates: true,
      serverDomain: SERVER_DOMAIN,
      multicast: multicastOf(COMPONENT_DOMAIN).service,
    }),
};

/** A build of Parlour as a program; `profile`: a folder for profiles of it. */
export function parlour(
  name: string,
  build: Build,
  between: Between,
  { defaultRates = false, profile, watch = false }: { defaultRates?: boolean; profile?: string | undefined; watch?: boolean } = {},
): Program {
  const nodeOptions = profile === undefined ? build.nodeOptions : [...build.nodeOptions, '--cpu-prof', `--cpu-prof-dir=${profile}`];
  return {
    name,
    start: (load, port, place) => {
      const component = startParlour({ ...build, nodeOptions }, port, load, place, { rates: !defaultRates, serverDomain: between.domain });
      return watch ? watched(component, place) : component;
    },
  };
}

export const BASELINE: Program = { name: 'baseline', start: (_load, port, place) => startBaseline(port, template, place, [], forms) };

/** The least durable program: it shows what a share of the baseline can be. */
export const LEAST: Program = { name: 'least', start: (_load, port, place) => startLeast(port, template, place) };

/** The server's own rooms, with their archive on. */
export const OWN_ROOMS: Program = { name: 'own MUC' };

/** All rounds; who comes first changes, since the second finds other caches. */
export async function compare(comparison: Comparison): Promise<Map<Load, Map<Program, Measured>[]>> {
  const { between, programs, loads } = comparison;
  process.stdout.write(`\n${between.name}\n${HEADING}\n`);
  const results = new Map<Load, Map<Program, Measured>[]>(loads.map((load) => [load, []]));
  for (let round = 0; round < comparison.rounds; round++) {
    for (const load of loads) {
      const measured = new Map<Program, Measured>();
      for (const program of round % 2 === 0 ? programs : [...programs].reverse()) {
        const found = program.start === undefined ? await ownRooms(comparison, load) : await run(comparison, load, program, between);
        measured.set(program, found);
        process.stdout.write(`${runLine(program.name, load, found)}\n`);
      }
      results.get(load)?.push(measured);
    }
  }
  return results;
}

async function run(c: Comparison, load: Load, program: Program, between: Between): Promise<Measured> {
  const job: Job = {
    load,
    window: between.port === undefined ? WINDOW : Math.max(8, Math.ceil(DELIVERIES_ATTACHED / load.occupants)),
    warmup: c.warmup,
    measure: c.seconds,
    ...(c.kind === undefined ? {} : { kind: c.kind }),
    ...(c.quietly ? { quietly: true } : {}),
    ...(between.port === undefined ? {} : { server: between.port }),
    ...(program.start === undefined ? { archive: true } : {}),
  };
  const start = program.start && ((port: number, below: string) => (program.start as NonNullable<Program['start']>)(load, port, below));
  return measure(job, start, c.place, c.stop, between.pid);
}

async function ownRooms(c: Comparison, load: Load): Promise<Measured> {
  if (c.between.flavour === undefined) throw new Error('Nobody has rooms of their own here.');
  const server = await startServer(c.between.flavour, { [SERVER_DOMAIN]: SECRET }, { ownRooms: COMPONENT_DOMAIN });
  try {
    return await run(c, load, OWN_ROOMS, { ...c.between, port: server.componentPort, pid: server.pid() });
  } finally {
    await server.stop();
  }
}

/** The rounds of two of the programs. */
export function pairs(results: readonly Map<Program, Measured>[], one: Program, other: Program): Round[] {
  return results.flatMap((round) => {
    const [first, second] = [round.get(one), round.get(other)];
    return first === undefined || second === undefined ? [] : [{ first, second }];
  });
}

/** Ratios hold at equal bytes only: the deliveries of the two programs must have one form and one length. */
export function sameForm({ first, second }: Round): void {
  const [one, other] = [first.sample, second.sample];
  if (formOf(one) !== formOf(other) || Buffer.byteLength(one) !== Buffer.byteLength(other))
    throw new Error(`The deliveries are not alike:\n${one}\n${other}`);
}

/** Short runs of Parlour alone, one for each kind: from what it sends the baseline's forms are taken. */
export async function learnForms({ place, stop }: Surroundings, kinds: readonly KindName[] = ['messages']): Promise<void> {
  const load: Load = { name: 'the form', rooms: 1, occupants: 20, target: 0 };
  const program = parlour('parlour', THIS_BUILD, ALONE);
  for (const kind of kinds) {
    const job: Job = { load, window: 10, warmup: 0.2, measure: 0.5, kind };
    const { sample } = await measure(job, (port, below) => program.start?.(load, port, below) as Component, place, stop);
    if (kind === 'messages') template = templateOf(sample);
    else if (kind === 'presence') forms = { ...forms, change: formWith(sample, `<show>away</show><status>${messageId(0)}</status>`) };
    else forms = { ...forms, private: formWith(sample, privateContent(KINDS.private.stanza(load, 0, 1, 0), sample)) };
  }
}

/** What of a private message comes out as it went in. */
function privateContent(sent: string, sample: string): string {
  const content = sent.slice(sent.indexOf('>') + 1, sent.lastIndexOf('</message>'));
  if (!sample.includes(content))
    throw new Error(`A private message does not come out as it went in, ${BODY.length} bytes of text: ${sample}`);
  return content;
}

/** A real server with a component's place in it, for `body`; ended afterwards. */
export async function through<T>(flavour: Flavour, body: (between: Between) => Promise<T>, extra: Extra = {}): Promise<T> {
  const server = await startServer(flavour, { [COMPONENT_DOMAIN]: SECRET, [SERVER_DOMAIN]: SECRET }, extra);
  try {
    return await body({ name: flavour, flavour, port: server.componentPort, pid: server.pid(), domain: server.domain });
  } finally {
    await server.stop();
  }
}
