/** Before the load: everybody joins, and one message shows how long a delivery is. Reads what comes; nothing here is measured. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Attachment } from './attachment';
import { Occurrences } from './byte-counter';
import { BODY, message, messageId, nick, roomJid, userJid, type Load } from './loads';

/** Joins or creations without an answer at the same time. */
const WINDOW = 64;
/** Milliseconds without a byte after which nothing more is expected, and after which a wait is given up. */
const QUIET = 400;
const PATIENCE = 30_000;

/** Creates the rooms as instant rooms (§10.1.2) and lets the occupants enter one after the other. */
export async function joinEverybody(attachment: Attachment, load: Load): Promise<void> {
  const entered = new Occurrences('code="110"');
  const refused = new Occurrences('<error ');
  let last = '';
  attachment.look = (chunk) => {
    entered.feed(chunk);
    refused.feed(chunk);
    last = chunk.toString('utf8', Math.max(0, chunk.length - 1500));
  };
  const check = (): void => {
    if (refused.count > 0) throw new Error(`The component answered with an error while the occupants joined. It last said: ${last}`);
  };

  for (let room = 0; room < load.rooms; room++) {
    attachment.write(join(room, 0) + instantRoom(room));
    await until(attachment, () => (check(), attachment.answers > room - WINDOW), 'rooms are created');
  }
  await until(attachment, () => (check(), attachment.answers === load.rooms && entered.count === load.rooms), 'all rooms are created');

  let joining = load.rooms;
  for (let occupant = 1; occupant < load.occupants; occupant++) {
    for (let room = 0; room < load.rooms; room++) {
      attachment.write(join(room, occupant));
      joining++;
      if (joining - entered.count > WINDOW)
        await until(attachment, () => (check(), joining - entered.count <= WINDOW / 2), 'occupants enter');
    }
  }
  await until(attachment, () => (check(), entered.count === load.rooms * load.occupants), 'all occupants have entered');
  await quiet(attachment);
  attachment.look = undefined;
}

export interface Observed {
  readonly bytesPerDelivery: number;
  readonly sample: string;
  /** Messages sent for it. */
  readonly messages: number;
}

/** Sends single messages into the first and the last room and looks at every delivery: all occupants, all of one length. */
export async function observe(attachment: Attachment, load: Load): Promise<Observed> {
  const first = await deliveriesOf(attachment, load, 0, 0, 0);
  const other = await deliveriesOf(attachment, load, load.rooms - 1, load.occupants - 1, 1);
  const bytesPerDelivery = Buffer.byteLength(first[0] ?? '');
  const odd = [...first, ...other].find((delivery) => Buffer.byteLength(delivery) !== bytesPerDelivery);
  if (odd !== undefined) throw new Error(`Deliveries differ in length, so bytes cannot be counted: ${first[0]} and ${odd}`);
  return { bytesPerDelivery, sample: first[0] ?? '', messages: 2 };
}

async function deliveriesOf(attachment: Attachment, load: Load, room: number, occupant: number, n: number): Promise<string[]> {
  const chunks: Buffer[] = [];
  attachment.look = (chunk) => chunks.push(Buffer.from(chunk));
  const before = attachment.received;
  attachment.write(message(room, occupant, n));
  await until(attachment, () => attachment.received > before, 'a message is delivered');
  await quiet(attachment);
  attachment.look = undefined;
  // Nothing in a delivery needs quotes but attributes, which servers write in either kind.
  const text = Buffer.concat(chunks).toString('utf8').replaceAll("'", '"').trim();
  const deliveries = text.match(/<message .*?<\/message>/gs) ?? [];
  const rest = text.replace(/<message .*?<\/message>|<iq [^>]*\/>|<iq .*?<\/iq>/gs, '');
  if (rest !== '') throw new Error(`Something else than deliveries followed a message: ${rest.slice(0, 1000)}`);
  const addressees = new Set<string>();
  for (const delivery of deliveries) {
    const to = / to="([^"]*)"/.exec(delivery)?.[1] ?? '';
    addressees.add(to);
    for (const part of [` from="${roomJid(room)}/${nick(occupant)}"`, ` id="${messageId(n)}"`, `<body>${BODY}</body>`]) {
      if (!delivery.includes(part)) throw new Error(`A delivery lacks ${part}: ${delivery}`);
    }
  }
  for (let i = 0; i < load.occupants; i++) {
    if (!addressees.has(userJid(room, i))) throw new Error(`${userJid(room, i)} did not get the message.`);
  }
  if (deliveries.length !== load.occupants) throw new Error(`${load.occupants} deliveries were expected, ${deliveries.length} came.`);
  return deliveries;
}

function join(room: number, occupant: number): string {
  return `<presence from="${userJid(room, occupant)}" to="${roomJid(room)}/${nick(occupant)}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`;
}

function instantRoom(room: number): string {
  return (
    `<iq from="${userJid(room, 0)}" to="${roomJid(room)}" type="set" id="own${room}"><query xmlns="http://jabber.org/protocol/muc#owner">` +
    '<x xmlns="jabber:x:data" type="submit"/></query></iq>'
  );
}

/** Waits for a state of the connection; gives up when no byte has come for long. */
export async function until(attachment: Attachment, reached: () => boolean, what: string): Promise<void> {
  let seen = attachment.received + attachment.answers;
  let since = Date.now();
  while (!reached()) {
    await delay(5);
    const now = attachment.received + attachment.answers;
    if (now !== seen) since = Date.now();
    seen = now;
    if (Date.now() - since > PATIENCE)
      throw new Error(`Waited until ${what}, but the component has said nothing for ${PATIENCE / 1000} s.`);
  }
}

/** Waits until nothing but IQs has come for a while. */
export async function quiet(attachment: Attachment): Promise<void> {
  for (let seen = -1; seen !== attachment.received;) {
    seen = attachment.received;
    await delay(QUIET);
  }
}
