/** An IRC server under the benchmark's load: a channel in which everybody has a connection of their own, with its history on, and deliveries of our length. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../test/support/free-port';
import { cpuOf } from './cpu';

/** Deliveries in flight, as with NATS. */
const DELIVERIES = 22_000;
const CHANNEL = '#bench';
/** A line with its end has no more bytes (RFC 1459 §2.3); what a delivery names besides its text is part of it. */
const MOST_LINE = 512;
const PATIENCE = 30_000;
const QUIET = 300;
const READ_BUFFER = 64 * 1024;

export interface IrcJob {
  readonly program: string;
  /** People in the channel. */
  readonly people: number;
  /** Bytes of a delivery on the wire; no more than a line of IRC may have. */
  readonly bytes: number;
  readonly warmup: number;
  readonly seconds: number;
  readonly place: string;
}

export interface IrcMeasured {
  /** Deliveries per second. */
  readonly rate: number;
  /** Microseconds of the server's processor for a delivery. */
  readonly processor: number;
  /** Share of a core that this generator used. */
  readonly generator: number;
  /** Bytes of a delivery. */
  readonly bytes: number;
}

/** One who never says too much for its own flood protection; its history keeps 50 lines of an hour. */
const settings = (port: number, place: string): string => `
<server name="irc.bench.example" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@bench.example">
<bind address="127.0.0.1" port="${port}" type="clients">
<connect name="everybody" allow="*" timeout="60" pingfreq="3600" hardsendq="1073741824" softsendq="1073741824" recvq="67108864" localmax="100000" globalmax="100000" limit="100000" fakelag="no" commandrate="1000000000" threshold="1000000000" resolvehostnames="no" modes="">
<module name="chanhistory">
<options defaultmodes="not" prefixquit="">
<pid file="${place}/inspircd.pid">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="${place}/inspircd.log">
`;

/** Starts a server, runs the load, and ends it. Rejects if a byte is missing or too much. */
export async function ircRun(job: IrcJob): Promise<IrcMeasured> {
  mkdirSync(job.place, { recursive: true });
  const port = await freePort();
  const config = path.join(job.place, 'inspircd.conf');
  writeFileSync(config, settings(port, job.place));
  const output = path.join(job.place, 'output.log');
  const log = openSync(output, 'a');
  const server = spawn(job.program, ['--nofork', '--runasroot', `--config=${config}`], { stdio: ['ignore', log, log] });
  const channel = new Channel();
  try {
    await opened(port, server);
    return await channel.run(job, port, server.pid ?? 0);
  } catch (error) {
    throw new Error(`${String(error)}\n${readFileSync(output, 'utf8').slice(-2000)}`, { cause: error });
  } finally {
    channel.end();
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }
}

async function opened(port: number, server: ChildProcess): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += 50) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
      socket.on('error', () => resolve(false));
    });
    if (isOpen) return;
    if (server.exitCode !== null) break;
    await delay(50);
  }
  throw new Error('The IRC server did not open its port.');
}

const nick = (person: number): string => `n${String(person).padStart(4, '0')}`;

/** Everybody in the channel. */
class Channel {
  private readonly sockets: net.Socket[] = [];
  /** Bytes that came, of all people; for the set-up also as text. */
  private came = 0;
  private text: string | undefined = '';
  private counted: () => void = () => undefined;

