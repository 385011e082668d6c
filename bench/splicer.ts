/** Splices addresses into deliveries: what the baseline does with stanzas, and the least durable program once it has kept them. No store, no room logic, no checks. */
import type net from 'node:net';
import { cut, ID_LENGTH, type Slot, type Template } from './template';

/** Best size of a write on loopback: with 48 KiB it delivers a seventh less, with 72 KiB a fifth less. */
const WRITE = 64 * 1024;

/** What tells somebody that a presence is their own. */
const SELF = '<x xmlns="http://jabber.org/protocol/muc#user"><status code="110"/></x>';

interface Room {
  readonly addresses: Uint8Array[];
  /** Occupant JID and occupant-id by full JID of the sender. */
  readonly speakers: Map<string, { from: string; occupantId: string }>;
  /** Full JID by occupant JID. */
  readonly byNick: Map<string, string>;
  /** What stands before and behind the address in each one's presence. */
  readonly presences: { readonly head: Buffer; readonly tail: Buffer }[];
}

/** What else than messages has a form. */
export interface Forms {
  /** Presence of an occupant as the others get it: with it who enters and who is in are told of each other, without it only who enters. */
  readonly presence?: Template;
  /** Presence of who has left, as those who stay get it; without it what they sent goes to all as it is. */
  readonly leave?: Template;
  /** Presence of who shows another status; without it what they sent goes to all as it is. */
  readonly change?: Template;
  /** A message to one occupant; without it there are none. */
  readonly private?: Template;
}

/** A message as it came. */
export interface Message {
  readonly from: string;
  readonly to: string;
  readonly id: string;
  readonly content: string;
}

/** A message as it leaves: for each address `head`, the address, `tail`. */
export interface Said {
  readonly addresses: readonly Uint8Array[];
  readonly head: Buffer;
  readonly tail: Buffer;
  readonly values: Readonly<Record<Slot, string>>;
}

export class Splicer {
  private readonly rooms = new Map<string, Room>();
  private readonly pool: Buffer<ArrayBuffer>[] = [];
  private readonly head: string[];
  private readonly tail: string[];
  private buffer = Buffer.allocUnsafeSlow(WRITE);
  private at = 0;
  private input = '';
  private messages = 0;
  private readonly presenceParts: readonly string[] | undefined;
  private readonly leaveParts: readonly string[] | undefined;
  private readonly changeParts: readonly string[] | undefined;
  private readonly privateParts: readonly string[] | undefined;

  constructor(
    private readonly socket: net.Socket,
    template: Template,
    forms: Forms,
  ) {
    const parted = (form: Template | undefined): string[] | undefined => (form === undefined ? undefined : cut(form));
    this.presenceParts = parted(forms.presence);
    this.leaveParts = parted(forms.leave);
    this.changeParts = parted(forms.change);
    this.privateParts = parted(forms.private);
    const parts = cut(template);
    const to = parts.indexOf('to');
    this.head = parts.slice(0, to);
    this.tail = parts.slice(to + 1);
    socket.on('drain', () => this.work());
  }

  feed(chunk: string): void {
    this.input += chunk;
    this.work();
  }

  /** Handles whole stanzas until the socket takes no more. */
  private work(): void {
    const input = this.input;
    let at = 0;
    while (this.takesMore) {
      // A server may keep the connection alive with blanks.
      while (input.charCodeAt(at) <= 0x20) at++;
      const kind = input[at + 1];
      const tag = input.indexOf('>', at) + 1;
      const empty = tag > 0 && input.charAt(tag - 2) === '/';
      const end = empty ? tag : after(input, kind === 'm' ? '</message>' : kind === 'p' ? '</presence>' : '</iq>', at);
      if (end < 0) break;
      if (kind === 'm') this.message(input, at, end);
      else if (kind === 'p') this.presence(input, at, tag, end);
      else this.iq(input, at);
      at = end;
    }
    this.input = input.slice(at);
    if (this.takesMore) {
      this.flush();
      this.socket.resume();
    } else {
      this.socket.pause();
    }
  }

