/** NATS under the benchmark's loads: one connection that publishes and has all subscriptions, and deliveries of our length. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../test/support/free-port';
import { cpuOf } from './cpu';
import type { Load } from './loads';

/** Deliveries in flight: as many as 1,100 messages to 20 people. */
const DELIVERIES = 22_000;
const MESSAGES = 1_100;
/** How the content of a message begins: it is counted, and answered by nothing else. */
const MARK = Buffer.from('\x01mark\x01');
const PATIENCE = 30_000;
const READ_BUFFER = 256 * 1024;

export interface NatsJob {
  readonly program: string;
  readonly load: Load;
  /** Bytes of a delivery on the wire; with JetStream those of a delivery without its answer subject. */
  readonly bytes: number;
  /** `core` keeps nothing. Of the others every message is on the disk before it is delivered: by one consumer whose deliveries all hear, or by a consumer for each who hears. */
  readonly kind: 'core' | 'jetstream' | 'consumers';
  readonly warmup: number;
  readonly seconds: number;
  readonly place: string;
}

export interface NatsMeasured {
  /** Deliveries per second. */
  readonly rate: number;
  /** Microseconds of the server's processor for a delivery. */
  readonly processor: number;
  /** Share of a core that this generator used. */
  readonly generator: number;
}

/** Starts a server, runs the load, and ends it. Rejects if a delivery is missing or too much. */
export async function natsRun(job: NatsJob): Promise<NatsMeasured> {
  mkdirSync(job.place, { recursive: true });
  const port = await freePort();
  const config = path.join(job.place, 'nats.conf');
  // Its own limits for one slow client would cut the connection; no pings in between, which would be counted.
  const storage = job.kind !== 'core' ? `jetstream { store_dir: "${job.place}/store", sync_interval: always }\n` : '';
  writeFileSync(config, `listen: "127.0.0.1:${port}"\nmax_pending: 1GB\nping_interval: "1h"\n${storage}`);
  const log = openSync(path.join(job.place, 'nats.log'), 'a');
  const server = spawn(job.program, ['-c', config], { stdio: ['ignore', log, log] });
  try {
    const client = new Client(await connected(port, server));
    return await client.run(job, server.pid ?? 0);
  } catch (error) {
    throw new Error(`${String(error)}\n${readFileSync(path.join(job.place, 'nats.log'), 'utf8').slice(-2000)}`, { cause: error });
  } finally {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }
}

async function connected(port: number, server: ChildProcess): Promise<number> {
  for (let waited = 0; waited < PATIENCE; waited += 50) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
      socket.on('error', () => resolve(false));
    });
    if (open) return port;
    if (server.exitCode !== null) break;
    await delay(50);
  }
  throw new Error('NATS did not open its port.');
}

class Client {
  private came = 0;
  private text: string | undefined = '';
  private kept: Buffer = Buffer.alloc(0);
  /** From one mark to the next at least. */
  private stride = 1;
  private counted: () => void = () => undefined;
  private readonly socket: net.Socket;

  constructor(port: number) {
    this.socket = net.connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BUFFER),
        callback: (length: number, buffer: Uint8Array): boolean => {
          this.read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    this.socket.on('error', () => undefined);
  }

