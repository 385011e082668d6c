/** What live talk notices of people who page through archives: latencies in one room, alone and beside 8 readers. Run: node dist/bench/archive-live.js [options] */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fileFor, provide, type Size } from './archive-data';
import { serveComponent, type Peer } from './server';
import { chance } from './texts';

const USAGE = `node dist/bench/archive-live.js [options]
  --folder DIR    where the archive is kept for the next run (a temporary directory, removed at the end)
  --messages N    messages (1000000)
  --rooms N       rooms (1000)
  --readers N     clients that page without a pause (8)
  --seconds S     length of each measurement (10)
  --rounds N      measurements alone and beside readers, in turns (2)
  --json          the figures as one line of JSON at the end`;

const DOMAIN = 'rooms.example.org';
const LIVE = `live@${DOMAIN}`;
const OCCUPANTS = 20;
/** Milliseconds between two messages in the live room. */
const EVERY = 10;
/** How the copy begins that the speaker gets, and a question of Parlour's (a ping of the server or of a client). */
const LIVE_COPY = `<message from="${LIVE}/nick0" to="u0@example.org/x"`;
const QUESTION = '<iq from="';
const LONGEST_SIGN = 100;
/** The p99 beside readers may be so many times the p99 without. */
const AIM = 1.5;

const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    messages: { type: 'string', default: '1000000' },
    rooms: { type: 'string', default: '1000' },
    readers: { type: 'string', default: '8' },
    seconds: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
});
const size: Size = { rooms: Number(values.rooms), messages: Number(values.messages), occupants: 20 };
const readers = Number(values.readers);
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
if (![size.rooms, size.messages, readers, seconds, rounds].every((value) => value > 0)) {
  process.stderr.write(`Every number must be positive.\n${USAGE}\n`);
  process.exit(1);
}

/** The server's end: writes stanzas, and looks for two things in what comes: ids of live messages, and ends of pages. */
class Server {
  private peer: Peer | undefined;
  private rest: Buffer = Buffer.alloc(0);
  private readonly sentAt = new Map<string, number>();
  latencies: number[] = [];
  pages = 0;
  paging = false;
  joined = 0;
  private number = 0;
  private readonly next = chance(7);
  /** What each reader asks for next: a room, and behind which message. */
  private readonly places = Array.from({ length: readers }, () => ({ room: 0, after: '' }));

  listen(): Promise<number> {
    return serveComponent('example.org', (peer) => {
      this.peer = peer;
      return (chunk) => this.read(chunk);
    });
  }

  get attached(): boolean {
    return this.peer !== undefined;
  }

  write(text: string): void {
    this.peer?.write(text);
  }

  /** A message of the first occupant; the sender's own copy ends the measurement. */
  say(): void {
    const id = `live-${++this.number}`;
    this.sentAt.set(id, performance.now());
    this.write(`<message from="u0@example.org/x" to="${LIVE}" type="groupchat" id="${id}"><body>How are you?</body></message>`);
  }

  ask(reader: number): void {
    const place = this.places[reader] as { room: number; after: string };
    if (place.after === '') place.room = Math.floor(this.next() * size.rooms);
    const after = place.after === '' ? '' : `<after>${place.after}</after>`;
    this.write(
      `<iq from="r${reader}@example.org/x" to="room${place.room}@${DOMAIN}" type="set" id="page-${reader}"><query xmlns="urn:xmpp:mam:2">` +
        `<set xmlns="http://jabber.org/protocol/rsm"><max>50</max>${after}</set></query></iq>`,
    );
  }

  /** Looks for three things in the bytes; pages are many, and must not be turned into text. */
  private read(chunk: Buffer): void {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    let done = 0;
    let keep = Math.max(0, bytes.length - LONGEST_SIGN);
    /** What lies between a sign and what ends it, for each that is whole. */
    const each = (sign: string, end: string, handle: (text: string) => void): void => {
      for (let at = bytes.indexOf(sign); at >= 0; at = bytes.indexOf(sign, at + sign.length)) {
        const until = bytes.indexOf(end, at + sign.length);
        if (until < 0) {
          keep = Math.min(keep, at);
          return;
        }
        done = Math.max(done, until);
        handle(bytes.toString('latin1', at, until));
      }
    };
    each(LIVE_COPY, '>', (text) => this.heard(/ id="([^"]*)"/.exec(text)?.[1] ?? ''));
    each('id="page-', '</iq>', (text) => this.page(Number(/\d+/.exec(text)?.[0]), text));
    each(QUESTION, '>', (text) => this.answer(text));
    if (this.joined < OCCUPANTS) each('code="110"', '>', () => this.joined++);
    this.rest = Buffer.from(bytes.subarray(Math.max(done, keep)));
  }

