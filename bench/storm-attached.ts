/** `npm run bench -- storm attached` and `storm alone`: many people enter one room at once and then leave it at once, through real servers or none, against the baseline at equal bytes. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startServer } from '../test/e2e/servers/flavours';
import { FLAVOURS, type Flavour } from '../test/e2e/servers/server';
import { Attachment } from './attachment';
import type { Forms } from './splicer';
import { startBaseline, startParlour, THIS_BUILD, type Component, type Settings } from './component';
import { COMPONENT_DOMAIN, SECRET, SERVER_DOMAIN, type Load } from './loads';
import { PacedServer } from './paced-server';
import { median } from './publish/figures';
import { instant, join, leave, Scanner } from './storm-people';
import { ID_LENGTH, USUAL, type Template } from './template';

/** At most so many times the baseline's time for a byte, and so many seconds until somebody is in another room. */
const AIM = 1.1;
const AIM_ALONE = 2;
const ENTRY_AIM = 3;
/** Node's heap, in MB, and the most memory of the process. */
const HEAP = 256;
const MEMORY_AIM = 300;
const VISIT_MS = 500;
const PATIENCE = 900;

export interface Storm {
  /** Seconds from the first join until the last one was in. */
  readonly all: number;
  /** Bytes until then. */
  readonly bytes: number;
  /** Seconds from the first who leaves until the last one was out, when all of them leave at once, and bytes until then. */
  readonly out: number;
  readonly outBytes: number;
  readonly refused: number;
  /** The longest that somebody took to enter another room, in seconds. */
  readonly visit: number;
  /** MB of the process at its highest. */
  readonly peak: number;
}

type Start = (port: number, place: string) => Component;

/** True if every aim was met. */
export async function stormAttached(args: readonly string[], isAlone: boolean): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: { people: { type: 'string', default: '1000' }, servers: { type: 'string' }, rounds: { type: 'string', default: '3' } },
  });
  const [people, rounds] = [Number(values.people), Number(values.rounds)];
  const chosen: readonly (Flavour | 'alone')[] = isAlone
    ? ['alone']
    : FLAVOURS.filter((one) => values.servers === undefined || one.includes(values.servers));
  if (!(people > 1 && rounds > 0) || chosen.length === 0) throw new Error('storm attached [--people N] [--servers TEXT] [--rounds N]');
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-storm-'));
  try {
    let met = true;
    for (const flavour of chosen) if (!(await through(flavour, people, rounds, place))) met = false;
    return met;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

const load = (people: number): Load => ({ name: 'storm', rooms: 1, occupants: people + 10, target: 0 });

/** How Parlour tells an occupant of another who enters, and of one who leaves, before a server has changed the order of attributes. */
async function learnForms(place: string): Promise<Required<Pick<Forms, 'presence' | 'leave'>>> {
  let text = '';
  const server = new PacedServer((chunk) => (text += chunk.toString('utf8')));
  const parlour = startParlour(THIS_BUILD, await server.listen(), load(2), path.join(place, 'form'), {
    rates: false,
    serverDomain: SERVER_DOMAIN,
  });
  const sample = (type: string): RegExp => new RegExp(`<presence from="storm@${COMPONENT_DOMAIN}/p1" to="p0@[^"]*"${type}>.*?</presence>`);
  const [enters, leaves] = [sample(''), sample(' type="unavailable"')];
  try {
    await until(() => server.attached, 30);
    server.write(join('p0', 'storm') + instant('p0', 'storm'));
    await until(() => text.includes('<iq '), 30);
    server.write(join('p1', 'storm'));
    await until(() => enters.test(text), 30);
    server.write(leave('p1', 'storm'));
    await until(() => leaves.test(text), 30);
  } finally {
    parlour.process.kill('SIGKILL');
    server.close();
  }
  const form = (one: RegExp): Template =>
    (one.exec(text) as RegExpExecArray)[0]
      .replace(/ from="[^"]*" to="[^"]*"/, ' from="{{from}}" to="{{to}}"')
      .replace(new RegExp(`(<occupant-id [^>]*id=")[^"]{${ID_LENGTH}}"`), '$1{{occupant-id}}"');
  return { presence: form(enters), leave: form(leaves) };
}

/** How a round went: Parlour's storm and the baseline's. */
export interface StormRound {
  readonly parlour: Storm;
  readonly baseline: Storm;
}

/** The rounds with nothing between (`alone`), or with a server of that flavour; printed as they come. `service`: a multicast service that the server is to have, by which Parlour speaks. */
export async function storms(
  flavour: Flavour | 'alone',
  people: number,
  rounds: number,
  place: string,
  service?: string,
): Promise<StormRound[]> {
  const forms = await learnForms(mkdtempSync(path.join(place, 'form-')));
  const extra = service === undefined ? {} : { multicastFor: COMPONENT_DOMAIN };
  const server =
    flavour === 'alone' ? undefined : await startServer(flavour, { [COMPONENT_DOMAIN]: SECRET, [SERVER_DOMAIN]: SECRET }, extra);
  const parlour =
    (settings: Settings): Start =>
    (port, below) =>
      startParlour({ ...THIS_BUILD, nodeOptions: [`--max-old-space-size=${HEAP}`] }, port, load(people), below, settings);
  const programs: readonly (readonly [keyof StormRound, Start])[] = [
    // With a service the people's domain counts as the server's own: its people are whom it serves.
    service === undefined
      ? ['parlour', parlour({ rates: false, serverDomain: server?.domain ?? SERVER_DOMAIN })]
      : ['parlour', parlour({ rates: false, serverDomain: SERVER_DOMAIN, multicast: service })],
    ['baseline', (port, below) => startBaseline(port, USUAL, below, [], forms)],
  ];
  process.stdout.write(`\n${flavour}: ${people} people enter one room\n`);
  process.stdout.write('program     all in s       MB  µs a KB  all out s       MB  µs a KB  refused  another room s  peak MB\n');
  const found: StormRound[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const storms: Partial<Record<keyof StormRound, Storm>> = {};
      for (const [name, start] of round % 2 === 0 ? programs : [...programs].reverse()) {
        const below = mkdtempSync(path.join(place, 'run-'));
        const storm = await blow(people, server?.componentPort, (port) => start(port, below));
        rmSync(below, { recursive: true, force: true });
        storms[name] = storm;
        process.stdout.write(`${line(name, storm)}\n`);
      }
      found.push(storms as StormRound);
    }
    return found;
  } finally {
    await server?.stop();
  }
}

