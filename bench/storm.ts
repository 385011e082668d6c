/** `npm run bench -- storm`: many people enter one room at once, behind servers that read fast, slowly, and for a while not at all. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startParlour, THIS_BUILD } from './component';
import { COMPONENT_DOMAIN, SERVER_DOMAIN } from './loads';
import { PacedServer } from './paced-server';
import { stormAttached } from './storm-attached';
import { instant, jidOf, join, Scanner } from './storm-people';

const USAGE = `npm run bench -- storm [attached | alone] [options]
  attached       through real servers, against the baseline with presences of the same form; takes --people, --servers and --rounds (3)
  alone          the same with nothing between
  --people N     who enter (1000)
  --before N     who are in the room before (0)
  --pace P       only this server: unlimited, 10MB, 2MB or stalled
  --stall S      seconds for which the stalled server reads nothing (30)
  --patience S   seconds after which it is over (900)
  --empty        the room has no history
  --heap MB      Node's --max-old-space-size (256)`;

const MB = 1_000_000;
/** Aims: seconds until somebody is in another room, and the memory of the process in MB. */
const ENTRY_AIM = 3;
const MEMORY_AIM = 300;
/** Somebody enters a room of their own this often, in ms. */
const VISIT_MS = 500;

interface Pace {
  readonly name: string;
  readonly bytesPerSecond: number;
  /** Seconds of no reading at the beginning. */
  readonly stall: number;
}

interface Outcome {
  readonly entered: number;
  readonly refused: number;
  readonly connections: number;
  /** MB of the whole process at its highest. */
  readonly peak: number;
  /** Seconds from the first join until the last one was in. */
  readonly all: number;
  /** The longest that somebody took to enter another room, and how many did. */
  readonly visit: number;
  readonly visits: number;
  readonly bytes: number;
}

interface Storm {
  readonly people: number;
  readonly before: number;
  readonly patience: number;
  readonly heap: number;
  readonly history: boolean;
}