  /** Below the mark at which 'drain' is promised. */
  get takesMore(): boolean {
    return this.socket.writableLength < this.socket.writableHighWaterMark;
  }

  private message(input: string, at: number, end: number): void {
    const tag = input.indexOf('>', at);
    const message: Message = {
      from: attribute(input, ' from=', at),
      to: attribute(input, ' to=', at),
      id: attribute(input, ' id=', at),
      content: input.slice(tag + 1, end - 10),
    };
    const said = this.said(message);
    if (said !== undefined) this.spread(said);
    else if (!/ type=["']error/.test(input.slice(at, tag))) throw notIn(message);
  }

  /** What of a message leaves, with its number as stanza-id; undefined: the sender is not in the room, so it is somebody's error. */
  said({ from, to, id, content }: Message): Said | undefined {
    const slash = to.indexOf('/');
    const room = this.rooms.get(slash < 0 ? to : to.slice(0, slash));
    const speaker = room?.speakers.get(from);
    if (!room || !speaker) return undefined;
    const values: Record<Slot, string> = {
      from: speaker.from,
      to: '',
      id,
      content,
      'occupant-id': speaker.occupantId,
      'stanza-id': String(++this.messages).padStart(ID_LENGTH, '0'),
      room: to,
    };
    if (slash < 0) return { addresses: room.addresses, ...this.around(this.head, this.tail, values), values };
    const heard = room.byNick.get(to);
    if (heard === undefined || this.privateParts === undefined) throw new Error(`${to} cannot be spoken to`);
    const parts = this.privateParts;
    const at = parts.indexOf('to');
    return { addresses: [Buffer.from(heard, 'latin1')], ...this.around(parts.slice(0, at), parts.slice(at + 1), values), values };
  }

  private around(head: readonly string[], tail: readonly string[], values: Record<Slot, string>): { head: Buffer; tail: Buffer } {
    return { head: Buffer.from(fill(head, values), 'latin1'), tail: Buffer.from(fill(tail, values), 'latin1') };
  }

  /** `head`, an address, `tail` for each occupant. */
  spread({ addresses, head, tail }: Pick<Said, 'addresses' | 'head' | 'tail'>): void {
    const last = addresses.length - 1;
    if (last < 0) return;
    const between = last === 0 ? tail : Buffer.concat([tail, head]);
    this.put(head);
    for (let i = 0; i <= last; i++) {
      const address = addresses[i] as Uint8Array;
      const follows = i === last ? tail : between;
      const need = address.length + follows.length;
      if (this.at + need > WRITE) this.flush();
      if (need > WRITE) {
        this.socket.write(Buffer.concat([address, follows]));
        continue;
      }
      this.buffer.set(address, this.at);
      this.buffer.set(follows, this.at + address.length);
      this.at += need;
    }
  }

  /** Entering; of who is in, what they show now, another nick, or leaving: told to all. */
  private presence(input: string, at: number, tag: number, end: number): void {
    const from = attribute(input, ' from=', at);
    const to = attribute(input, ' to=', at);
    const jid = to.slice(0, to.indexOf('/'));
    const room: Room = this.rooms.get(jid) ?? { addresses: [], speakers: new Map(), byNick: new Map(), presences: [] };
    this.rooms.set(jid, room);
    const known = room.speakers.get(from);
    const leaves = / type=["']unavailable/.test(input.slice(at, tag));
    const shown: Record<Slot, string> = {
      from: to,
      to: '',
      id: '',
      content: tag === end ? '' : input.slice(tag, end - 11),
      'occupant-id': known?.occupantId ?? '',
      'stanza-id': '',
      room: jid,
    };
    if (known && leaves) {
      if (!this.leaveParts)
        this.spreadAs(room, ['<presence from="', 'from', '" type="unavailable" to="', 'to', '">', 'content', '</presence>'], shown);
      this.remove(room, from, to);
      if (!this.leaveParts) return;
      this.put(Buffer.from(`<presence from="${to}" to="${from}" type="unavailable">${SELF}</presence>`, 'latin1'));
      this.spreadAs(room, this.leaveParts, shown);
      return;
    }
    if (known) {
      this.spreadAs(room, this.changeParts ?? ['<presence from="', 'from', '" to="', 'to', '">', 'content', '</presence>'], shown);
      return;
    }
    if (leaves) return;
    if (this.presenceParts) this.introduce(room, to, from, this.presenceParts);
    room.addresses.push(Buffer.from(from, 'latin1'));
    room.byNick.set(to, from);
    room.speakers.set(from, { from: to, occupantId: String(room.addresses.length).padStart(ID_LENGTH, '0') });
    this.put(Buffer.from(`<presence from="${to}" to="${from}">${SELF}</presence>`));
  }

  private remove(room: Room, from: string, to: string): void {
    const address = Buffer.from(from, 'latin1');
    const at = room.addresses.findIndex((one) => address.equals(one));
    room.addresses.splice(at, 1);
    if (this.presenceParts) room.presences.splice(at, 1);
    room.speakers.delete(from);
    room.byNick.delete(to);
  }

  /** A form with these values for each occupant. */
  private spreadAs(room: Room, parts: readonly string[], values: Record<Slot, string>): void {
    const to = parts.indexOf('to');
    const [head, tail] = [parts.slice(0, to), parts.slice(to + 1)];
    this.spread({ addresses: room.addresses, ...this.around(head, tail, values) });
  }

  /** Who is in to the newcomer, and the newcomer to them. */
  private introduce(room: Room, from: string, to: string, parts: readonly string[]): void {
    const address = Buffer.from(to, 'latin1');
    for (const { head, tail } of room.presences) {
      this.put(head);
      this.put(address);
      this.put(tail);
    }
    const values: Record<Slot, string> = {
      from,
      to: '',
      id: '',
      content: '',
      'occupant-id': String(room.addresses.length + 1).padStart(ID_LENGTH, '0'),
      'stanza-id': '',
      room: '',
    };
    const at = parts.indexOf('to');
    const head = Buffer.from(fill(parts.slice(0, at), values), 'latin1');
    const tail = Buffer.from(fill(parts.slice(at + 1), values), 'latin1');
    room.presences.push({ head, tail });
    this.spread({ addresses: room.addresses, head, tail });
  }

  private iq(input: string, at: number): void {
    const id = attribute(input, ' id=', at);
    this.put(Buffer.from(`<iq from="${attribute(input, ' to=', at)}" to="${attribute(input, ' from=', at)}" id="${id}" type="result"/>`));
  }

  private put(bytes: Buffer): void {
    if (this.at + bytes.length > WRITE) this.flush();
    if (bytes.length > WRITE) {
      this.socket.write(bytes);
      return;
    }
    this.buffer.set(bytes, this.at);
    this.at += bytes.length;
  }

  flush(): void {
    if (this.at === 0) return;
    const full = this.buffer;
    let taken = false;
    this.socket.write(full.subarray(0, this.at), () => {
      if (!taken) this.pool.push(full);
    });
    // What the operating system took at once is free again.
    taken = this.socket.writableLength === 0;
    if (!taken) this.buffer = this.pool.pop() ?? Buffer.allocUnsafeSlow(WRITE);
    this.at = 0;
  }
}

export const notIn = ({ from, to }: Pick<Message, 'from' | 'to'>): Error => new Error(`${from} is not in ${to}`);

function after(text: string, end: string, from: number): number {
  const at = text.indexOf(end, from);
  return at < 0 ? -1 : at + end.length;
}

/** The value of an attribute in either kind of quotes; `opening` is a blank, its name and `=`. */
function attribute(text: string, opening: string, from: number): string {
  const at = text.indexOf(opening, from) + opening.length;
  return text.slice(at + 1, text.indexOf(text.charAt(at), at + 1));
}

/** Fixed text at even positions, slots at odd ones. */
function fill(parts: readonly string[], values: Record<Slot, string>): string {
  let out = '';
  for (let i = 0; i < parts.length; i++) out += i % 2 === 0 ? parts[i] : values[parts[i] as Slot];
  return out;
}