/** Nanoseconds for a byte, while all enter and while all leave. */
export const costOf = ({ all, bytes }: Storm): number => (all / bytes) * 1e9;
export const leavingCostOf = ({ out, outBytes }: Storm): number => (out / outBytes) * 1e9;

async function through(flavour: Flavour | 'alone', people: number, rounds: number, place: string): Promise<boolean> {
  const found = await storms(flavour, people, rounds, place);
  const ratios = found.map(({ parlour, baseline }) => costOf(parlour) / costOf(baseline));
  const leaves = found.map(({ parlour, baseline }) => leavingCostOf(parlour) / leavingCostOf(baseline));
  const [ratio, aim] = [median(ratios), flavour === 'alone' ? AIM_ALONE : AIM];
  process.stdout.write(
    `${flavour}: ${ratio.toFixed(2)} times the baseline's time for a byte (aim ${aim}; ${ratios.map((one) => one.toFixed(2)).join(', ')}), and ${median(leaves).toFixed(2)} times when all leave\n`,
  );
  const well = found.every(({ parlour: { refused, visit, peak } }) => refused === 0 && visit <= ENTRY_AIM && peak <= MEMORY_AIM);
  return well && ratio <= aim;
}

async function blow(people: number, port: number | undefined, start: (port: number) => Component): Promise<Storm> {
  const attachment = new Attachment();
  const component = start(port ?? (await attachment.listen()));
  const inside = new Map<string, number>();
  const asked = new Map<string, number>();
  let refused = 0;
  let received = 0;
  let isLeaving = false;
  let last = { at: 0, bytes: 0 };
  const scanner = new Scanner((stanza, sign) => {
    if (sign === 3) return;
    const to = /\sto=["']([^"'@]*)@?/.exec(stanza)?.[1] ?? '';
    if (sign === 2) refused++;
    else if (isLeaving) {
      if (to.startsWith('p') && inside.delete(to)) last = { at: performance.now(), bytes: received };
    } else if (!inside.has(to)) {
      inside.set(to, performance.now());
      if (to.startsWith('p')) last = { at: performance.now(), bytes: received };
    }
  });
  try {
    if (port === undefined) await attachment.attached;
    else await attachment.joinServer(port);
    attachment.mayRefuse = true;
    attachment.look = (chunk) => {
      received += chunk.length;
      scanner.feed(chunk);
    };
    attachment.write(join('owner', 'storm') + instant('owner', 'storm'));
    await until(() => inside.has('owner'), 30);
    await delay(500);
    received = 0;
    const began = performance.now();
    attachment.write(Array.from({ length: people }, (_, i) => join(`p${i}`, 'storm')).join(''));
    const visits = setInterval(() => {
      const name = `visitor${asked.size}`;
      asked.set(name, performance.now());
      attachment.write(join(name, name));
    }, VISIT_MS);
    const entered = (): number => [...inside.keys()].filter((name) => name.startsWith('p')).length;
    await until(() => entered() >= people, PATIENCE);
    clearInterval(visits);
    await until(() => [...asked.keys()].every((name) => inside.has(name)), 30);
    const came = { all: (last.at - began) / 1000, bytes: last.bytes };
    isLeaving = true;
    received = 0;
    const ended = performance.now();
    const visit = Math.max(0, ...[...asked].map(([name, at]) => (inside.get(name) as number) - at)) / 1000;
    attachment.write(Array.from({ length: people }, (_, i) => leave(`p${i}`, 'storm')).join(''));
    await until(() => entered() === 0, PATIENCE);
    const status = readFileSync(`/proc/${component.process.pid}/status`, 'utf8');
    return {
      ...came,
      out: (last.at - ended) / 1000,
      outBytes: last.bytes,
      refused,
      visit,
      peak: (Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024) / 1e6,
    };
  } finally {
    if (port !== undefined) attachment.end();
    await component.stop();
    attachment.end();
  }
}

async function until(reached: () => boolean, seconds: number): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await delay(20)) if (reached()) return;
  throw new Error(`What was waited for did not come within ${seconds} s.`);
}

function line(name: string, storm: Storm): string {
  const { all, bytes, out, outBytes, refused, visit, peak } = storm;
  return [
    name.padEnd(9),
    all.toFixed(1).padStart(10),
    (bytes / 1e6).toFixed(0).padStart(8),
    costOf(storm).toFixed(1).padStart(8),
    out.toFixed(1).padStart(10),
    (outBytes / 1e6).toFixed(0).padStart(8),
    leavingCostOf(storm).toFixed(1).padStart(8),
    String(refused).padStart(8),
    visit.toFixed(2).padStart(15),
    peak.toFixed(0).padStart(8),
  ].join(' ');
}