/** True if every aim was met. */
export async function storm(args: readonly string[]): Promise<boolean> {
  if (args[0] === 'attached' || args[0] === 'alone') return stormAttached(args.slice(1), args[0] === 'alone');
  const { values } = parseArgs({
    args: [...args],
    options: {
      people: { type: 'string', default: '1000' },
      before: { type: 'string', default: '0' },
      pace: { type: 'string' },
      stall: { type: 'string', default: '30' },
      patience: { type: 'string', default: '900' },
      heap: { type: 'string', default: '256' },
      empty: { type: 'boolean', default: false },
    },
  });
  const [people, before, stall, patience, heap] = [values.people, values.before, values.stall, values.patience, values.heap].map(
    Number,
  ) as [number, number, number, number, number];
  const paces: readonly Pace[] = [
    { name: 'unlimited', bytesPerSecond: Infinity, stall: 0 },
    { name: '10MB', bytesPerSecond: 10 * MB, stall: 0 },
    { name: '2MB', bytesPerSecond: 2 * MB, stall: 0 },
    { name: 'stalled', bytesPerSecond: Infinity, stall },
  ].filter((pace) => values.pace === undefined || pace.name === values.pace);
  if (paces.length === 0 || !(people > 0 && stall > 0 && patience > 0 && heap > 0 && before >= 0)) throw new Error(USAGE);
  process.stdout.write(`${people} people enter one room\n`);
  process.stdout.write('server     entered refused connections  peak MB   all in s  another room s (visits)       MB\n');
  let met = true;
  for (const pace of paces) {
    const place = mkdtempSync(path.join(tmpdir(), 'parlour-storm-'));
    try {
      const outcome = await blow({ people, before, patience, heap, history: !values.empty }, pace, place);
      const missed = misses(outcome, people);
      process.stdout.write(`${line(pace.name, outcome)}${missed.length > 0 ? `  MISSED: ${missed.join(', ')}` : ''}\n`);
      if (missed.length > 0) met = false;
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  }
  return met;
}

async function blow({ people, before, patience, heap, history }: Storm, pace: Pace, place: string): Promise<Outcome> {
  /** When each was in. */
  const inside = new Map<string, number>();
  const asked = new Map<string, number>();
  let refused = 0;
  let last = 0;
  const scanner = new Scanner((stanza, sign) => {
    const to = /\sto=["']([^"'@]*)@?/.exec(stanza)?.[1] ?? '';
    if (sign === 2) {
      if (refused++ === 0) process.stderr.write(`refused: ${stanza}\n`);
    } else if (sign === 3) {
      const [, from = '', target = ''] = /from="([^"]*)" to="([^"]*)"/.exec(stanza) ?? [];
      const id = / id="([^"]*)"/.exec(stanza)?.[1] ?? '';
      server.write(`<iq from="${target}" to="${from}" id="${id}" type="result"/>`);
    } else if (!inside.has(to)) {
      inside.set(to, performance.now());
      if (to.startsWith('p')) last = performance.now();
    }
  });
  const server = new PacedServer((chunk) => scanner.feed(chunk));
  const port = await server.listen();
  const parlour = startParlour(
    { ...THIS_BUILD, nodeOptions: [`--max-old-space-size=${heap}`] },
    port,
    { name: 'storm', rooms: 1, occupants: people + before + 10, target: 0 },
    place,
    { rates: false, serverDomain: SERVER_DOMAIN },
  );
  const until = async (reached: () => boolean, seconds: number): Promise<boolean> => {
    for (const end = Date.now() + seconds * 1000; Date.now() < end; await delay(20)) {
      if (reached()) return true;
      if (parlour.process.exitCode !== null)
        throw new Error(`Parlour ended:\n${readFileSync(path.join(place, 'output.log'), 'utf8').slice(-2000)}`);
    }
    return reached();
  };
  try {
    if (!(await until(() => server.attached, 30))) throw new Error('Parlour did not attach within 30 s.');
    server.write(join('owner', 'storm') + instant('owner', 'storm'));
    await until(() => inside.has('owner'), 30);
    // Everybody who enters has a history to wait for, unless it is to be none.
    if (history)
      server.write(`<message from="${jidOf('owner')}" to="storm@${COMPONENT_DOMAIN}" type="groupchat" id="h"><body>Hello</body></message>`);
    for (let i = 0; i < before; i++) server.write(join(`b${i}`, 'storm'));
    await until(() => [...inside.keys()].filter((name) => name.startsWith('b')).length >= before, patience);
    const received = server.received;
    server.pace(pace.stall > 0 ? 0 : pace.bytesPerSecond);
    const began = performance.now();
    const reads = began + pace.stall * 1000;
    if (pace.stall > 0) setTimeout(() => server.pace(pace.bytesPerSecond), pace.stall * 1000);
    server.write(Array.from({ length: people }, (_, i) => join(`p${i}`, 'storm')).join(''));
    const visits = setInterval(() => {
      const name = `visitor${asked.size}`;
      asked.set(name, performance.now());
      server.write(join(name, name));
    }, VISIT_MS);
    let entered = 0;
    const count = (): number => [...inside.keys()].filter((name) => name.startsWith('p')).length;
    await until(() => (entered = count()) >= people, patience);
    clearInterval(visits);
    await until(() => [...asked.keys()].every((name) => inside.has(name)), 10);
    if (process.env['STORM_LOG']) {
      const times = [...asked].map(
        ([name, at]) => `${((at - began) / 1000).toFixed(1)}:${(((inside.get(name) ?? Infinity) - at) / 1000).toFixed(2)}`,
      );
      process.stderr.write(`${times.join(' ')}\n`);
    }
    // A server that reads nothing shows nobody anything: it counts from when it reads again.
    const visit = Math.max(...[...asked].map(([name, at]) => (inside.get(name) ?? Infinity) - Math.max(at, reads)));
    return {
      entered,
      refused,
      connections: server.connections,
      peak: highest(parlour.process.pid as number),
      all: entered < people ? NaN : (last - began) / 1000,
      visit: visit / 1000,
      visits: asked.size,
      bytes: server.received - received,
    };
  } finally {
    if (process.env['STORM_LOG']) process.stderr.write(readFileSync(path.join(place, 'output.log'), 'utf8').slice(-3000));
    parlour.process.kill('SIGKILL');
    server.close();
  }
}

/** MB of the whole process at its highest, as the kernel counts them. */
function highest(pid: number): number {
  return (Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / MB;
}

function misses(outcome: Outcome, people: number): string[] {
  return [
    ...(outcome.entered < people ? ['somebody is not in'] : []),
    ...(outcome.refused > 0 ? ['somebody was refused'] : []),
    ...(outcome.connections > 1 ? ['the link was lost'] : []),
    ...(outcome.visit <= ENTRY_AIM ? [] : ['another room']),
    ...(outcome.peak < MEMORY_AIM ? [] : ['memory']),
  ];
}

function line(name: string, o: Outcome): string {
  return [
    name.padEnd(10),
    String(o.entered).padStart(7),
    String(o.refused).padStart(7),
    String(o.connections).padStart(11),
    o.peak.toFixed(0).padStart(8),
    o.all.toFixed(1).padStart(10),
    `${o.visit.toFixed(2)} (${o.visits})`.padStart(24),
    (o.bytes / MB).toFixed(0).padStart(8),
  ].join(' ');
}
