/** `npm run bench`: two programs in turn under each load, alone or through real servers, and the ratios of what they came to. */
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FLAVOURS, type Flavour } from '../test/e2e/servers/server';
import { startServer } from '../test/e2e/servers/flavours';
import { api } from './api';
import { away } from './away';
import { startBaseline, startParlour, THIS_BUILD, type Build } from './component';
import type { Job, Measured } from './generator';
import { hostile } from './hostile';
import { COMPONENT_DOMAIN, SECRET, SERVER_DOMAIN, type Load } from './loads';
import { measure, type Start } from './measure';
import { memory } from './memory';
import { options, type Options } from './options';
import { buildOf } from './other-build';
import { HEADING, runLine, summary, type Round } from './report';
import { storm } from './storm';
import { formOf, templateOf, USUAL, type Template } from './template';

/** Messages in flight; a little over the 1,000 promised, because the window is refilled by whole reads. */
const WINDOW = 1_100;
/** Deliveries in flight through a real server, whose buffers are bounded: about 2 MB. */
const DELIVERIES_ATTACHED = 4_400;
/** `f_type` of tmpfs, where a durable write costs nothing. */
const TMPFS = 0x01021994;

/** What is measured, by the name that the report gives it. */
interface Program {
  readonly name: string;
  start(load: Load, port: number, place: string): ReturnType<Start>;
}

/** Between generator and component: nothing (the generator is the server), or a real server. */
interface Between {
  readonly name: string;
  readonly port?: number;
  readonly pid?: number;
  /** The domain that Parlour pings. */
  readonly domain: string;
}

const ALONE: Between = { name: 'alone', domain: SERVER_DOMAIN };

/** The template of deliveries that the baseline follows; Parlour's first run sets it. */
let template: Template = USUAL;

function parlour(name: string, build: Build, between: Between, chosen: Options): Program {
  const nodeOptions = chosen.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${chosen.profile}`];
  return {
    name,
    start: (load, port, place) =>
      startParlour({ ...build, nodeOptions }, port, load, place, { rates: !chosen.defaultRates, serverDomain: between.domain }),
  };
}

const baseline: Program = { name: 'baseline', start: (_load, port, place) => startBaseline(port, template, place) };

/** All rounds of all loads with one thing between generator and component, and the summary. */
async function rounds(chosen: Options, between: Between, other: Build | undefined, place: string, stop: Promise<never>): Promise<void> {
  process.stdout.write(`\n${between.name}\n${HEADING}\n`);
  const one = parlour('parlour', THIS_BUILD, between, chosen);
  const second = other === undefined ? baseline : parlour(chosen.against ?? '', other, between, chosen);
  const programs = chosen.only === undefined ? [one, second] : [one, second].filter(({ name }) => name === chosen.only);
  const results = new Map<Load, Round[]>();
  const run = async (load: Load, program: Program): Promise<Measured> => {
    const window = between.port === undefined ? WINDOW : Math.max(8, Math.ceil(DELIVERIES_ATTACHED / load.occupants));
    const job: Job = {
      load,
      window,
      warmup: chosen.warmup,
      measure: chosen.seconds,
      ...(between.port === undefined ? {} : { server: between.port }),
    };
    const measured = await measure(job, (port, below) => program.start(load, port, below), place, stop, between.pid);
    process.stdout.write(`${runLine(program.name, load, measured)}\n`);
    return measured;
  };
  for (let round = 0; round < chosen.rounds; round++) {
    for (const load of chosen.loads) {
      const measured = new Map<Program, Measured>();
      // Who comes first changes: the second finds other caches. The baseline's form needs Parlour's first delivery.
      const order = round % 2 === 0 || programs.length < 2 ? programs : [...programs].reverse();
      for (const program of order) {
        measured.set(program, await run(load, program));
        if (program === one && between.port === undefined) template = templateOf((measured.get(one) as Measured).sample);
      }
      const [first, later] = [measured.get(one), measured.get(second)];
      if (first === undefined || later === undefined) continue;
      if (other === undefined) sameForm(first.sample, later.sample);
      results.set(load, [...(results.get(load) ?? []), { first, second: later }]);
    }
  }
  for (const [load, all] of results) {
    const target = other === undefined && between.port === undefined ? load.target : undefined;
    process.stdout.write(`\n${summary(`${between.name}, ${load.name}`, [one.name, second.name], all, target).join('\n')}\n`);
  }
}

/** Ratios hold at equal bytes only: the deliveries of the two programs must have one form and one length. */
function sameForm(one: string, other: string): void {
  if (formOf(one) !== formOf(other) || Buffer.byteLength(one) !== Buffer.byteLength(other))
    throw new Error(`The deliveries are not alike:\n${one}\n${other}`);
}

/** The loads through one real server, started and ended here. */
async function attached(flavour: Flavour, chosen: Options, other: Build | undefined, place: string, stop: Promise<never>): Promise<void> {
  const server = await startServer(flavour, { [COMPONENT_DOMAIN]: SECRET, [SERVER_DOMAIN]: SECRET });
  try {
    await rounds(chosen, { name: flavour, port: server.componentPort, pid: server.pid(), domain: server.domain }, other, place, stop);
  } finally {
    await server.stop();
  }
}

/** Through a server the form of Parlour's own deliveries is not seen any more: one short run alone shows it. */
async function learnForm(chosen: Options, place: string, stop: Promise<never>): Promise<void> {
  const load: Load = { name: 'the form', rooms: 1, occupants: 20, target: 0 };
  const job: Job = { load, window: 10, warmup: 0.2, measure: 0.5 };
  const program = parlour('parlour', THIS_BUILD, ALONE, chosen);
  template = templateOf((await measure(job, (port, below) => program.start(load, port, below), place, stop)).sample);
}

async function benchmark(chosen: Options, place: string, stop: Promise<never>): Promise<void> {
  const other = chosen.against === undefined ? undefined : buildOf(chosen.against, place);
  try {
    if (!chosen.attached) return await rounds(chosen, ALONE, other?.build, place, stop);
    if (other === undefined) await learnForm(chosen, place, stop);
    for (const flavour of FLAVOURS.filter((one) => chosen.servers === undefined || one.includes(chosen.servers)))
      await attached(flavour, chosen, other?.build, place, stop);
  } finally {
    other?.remove();
  }
}

/** Rejects on Ctrl-C or SIGTERM, so that processes and files are cleared away first. */
function interruption(): Promise<never> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => reject(new Error(`Interrupted by ${signal}.`)));
  });
  interrupted.catch(() => undefined); // It may come between two measurements; the next one is then refused at once.
  return interrupted;
}

/** Commands of their own, by the first word; false if they missed what they promise. */
const COMMANDS: Readonly<Record<string, (args: readonly string[]) => Promise<boolean>>> = { api, away, hostile, memory, storm };

async function main(): Promise<void> {
  const command = COMMANDS[process.argv[2] ?? ''];
  if (command !== undefined) {
    if (!(await command(process.argv.slice(3)))) process.exitCode = 1;
    return;
  }
  const chosen = options();
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-bench-'));
  try {
    if (statfsSync(place).type === TMPFS) {
      throw new Error(`${tmpdir()} lies in memory, where a durable write costs nothing. Set TMPDIR to a directory on a disk.`);
    }
    await benchmark(chosen, place, interruption());
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
