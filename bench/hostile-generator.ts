/** One account floods while twenty people talk in another room: how long their messages take. A process of its own, like the generator. */
import { setTimeout as delay } from 'node:timers/promises';
import { Attachment } from './attachment';
import { COMPONENT_DOMAIN, nick, roomJid, SERVER_DOMAIN, userJid, type Load } from './loads';
import { MARK, Marks } from './marks';
import { joinEverybody } from './set-up';
import type { ToGenerator } from './generator';

/** Two rooms of 20: the innocents', and the one in which the flood is. */
export const ROOMS: Load = { name: 'two rooms of 20', rooms: 2, occupants: 20, target: 0 };
/** Messages of the innocents per second, all together. */
const TALK = 10;
/** Hostile stanzas per second, or as many as are taken. */
const FLOOD = 500;
/** Bytes that wait at our end beyond which the flood is as fast as it is accepted. */
const TAKEN = 256 * 1024;

const FLOODER = `mallory@${SERVER_DOMAIN}/x`;
const HERE = roomJid(1);
const padding = (bytes: number): string => 'x'.repeat(bytes);
const BIG_PRESENCE = padding(100_000);
const BIG_MESSAGE = padding(250_000);

/** Each kind of flood: its n-th stanza. */
export const FLOODS: Readonly<Record<string, (n: number) => string>> = {
  none: () => '',
  'nick changes': (n) => `<presence from='${FLOODER}' to='${HERE}/mallory${n}'></presence>`,
  'joins and leaves': (n) =>
    n % 2 === 0
      ? `<presence from='${FLOODER}' to='${HERE}/mallory' type='unavailable'></presence>`
      : `<presence from='${FLOODER}' to='${HERE}/mallory'><x xmlns='http://jabber.org/protocol/muc'/></presence>`,
  'presences of 100 KB': (n) => `<presence from='${FLOODER}' to='${HERE}/mallory'><status>${n}${BIG_PRESENCE}</status></presence>`,
  'messages of 250 KB': (n) =>
    `<message from='${FLOODER}' to='${HERE}' type='groupchat' id='big${n}'><body>${n}${BIG_MESSAGE}</body></message>`,
  disco: (n) =>
    `<iq from='${FLOODER}' to='${n % 2 === 0 ? HERE : COMPONENT_DOMAIN}' type='get' id='d${n}'><query xmlns='http://jabber.org/protocol/disco#${n % 4 < 2 ? 'info' : 'items'}'/></iq>`,
  vCards: (n) => `<iq from='${FLOODER}' to='${HERE}/${nick(n % 20)}' type='get' id='v${n}'><vCard xmlns='vcard-temp'/></iq>`,
  'errors of nobody': (n) =>
    `<message from='nobody${n}@${SERVER_DOMAIN}/x' to='${roomJid(0)}' type='error' id='e${n}'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>`,
};

export interface HostileJob {
  readonly flood: string;
  /** Of the flood. */
  readonly seconds: number;
  readonly server?: number;
}

/** How long the innocents' messages took to each of them, in milliseconds. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Deliveries that came, and how many there should be. */
  readonly came: number;
  readonly expected: number;
  /** Hostile stanzas written. */
  readonly flooded: number;
}

async function run(job: HostileJob, attachment: Attachment): Promise<Latencies> {
  await attachment.attached;
  await joinEverybody(attachment, ROOMS);
  attachment.mayRefuse = true;
  attachment.write(`<presence from='${FLOODER}' to='${HERE}/mallory'><x xmlns='http://jabber.org/protocol/muc'/></presence>`);
  await delay(500);
  const marks = new Marks();
  attachment.look = (chunk) => marks.feed(chunk);
  const flood = FLOODS[job.flood];
  if (flood === undefined) throw new Error(`There is no flood "${job.flood}".`);

  const start = performance.now();
  let said = 0;
  let flooded = 0;
  for (let passed = 0; passed < job.seconds * 1000; passed = performance.now() - start) {
    for (; said < (passed / 1000) * TALK; said++) {
      const from = said % ROOMS.occupants;
      attachment.write(
        `<message from="${userJid(0, from)}" to="${roomJid(0)}" type="groupchat" id="t${said}"><body>${MARK}${performance.now()}</body></message>`,
      );
    }
    for (; flooded < (passed / 1000) * FLOOD && attachment.backlog < TAKEN; flooded++) attachment.write(flood(flooded));
    await delay(1);
  }
  const expected = said * ROOMS.occupants;
  for (let waited = 0; marks.took.length < expected && waited < 30_000; waited += 50) await delay(50);
  attachment.look = undefined;
  const sorted = Float64Array.from(marks.took).sort();
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Infinity;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1), came: sorted.length, expected, flooded };
}

async function main(): Promise<void> {
  const job = JSON.parse(process.argv[2] ?? '') as HostileJob;
  const attachment = new Attachment();
  const started = new Promise<ToGenerator>((resolve) => process.once('message', (message) => resolve(message as ToGenerator)));
  process.send?.({ kind: 'listening', port: job.server ?? (await attachment.listen()) });
  await started;
  if (job.server !== undefined) await attachment.joinServer(job.server);
  process.send?.({ kind: 'measured', latencies: await run(job, attachment) });
}

if (require.main === module)
  main().catch(async (error: unknown) => {
    process.send?.({ kind: 'failed', problem: error instanceof Error ? error.message : String(error) });
    await delay(100);
    process.exit(1);
  });