  private heard(id: string): void {
    const sent = this.sentAt.get(id);
    if (sent !== undefined) this.latencies.push(performance.now() - sent);
    this.sentAt.delete(id);
  }

  private page(reader: number, fin: string): void {
    if (!fin.includes('<fin ')) throw new Error(`A page was refused: ${fin}`);
    this.pages++;
    const place = this.places[reader] as { room: number; after: string };
    place.after = fin.includes('complete="true"') ? '' : (/<last>([^<]*)</.exec(fin)?.[1] ?? '');
    if (this.paging) this.ask(reader);
  }

  private answer(iq: string): void {
    if (!iq.includes(' type="get"')) return;
    const attribute = (name: string): string => new RegExp(` ${name}="([^"]*)"`).exec(iq)?.[1] ?? '';
    this.write(`<iq from="${attribute('to')}" to="${attribute('from')}" id="${attribute('id')}" type="result"/>`);
  }
}

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;

/** Latencies of some seconds of live talk, in ms. */
async function talk(server: Server): Promise<{ p50: number; p99: number; pages: number }> {
  server.latencies = [];
  const before = server.pages;
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    server.say();
    await delay(EVERY);
  }
  await delay(500);
  const sorted = server.latencies.sort((a, b) => a - b);
  return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), pages: (server.pages - before) / seconds };
}

async function measure(server: Server): Promise<void> {
  const quiet: number[] = [];
  const beside: number[] = [];
  const pages: number[] = [];
  const line = (name: string, { p50, p99, pages }: Awaited<ReturnType<typeof talk>>): void =>
    void process.stdout.write(`${name.padEnd(18)} p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms  ${pages.toFixed(0)} pages/s\n`);
  for (let round = 0; round < rounds; round++) {
    const alone = await talk(server);
    line('alone', alone);
    quiet.push(alone.p99);
    server.paging = true;
    for (let reader = 0; reader < readers; reader++) server.ask(reader);
    const paged = await talk(server);
    server.paging = false;
    line(`beside ${readers} readers`, paged);
    beside.push(paged.p99);
    pages.push(paged.pages);
    await delay(1000);
  }
  const ratio = Math.min(...beside) / Math.min(...quiet);
  process.stdout.write(`p99 beside readers is ${ratio.toFixed(2)} times that alone (best of ${rounds} each; the aim is ${AIM}: `);
  process.stdout.write(`${ratio < AIM ? 'reached' : 'missed'})\n`);
  if (values.json) process.stdout.write(`${JSON.stringify({ alone: quiet, beside, pages })}\n`);
}

async function main(): Promise<void> {
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-live-'));
  const folder = values.folder ?? place;
  mkdirSync(folder, { recursive: true });
  const file = fileFor(folder, size);
  await provide(file, size, (line) => void process.stderr.write(`${line}\n`));
  const database = path.join(place, 'parlour.db');
  copyFileSync(file, database);
  const server = new Server();
  const port = await server.listen();
  const config = path.join(place, 'component.json');
  writeFileSync(
    config,
    JSON.stringify({
      server: { host: '127.0.0.1', port, secret: 'bench', domain: 'example.org' },
      component: { domain: DOMAIN },
      database: { path: database },
      service: { createRooms: 'anyone' },
      log: { level: 'warn' },
    }),
  );
  const log = openSync(path.join(place, 'output.log'), 'a');
  const parlour = spawn(process.execPath, [path.resolve(__dirname, '../src/cli.js'), 'run', '--config', config], {
    stdio: ['ignore', log, log],
  });
  const over = new Promise<void>((resolve) => parlour.once('exit', () => resolve()));
  try {
    for (let waited = 0; !server.attached; waited++) {
      if (waited > 600) throw new Error('Parlour did not attach within a minute.');
      await delay(100);
    }
    const enter = (n: number): string =>
      `<presence from="u${n}@example.org/x" to="${LIVE}/nick${n}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`;
    server.write(enter(0));
    server.write(
      `<iq from="u0@example.org/x" to="${LIVE}" type="set" id="own"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"/></query></iq>`,
    );
    for (let n = 1; n < OCCUPANTS; n++) server.write(enter(n));
    for (let waited = 0; server.joined < OCCUPANTS; waited++) {
      if (waited > 300) throw new Error(`Only ${server.joined} of ${OCCUPANTS} have entered.`);
      await delay(100);
    }
    await measure(server);
  } finally {
    parlour.kill('SIGKILL');
    await over;
    rmSync(place, { recursive: true, force: true });
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
