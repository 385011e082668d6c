/** One room that speaks by the multicast service: what of it waits, in order, and who is set aside until an answer to them has left. */
import type { BareJid } from '../../xmpp/fold';
import { costOf, deliveriesOf, weightOf, type Outgoing } from '../../xmpp/outgoing';

/** Something in a room's queue. */
export type Item =
  /** A stanza; `parts` once it has been begun, of which those before `next` have left. */
  | { readonly kind: 'stanza'; readonly out: Outgoing; readonly bytes: number; parts?: readonly Outgoing[]; next: number }
  /** A request of the room to somebody. */
  | { readonly kind: 'request'; readonly to: string; readonly send: () => void }
  /** Everything before it has left. */
  | { readonly kind: 'mark'; readonly passed: () => void }
  /** The room goes directly again, when everything before it is confirmed. */
  | { readonly kind: 'leave' };

/** Estimated bytes of memory of one, beside its content. */
const OBJECT_ESTIMATE = 200;

export class Way {
  /** Bytes on the wire that wait, weighed as in queues of the link. */
  bytes = 0;
  /** Stanzas that the service was given and has not confirmed. */
  unconfirmed = 0;
  /** Nothing leaves: what went directly is not confirmed yet. */
  stopped = true;
  /** It is to go directly again. */
  leaving = false;
  /** It is to be told when little waits. */
  high = false;
  /** What waits behind an answer, by recipient: the answer first. */
  readonly aside = new Map<string, Item[]>();
  asideCount = 0;
  private queue: Item[] = [];
  private first = 0;

  constructor(
    readonly room: BareJid,
    /** Estimated bytes of memory that wait, of all rooms. */
    private readonly held: { memory: number },
  ) {}

  get isEmpty(): boolean {
    return this.first >= this.queue.length;
  }

  get head(): Item | undefined {
    return this.queue[this.first];
  }

  push(item: Item): void {
    this.queue.push(item);
    this.count(item, 1);
  }

  shift(): void {
    const item = this.queue[this.first] as Item;
    this.queue[this.first] = undefined as unknown as Item;
    this.first++;
    this.count(item, -1);
    if (this.isEmpty) {
      this.queue = [];
      this.first = 0;
    } else if (this.first > 4096) {
      this.queue = this.queue.slice(this.first);
      this.first = 0;
    }
  }

  setAside(recipient: string, item: Item): void {
    const items = this.aside.get(recipient);
    if (items) items.push(item);
    else this.aside.set(recipient, [item]);
    this.asideCount++;
    this.count(item, 1);
  }

  /** What was set aside for somebody; nothing is any more. */
  takeAside(recipient: string): readonly Item[] {
    const items = this.aside.get(recipient) ?? [];
    this.aside.delete(recipient);
    this.asideCount -= items.length;
    for (const item of items) this.count(item, -1);
    return items;
  }

  /** Everything that waits, in order; what was set aside last. */
  takeAll(): readonly Item[] {
    const items = this.queue.slice(this.first);
    this.queue = [];
    this.first = 0;
    for (const item of items) this.count(item, -1);
    return [...items, ...[...this.aside.keys()].flatMap((recipient) => this.takeAside(recipient))];
  }

  private count(item: Item, sign: 1 | -1): void {
    if (item.kind === 'stanza') this.bytes += sign * item.bytes;
    this.held.memory += sign * memoryOf(item);
  }
}

/** What an address takes in a list. */
const IN_LIST = 85;

/** A stanza as it waits: its content leaves once or a few times, and its addresses once. */
export function stanzaItem(out: Outgoing): Item {
  const addresses = typeof out.to === 'string' ? 0 : deliveriesOf(out) * IN_LIST;
  return { kind: 'stanza', out, bytes: weightOf(out) * (costOf(out) + addresses), next: 0 };
}

/** Something that the service does not take. */
export const isAnswer = (item: Item): boolean => item.kind === 'request' || (item.kind === 'stanza' && item.out.name === 'iq');

function memoryOf(item: Item): number {
  return OBJECT_ESTIMATE + (item.kind === 'stanza' ? item.out.rest.length : 0);
}
