/** Before the load: everybody joins, and one message shows how long a delivery is. Reads what comes; nothing here is measured. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Attachment } from './attachment';
import { Occurrences } from './byte-counter';
import { KINDS, type Kind } from './kinds';
import { nick, roomJid, userJid, type Load } from './loads';
import { median } from './publish/figures';

/** Joins or creations without an answer at the same time. */
const WINDOW = 64;
/** Milliseconds without a byte after which nothing more is expected, and after which a wait is given up. */
const QUIET = 400;
const PATIENCE = 30_000;

/** Creates the rooms as instant rooms (§10.1.2), `quietly` as such that show nobody's presence but the owner's, and lets the occupants enter one after the other. `first`: the number of the first room. */
export async function joinEverybody(attachment: Attachment, load: Load, quietly = false, first = 0): Promise<void> {
  attachment.answers = 0;
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
    attachment.write(join(first + room, 0) + instantRoom(first + room, quietly));
    await until(attachment, () => (check(), attachment.answers > room - WINDOW), 'rooms are created');
  }
  await until(attachment, () => (check(), attachment.answers === load.rooms && entered.count === load.rooms), 'all rooms are created');

  let joining = load.rooms;
  for (let occupant = 1; occupant < load.occupants; occupant++) {
    for (let room = 0; room < load.rooms; room++) {
      attachment.write(join(first + room, occupant));
      joining++;
      if (joining - entered.count > WINDOW)
        await until(attachment, () => (check(), joining - entered.count <= WINDOW / 2), 'occupants enter');
    }
  }
  await until(attachment, () => (check(), entered.count === load.rooms * load.occupants), 'all occupants have entered');
  await quiet(attachment);
  attachment.look = undefined;
}

/** The room shows moderators alone (muc#roomconfig_presencebroadcast): thousands enter without millions of presences. */
const QUIETLY =
  '<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field>' +
  '<field var="muc#roomconfig_presencebroadcast"><value>moderator</value></field></x>';

export interface Observed {
  /** Bytes and number of all copies of one stanza. */
  readonly bytes: number;
  readonly copies: number;
  /** True: all copies have one length. */
  readonly even: boolean;
  readonly sample: string;
  /** Messages sent for it. */
  readonly messages: number;
}

/** Sends single stanzas into the first and the last room and looks at every copy: everybody who is to hear it does, all in the same number of bytes. */
export async function observe(attachment: Attachment, load: Load, kind: Kind = KINDS.messages): Promise<Observed> {
  const first = await copiesOf(attachment, load, kind, [0, kind.first, 0]);
  const other = await copiesOf(attachment, load, kind, [load.rooms - 1, load.occupants - 1, 1]);
  const lengths = [...first, ...other].map((copy) => Buffer.byteLength(copy));
  const even = lengths.every((length) => length === lengths[0]);
  if (kind.strict && !even) throw new Error(`Deliveries differ in length, so bytes cannot be counted: ${first[0]} and ${other.at(-1)}`);
  const bytes = (copies: readonly string[]): number => copies.reduce((sum, copy) => sum + Buffer.byteLength(copy), 0);
  if (bytes(first) !== bytes(other)) throw new Error(`What two people say has ${bytes(first)} and ${bytes(other)} bytes.`);
  // The usual copy: not the owner's, who may see more, and not the speaker's own.
  const usual = first.find((copy) => Buffer.byteLength(copy) === median(lengths)) ?? first[0];
  return { bytes: bytes(first), copies: first.length, even, sample: usual ?? '', messages: 2 };
}

type Said = readonly [room: number, occupant: number, n: number];

async function copiesOf(attachment: Attachment, load: Load, kind: Kind, [room, occupant, n]: Said): Promise<string[]> {
  const chunks: Buffer[] = [];
  attachment.look = (chunk) => chunks.push(Buffer.from(chunk));
  const before = attachment.received;
  attachment.write(kind.stanza(load, room, occupant, n));
  await until(attachment, () => attachment.received > before, 'something is delivered');
  await quiet(attachment);
  attachment.look = undefined;
  // Nothing in a delivery needs quotes but attributes, which servers write in either kind.
  const text = Buffer.concat(chunks).toString('utf8').replaceAll("'", '"').trim();
  const copies = text.match(new RegExp(`<${kind.element} .*?</${kind.element}>`, 'gs')) ?? [];
  const rest = copies.reduce((left, copy) => left.replace(copy, ''), text).replace(/<iq [^>]*\/>|<iq .*?<\/iq>/gs, '');
  if (rest.trim() !== '') throw new Error(`Something else than deliveries followed: ${rest.slice(0, 1000)}`);
  const addressees = new Set<string>();
  for (const copy of copies) {
    addressees.add(/ to="([^"]*)"/.exec(copy)?.[1] ?? '');
    const lacking = kind.marks(room, occupant, n).find((part) => !copy.includes(part));
    if (lacking !== undefined) throw new Error(`A delivery lacks ${lacking}: ${copy}`);
  }
  const heard = kind.hear(load, room, occupant);
  const missed = heard.find((one) => !addressees.has(userJid(room, one)));
  if (missed !== undefined) throw new Error(`${userJid(room, missed)} did not get it.`);
  if (copies.length !== heard.length) throw new Error(`${heard.length} deliveries were expected, ${copies.length} came.`);
  return copies;
}

function join(room: number, occupant: number): string {
  return `<presence from="${userJid(room, occupant)}" to="${roomJid(room)}/${nick(occupant)}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`;
}

function instantRoom(room: number, quietly: boolean): string {
  const form = quietly ? QUIETLY : '<x xmlns="jabber:x:data" type="submit"/>';
  return (
    `<iq from="${userJid(room, 0)}" to="${roomJid(room)}" type="set" id="own${room}"><query xmlns="http://jabber.org/protocol/muc#owner">` +
    `${form}</query></iq>`
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
