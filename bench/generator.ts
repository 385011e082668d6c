/** The load generator: a process that plays the XMPP server towards one component and measures what comes back. */
import { setTimeout as delay } from 'node:timers/promises';
import { Attachment } from './attachment';
import { busyOfMachine, cpuOf } from './cpu';
import { joinEverybody, observe } from './set-up';
import { Talk } from './talk';
import type { Load } from './loads';

export interface Job {
  readonly load: Load;
  /** Messages in flight. */
  readonly window: number;
  /** Seconds of load before the measurement. */
  readonly warmup: number;
  /** Seconds of the measurement. */
  readonly measure: number;
  /** The component port of a real server to go through; undefined: the generator itself is the server. */
  readonly server?: number;
}

/** What one run of one component came to. */
export interface Measured {
  readonly deliveries: number;
  readonly seconds: number;
  /** Nanoseconds of the component's CPU during the measurement. */
  readonly mainCpu: number;
  readonly allCpu: number;
  /** Share of one core that this generator used. */
  readonly generatorCores: number;
  /** Share of one core that the real server between the two used; 0 without one. */
  readonly serverCores: number;
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
  /** The component's process. */
  readonly pid: number;
  /** The real server's process, if one is between the two. */
  readonly serverPid?: number;
}

async function run(job: Job, attachment: Attachment, { pid, serverPid }: ToGenerator): Promise<Measured> {
  await attachment.attached;
  await joinEverybody(attachment, job.load);
  const observed = await observe(attachment, job.load);
  const talk = new Talk(attachment, job.load, job.window, observed.bytesPerDelivery, observed.messages);
  talk.start();
  await talk.moving(job.warmup);

  const before = {
    delivered: talk.delivered,
    cpu: cpuOf(pid),
    server: serverPid === undefined ? 0 : cpuOf(serverPid).all,
    own: process.cpuUsage(),
    busy: busyOfMachine(),
    at: process.hrtime.bigint(),
  };
  await talk.moving(job.measure);
  const seconds = Number(process.hrtime.bigint() - before.at) / 1e9;
  const cpu = cpuOf(pid);
  const server = (serverPid === undefined ? 0 : cpuOf(serverPid).all) - before.server;
  const own = process.cpuUsage(before.own);
  const busy = busyOfMachine() - before.busy;
  const deliveries = talk.delivered - before.delivered;

  await talk.finish();
  const ownNanoseconds = (own.user + own.system) * 1e3;
  return {
    deliveries,
    seconds,
    mainCpu: cpu.main - before.cpu.main,
    allCpu: cpu.all - before.cpu.all,
    generatorCores: ownNanoseconds / 1e9 / seconds,
    serverCores: server / 1e9 / seconds,
    otherCores: Math.max(0, (busy - ownNanoseconds - server - (cpu.all - before.cpu.all)) / 1e9 / seconds),
    bytesPerDelivery: observed.bytesPerDelivery,
    sample: observed.sample,
    messages: talk.sent,
    pings: attachment.asked,
  };
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
