/** `npm run bench -- api`: how long messages of a room take beside garbage, slow clients and a thousand connections at the API, against without, in turn in one run. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { CrowdJob, CrowdNumbers } from './api-crowd';
import { Attachment } from './attachment';
import { startParlour, THIS_BUILD } from './component';
import { roomJid, SERVER_DOMAIN, userJid, type Load } from './loads';
import { MARK, Marks } from './marks';
import { median } from './publish/figures';
import { joinEverybody } from './set-up';

const ROOM: Load = { name: 'a room of 20', rooms: 1, occupants: 20, target: 0 };
/** Messages a second. */
const TALK = 50;
/** What is promised: the p99 beside it is at most so many times that without. */
const AIM = 1.2;
/** Ticks of a second in /proc. */
const TICKS = 100;
/** The crowd has so long to come, in milliseconds. */
const COMING_MS = 3_000;

interface Phase {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Memory of Parlour in MB at its end. */
  readonly memory: number;
  /** Processor time of Parlour, all threads, in cores. */
  readonly cores: number;
}

const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1000;

/** Processor seconds of all threads so far. */
function processorOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** A port that nobody has at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

let said = 0;

/** Twenty people talk for some seconds; throws if a copy does not come. */
async function talk(attachment: Attachment, seconds: number, pid: number): Promise<Phase> {
  const marks = new Marks();
  attachment.look = (chunk) => marks.feed(chunk);
  const before = said;
  const start = performance.now();
  const used = processorOf(pid);
  for (let passed = 0; passed < seconds * 1000; passed = performance.now() - start) {
    for (; said - before < (passed / 1000) * TALK; said++) {
      const from = userJid(0, said % ROOM.occupants);
      attachment.write(
        `<message from="${from}" to="${roomJid(0)}" type="groupchat" id="t${said}"><body>${MARK}${performance.now()}</body></message>`,
      );
    }
    await delay(1);
  }
  const cores = ((processorOf(pid) - used) * 1000) / (performance.now() - start);
  const expected = (said - before) * ROOM.occupants;
  for (let waited = 0; marks.took.length < expected && waited < 30_000; waited += 50) await delay(50);
  attachment.look = undefined;
  if (marks.took.length !== expected) throw new Error(`${expected} copies were to come, ${marks.took.length} came.`);
  const sorted = Float64Array.from(marks.took).sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Infinity;
  return { p50: at(0.5), p99: at(0.99), max: at(1), memory: memoryOf(pid), cores };
}

class Crowd {
  numbers: CrowdNumbers = { open: 0, ended: 0, garbage: 0 };
  private readonly process: ChildProcess;

  constructor(job: CrowdJob) {
    this.process = fork(path.join(__dirname, 'api-crowd.js'), [JSON.stringify(job)]);
    this.process.on('message', (numbers) => (this.numbers = numbers as CrowdNumbers));
  }

  async leave(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill('SIGKILL');
    await gone;
  }
}

function line(name: string, { p50, p99, max, memory, cores }: Phase, crowd?: CrowdNumbers): string {
  const figures = [p50, p99, max].map((value) => value.toFixed(1).padStart(8)).join('');
  const who =
    crowd === undefined ? '' : `${String(crowd.open).padStart(8)}${String(crowd.ended).padStart(8)}${String(crowd.garbage).padStart(10)}`;
  return `${name.padEnd(10)}${figures}${memory.toFixed(0).padStart(9)}${cores.toFixed(2).padStart(8)}${who}\n`;
}

/** Runs the command with the words after its name; false if the promise was missed. */
export async function api(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: 'string', default: '20' }, pairs: { type: 'string', default: '5' } },
  });
  const [seconds, pairs] = [Number(values.seconds), Number(values.pairs)];
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-api-'));
  const attachment = new Attachment();
  const listen = await freePort();
  const parlour = startParlour(THIS_BUILD, await attachment.listen(), ROOM, place, { rates: true, serverDomain: SERVER_DOMAIN, listen });
  const pid = parlour.process.pid ?? 0;
  const ratios: number[] = [];
  let crowd: Crowd | undefined;
  try {
    await attachment.attached;
    attachment.mayRefuse = true;
    await joinEverybody(attachment, ROOM);
    await talk(attachment, Math.min(5, seconds), pid);
    process.stdout.write('milliseconds   p50     p99     max       MB   cores    open   ended   garbage MB\n');
    for (let pair = 0; pair < pairs; pair++) {
      const found = new Map<string, Phase>();
      // Who comes first changes.
      for (const name of pair % 2 === 0 ? ['without', 'beside'] : ['beside', 'without']) {
        if (name === 'beside') {
          crowd = new Crowd({ at: [path.join(place, 'parlour.sock'), listen] });
          await delay(COMING_MS);
        }
        found.set(name, await talk(attachment, seconds, pid));
        process.stdout.write(line(name, found.get(name) as Phase, crowd?.numbers));
        if (crowd && crowd.numbers.garbage === 0) throw new Error('Nobody reached the API.');
        await crowd?.leave();
        crowd = undefined;
        await delay(1_000);
      }
      ratios.push((found.get('beside')?.p99 ?? Infinity) / (found.get('without')?.p99 ?? 0));
    }
  } finally {
    await crowd?.leave();
    parlour.process.kill('SIGKILL');
    attachment.end();
    rmSync(place, { recursive: true, force: true });
  }
  const ratio = median(ratios);
  process.stdout.write(
    `\np99 beside, in times that without: ${ratio.toFixed(2)} (${ratios.map((one) => one.toFixed(2)).join(', ')}), at most ${AIM}\n`,
  );
  return ratio <= AIM;
}