  async run({ people, bytes, warmup, seconds }: IrcJob, port: number, pid: number): Promise<IrcMeasured> {
    await this.enter(people, port);
    this.text = '';
    this.sockets[0]?.write(`MODE ${CHANNEL} +H 50:3600\r\n`);
    await this.said(new RegExp(`MODE ${CHANNEL} \\+H`));
    // What a delivery has besides its text.
    const around = (await this.lengthOf('x', people)) - 1;
    const length = Math.min(bytes, MOST_LINE);
    const line = Buffer.from(`PRIVMSG ${CHANNEL} :${'x'.repeat(length - around)}\r\n`);
    if ((await this.lengthOf('x'.repeat(length - around), people)) !== length)
      throw new Error('The IRC server changes the length of lines.');

    const hear = people - 1;
    const window = Math.max(8, Math.ceil(DELIVERIES / hear));
    const before = this.came;
    const heard = (): number => (this.came - before) / length;
    let sent = 0;
    let isOpen = true;
    this.counted = () => {
      if (!isOpen) return;
      for (let missing = window - (sent - Math.floor(heard() / hear)); missing > 0; missing--) this.sockets[sent++ % people]?.write(line);
    };
    this.counted();
    await delay(warmup * 1000);
    const start = { heard: heard(), cpu: cpuOf(pid).all, own: process.cpuUsage(), at: performance.now() };
    await delay(seconds * 1000);
    const took = (performance.now() - start.at) / 1000;
    const deliveries = heard() - start.heard;
    const own = process.cpuUsage(start.own);
    const cpu = cpuOf(pid).all - start.cpu;
    isOpen = false;
    for (let waited = 0; heard() < sent * hear && waited < PATIENCE; waited += 20) await delay(20);
    await delay(QUIET);
    if (heard() !== sent * hear) throw new Error(`${sent * hear} deliveries of IRC were to come, ${heard()} came.`);
    if (deliveries <= 0) throw new Error(`No delivery of IRC in ${seconds} s.`);
    return { rate: deliveries / took, processor: cpu / 1e3 / deliveries, generator: (own.user + own.system) / 1e6 / took, bytes: length };
  }

  end(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** All at once: the server lets new ones in once a second. */
  private async enter(people: number, port: number): Promise<void> {
    for (let person = 0; person < people; person++) {
      this.sockets.push(this.connect(port));
      this.sockets[person]?.write(`NICK ${nick(person)}\r\nUSER bench 0 * :bench\r\n`);
    }
    // The message of the day, or that there is none, ends the welcome; who asks to join before it is not heard.
    for (let person = 0; person < people; person++) await this.said(new RegExp(` (?:376|422) ${nick(person)} `));
    for (const [person, socket] of this.sockets.entries()) {
      socket.write(`JOIN ${CHANNEL}\r\n`);
      // The end of the list of names is the last thing that who enters is told.
      await this.said(new RegExp(` 366 ${nick(person)} ${CHANNEL} `));
    }
  }

  private connect(port: number): net.Socket {
    const socket = net.connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BUFFER),
        callback: (size: number, buffer: Uint8Array): boolean => {
          this.read(Buffer.from(buffer.buffer, buffer.byteOffset, size));
          return true;
        },
      },
    });
    // A lost connection is seen by what does not come.
    socket.on('error', () => undefined);
    return socket;
  }

  /** Bytes of a delivery of this text, which the first person says. */
  private async lengthOf(text: string, people: number): Promise<number> {
    await this.quiet();
    const before = this.came;
    this.sockets[0]?.write(`PRIVMSG ${CHANNEL} :${text}\r\n`);
    while (this.came === before) await delay(10);
    await this.quiet();
    const length = (this.came - before) / (people - 1);
    if (!Number.isInteger(length)) throw new Error(`${people - 1} people got ${this.came - before} bytes, which is not the same for each.`);
    return length;
  }

  private async quiet(): Promise<void> {
    for (let seen = -1; seen !== this.came; await delay(QUIET)) seen = this.came;
    this.text = undefined;
  }

  private async said(what: RegExp): Promise<void> {
    for (let waited = 0; !what.test(this.text ?? ''); waited += 10) {
      if (waited > PATIENCE || /^ERROR /m.test(this.text ?? ''))
        throw new Error(`IRC did not say ${String(what)}: ${this.text?.slice(-500)}`);
      await delay(10);
    }
  }

  private read(chunk: Buffer): void {
    this.came += chunk.length;
    if (this.text !== undefined) this.text += chunk.toString('latin1');
    this.counted();
  }
}