  async run(job: NatsJob, pid: number): Promise<NatsMeasured> {
    const { load } = job;
    const isDurable = job.kind !== 'core';
    this.socket.write('CONNECT {"verbose":false,"pedantic":false,"name":"bench","protocol":1}\r\nPING\r\n');
    await this.said(/PONG/);
    const subject = (room: number): string => `room${String(room).padStart(4, '0')}`;
    for (let room = 0, n = 0; room < load.rooms; room++) {
      for (let i = 0; i < load.occupants; i++) {
        const heard = job.kind === 'core' ? subject(room) : `out.${subject(room)}${job.kind === 'consumers' ? `.${i}` : ''}`;
        this.socket.write(`SUB ${heard} s${String(n++).padStart(7, '0')}\r\n`);
      }
    }
    if (isDurable)
      await this.stream(job.kind === 'consumers' ? Array.from({ length: load.occupants }, (_, i) => `${subject(0)}.${i}`) : [subject(0)]);
    this.text = '';
    this.socket.write('PING\r\n');
    await this.said(/PONG/);
    const head = Buffer.byteLength(`MSG ${subject(0)} s0000000 ${job.bytes}\r\n\r\n`);
    const payload = Buffer.concat([MARK, Buffer.alloc(job.bytes - head - MARK.length, 0x78)]);
    const published = Array.from({ length: load.rooms }, (_, room) =>
      Buffer.concat([Buffer.from(`PUB ${isDurable ? 'in.' : ''}${subject(room)} ${payload.length}\r\n`), payload, Buffer.from('\r\n')]),
    );
    this.text = undefined;
    this.stride = payload.length;

    let sent = 0;
    let isOpen = true;
    const window = Math.min(MESSAGES, Math.max(8, Math.ceil(DELIVERIES / load.occupants)));
    this.counted = () => {
      if (!isOpen) return;
      const missing = window - (sent - Math.floor(this.came / load.occupants));
      if (missing <= 0) return;
      this.socket.write(Buffer.concat(Array.from({ length: missing }, () => published[sent++ % load.rooms] as Buffer)));
    };
    this.counted();
    await delay(job.warmup * 1000);
    const before = { came: this.came, cpu: cpuOf(pid).all, own: process.cpuUsage(), at: performance.now() };
    await delay(job.seconds * 1000);
    const seconds = (performance.now() - before.at) / 1000;
    const deliveries = this.came - before.came;
    const own = process.cpuUsage(before.own);
    const cpu = cpuOf(pid).all - before.cpu;
    isOpen = false;
    const expected = sent * load.occupants;
    for (let waited = 0; this.came < expected && waited < PATIENCE; waited += 20) await delay(20);
    await delay(200);
    if (this.came !== expected) throw new Error(`${expected} deliveries of NATS were to come, ${this.came} came.`);
    this.socket.destroy();
    if (deliveries === 0) throw new Error(`No delivery of NATS in ${job.seconds} s.`);
    return { rate: deliveries / seconds, processor: cpu / 1e3 / deliveries, generator: (own.user + own.system) / 1e6 / seconds };
  }

  /** A stream on the disk of what is said in rooms, and a consumer of it for each of these subjects, to which somebody listens already: nobody's consumer is deleted after 5 s. */
  private async stream(subjects: readonly string[]): Promise<void> {
    this.socket.write('SUB answers.* a1\r\n');
    await this.ask('STREAM.CREATE.BENCH', {
      name: 'BENCH',
      subjects: ['in.*'],
      storage: 'file',
      retention: 'limits',
      num_replicas: 1,
      max_age: 0,
    });
    for (const subject of subjects) {
      await this.ask('CONSUMER.CREATE.BENCH', {
        stream_name: 'BENCH',
        // How far somebody has come is kept in memory: only messages are to cost the disk.
        config: {
          deliver_subject: `out.${subject}`,
          deliver_policy: 'all',
          ack_policy: 'none',
          replay_policy: 'instant',
          mem_storage: true,
        },
      });
    }
  }

  private async ask(what: string, content: unknown): Promise<void> {
    const json = JSON.stringify(content);
    this.text = '';
    this.socket.write(`PUB $JS.API.${what} answers.1 ${Buffer.byteLength(json)}\r\n${json}\r\n`);
    await this.said(/"type":"io\.nats\.jetstream/);
    if (this.text.includes('"error"')) throw new Error(`JetStream refused ${what}: ${this.text}`);
  }

  private async said(what: RegExp): Promise<void> {
    for (let waited = 0; !what.test(this.text ?? ''); waited += 2) {
      if (waited > PATIENCE || /-ERR/.test(this.text ?? '')) throw new Error(`NATS did not say ${String(what)}: ${this.text?.slice(-500)}`);
      await delay(2);
    }
  }

  private read(chunk: Buffer): void {
    if (this.text !== undefined) {
      this.text += chunk.toString('latin1');
      // It asks once, shortly after the connection was made.
      if (chunk.includes('PING\r\n')) this.socket.write('PONG\r\n');
      return;
    }
    const data = this.kept.length === 0 ? chunk : Buffer.concat([this.kept, chunk]);
    let from = 0;
    for (let at = data.indexOf(MARK); at >= 0; at = data.indexOf(MARK, from)) {
      this.came++;
      from = at + this.stride;
    }
    // Of what comes after the last mark, so much may be the beginning of one; the content of a delivery has none.
    const rest = Math.min(data.length, Math.max(Math.min(from, data.length), data.length - MARK.length + 1));
    this.kept = Buffer.from(data.subarray(rest));
    this.counted();
  }
}
