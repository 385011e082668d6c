/** The load generator: a process that plays the XMPP server towards one component and measures what comes back. */
import { setTimeout as delay } from 'node:timers/promises';
import { Attachment } from './attachment';
import { busyOfMachine, cpuOf, type Cpu } from './cpu';
import { joinEverybody, observe, until } from './set-up';
import { Talk } from './talk';
import { KINDS, type KindName } from './kinds';
import { nick, roomJid, userJid, type Load } from './loads';

export interface Job {
  readonly load: Load;
  /** Messages in flight. */
  readonly window: number;
  /** Seconds of load before the measurement. */
  readonly warmup: number;
  /** Seconds of the measurement. */
  readonly measure: number;
  /** What is said; without it messages. */
  readonly kind?: KindName;
  /** People enter rooms that show moderators alone. */
  readonly quietly?: boolean;
  /** After the load somebody asks the first room's archive, which has to have something: this server keeps one. */
  readonly archive?: boolean;
  /** The component port of a real server to go through; undefined: the generator itself is the server. */
  readonly server?: number;
}

/** What one run of one component came to. */
export interface Measured {
  readonly deliveries: number;
  readonly seconds: number;
  /** When the measurement began and ended, in microseconds of the machine's clock that never goes back. */
  readonly span: { readonly from: number; readonly until: number };
  /** Nanoseconds of the component's CPU during the measurement. */
  readonly mainCpu: number;
  readonly allCpu: number;
  /** Share of one core that this generator used. */
  readonly generatorCores: number;
  /** Share of one core that the real server between the two used; 0 without one. */
  readonly serverCores: number;
  /** Deliveries per second, second by second. */
  readonly bySecond: readonly number[];
  /** Cores that processes outside of the benchmark used. */
  readonly otherCores: number;
  readonly bytesPerDelivery: number;
  /** One delivery of message 0. */
  readonly sample: string;
  /** Messages sent in all, those of the set-up included. */
  readonly messages: number;
  /** IQs that the component asked in between. */
  readonly pings: number;
}

export type FromGenerator =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'measured'; readonly measured: Measured }
  | { readonly kind: 'failed'; readonly problem: string };

export interface ToGenerator {
  /** The component's process, if there is one. */
  readonly pid?: number;
  /** The real server's process, if one is between the two. */
  readonly serverPid?: number;
}

async function run(job: Job, attachment: Attachment, { pid, serverPid }: ToGenerator): Promise<Measured> {
  await attachment.attached;
  const kind = KINDS[job.kind ?? 'messages'];
  await joinEverybody(attachment, job.load, job.quietly);
  const observed = await observe(attachment, job.load, kind);
  const talk = new Talk(attachment, job.load, job.window, observed, kind);
  const component = (): Cpu => (pid === undefined ? NO_CPU : cpuOf(pid));
  talk.start();
  await talk.moving(job.warmup);

  const before = {
    delivered: talk.delivered,
    cpu: component(),
    server: serverPid === undefined ? 0 : cpuOf(serverPid).all,
    own: process.cpuUsage(),
    busy: busyOfMachine(),
    at: process.hrtime.bigint(),
  };
  const bySecond: number[] = [];
  let mark = { delivered: talk.delivered, at: performance.now() };
  await talk.moving(job.measure, () => {
    const now = { delivered: talk.delivered, at: performance.now() };
    bySecond.push(((now.delivered - mark.delivered) / (now.at - mark.at)) * 1000);
    mark = now;
  });
  const ended = process.hrtime.bigint();
  const seconds = Number(ended - before.at) / 1e9;
  const cpu = component();
  const server = (serverPid === undefined ? 0 : cpuOf(serverPid).all) - before.server;
  const own = process.cpuUsage(before.own);
  const busy = busyOfMachine() - before.busy;
  const deliveries = talk.delivered - before.delivered;

  if (deliveries === 0) throw new Error(`No delivery for ${job.measure} s with ${job.window} messages in flight.`);

  await talk.finish();
  if (job.archive) await askArchive(attachment);
  const ownNanoseconds = (own.user + own.system) * 1e3;
  return {
    deliveries,
    seconds,
    span: { from: Number(before.at / 1000n), until: Number(ended / 1000n) },
    mainCpu: cpu.main - before.cpu.main,
    allCpu: cpu.all - before.cpu.all,
    generatorCores: ownNanoseconds / 1e9 / seconds,
    serverCores: server / 1e9 / seconds,
    otherCores: Math.max(0, (busy - ownNanoseconds - server - (cpu.all - before.cpu.all)) / 1e9 / seconds),
    bySecond,
    bytesPerDelivery: Math.round(observed.bytes / observed.copies),
    sample: observed.sample,
    messages: talk.sent,
    pings: attachment.asked,
  };
}

const NO_CPU: Cpu = { main: 0, all: 0 };

/** Asks for the last message of the first room's archive (XEP-0313 §5); rejects if there is none. */
async function askArchive(attachment: Attachment): Promise<void> {
  let text = '';
  attachment.look = (chunk) => (text += chunk.toString('utf8'));
  attachment.mayRefuse = true;
  attachment.write(
    `<iq from="${userJid(0, 0)}" to="${roomJid(0)}" type="set" id="archive"><query xmlns="urn:xmpp:mam:2" queryid="q">` +
      '<set xmlns="http://jabber.org/protocol/rsm"><max>1</max><before/></set></query></iq>',
  );
  await until(attachment, () => /<iq [^>]*id=["']archive["']/.test(text), 'the archive answers');
  attachment.look = undefined;
  if (!text.includes('<result ') || !text.includes(nick(0).slice(0, 4))) throw new Error(`The archive has nothing: ${text.slice(0, 1000)}`);
}

function report(message: FromGenerator): void {
  process.send?.(message);
}

async function main(): Promise<void> {
  const job = JSON.parse(process.argv[2] ?? '') as Job;
  const attachment = new Attachment();
  const component = new Promise<ToGenerator>((resolve) => process.once('message', (message) => resolve(message as ToGenerator)));
  report({ kind: 'listening', port: job.server ?? (await attachment.listen()) });
  const processes = await component;
  if (job.server !== undefined) await attachment.joinServer(job.server);
  const measured = await run(job, attachment, processes);
  report({ kind: 'measured', measured });
}

main().catch(async (error: unknown) => {
  report({ kind: 'failed', problem: error instanceof Error ? error.message : String(error) });
  await delay(100);
  process.exit(1);
});
