/** What the multicast service was given and has not confirmed, in order; and which of it it has refused. */
import { deliveriesOf, type Outgoing } from '../../xmpp/outgoing';
import { child, childElements, escapeAttribute, type Element } from '../../xmpp/xml';
import { NS } from '../../xmpp/ns';
import type { Way } from './way';

/** Estimated bytes of memory of one, beside its content. */
const OBJECT_ESTIMATE = 200;

/** A stanza that the service has or does not hand out, and the room's way. */
export interface Refused {
  readonly way: Way;
  readonly out: Outgoing;
}

interface Given extends Refused {
  /** Rises with each. */
  readonly at: number;
}

/** An error of the service: which stanza it is about, as far as it says so. */
interface Refusal {
  readonly name: string;
  /** The sender of the stanza, and its id. */
  readonly from: string;
  readonly id: string | undefined;
  /** If the error repeats the stanza. */
  readonly mark: string | undefined;
}

export class Sent {
  /** Addresses of all that is in it. */
  copies = 0;
  /** Estimated bytes of memory. */
  memory = 0;
  /** The number of the latest. */
  latest = 0;
  private given: Given[] = [];
  private first = 0;
  private refusals: Refusal[] = [];
  /** What has not been confirmed, by its mark. */
  private readonly marked = new Map<string, Given>();

  get isEmpty(): boolean {
    return this.first >= this.given.length;
  }

  add(way: Way, out: Outgoing): void {
    way.unconfirmed++;
    this.count(out, 1);
    const given: Given = { way, out, at: ++this.latest };
    this.given.push(given);
    if (out.via) this.marked.set(out.via.mark, given);
  }

  /** Everything up to that number has been handed out. Calls back for each room of which nothing is left. */
  confirm(upTo: number, done: (way: Way) => void): void {
    const rooms = new Set<Way>();
    while (!this.isEmpty && (this.given[this.first] as Given).at <= upTo) {
      const { way, out } = this.given[this.first++] as Given;
      this.count(out, -1);
      if (out.via) this.marked.delete(out.via.mark);
      if (--way.unconfirmed === 0) rooms.add(way);
    }
    if (this.first > 4096 || this.isEmpty) {
      this.given = this.given.slice(this.first);
      this.first = 0;
    }
    for (const way of rooms) done(way);
  }

  /**
   * The service refuses something. False: nothing of it.
   *
   * @param surely it refuses already. What says no mark is kept unlooked at then: there may be as many as were given.
   */
  refused(error: Element, surely: boolean): boolean {
    const refusal = refusalOf(error);
    const { mark } = refusal;
    const isOurs = mark === undefined ? surely || this.rest().some(({ out }) => isAbout(refusal, out)) : this.marked.has(mark);
    if (isOurs) this.refusals.push(refusal);
    return isOurs;
  }

  /** Takes what an error repeats, if it has one address: it is refused no more. undefined: it repeats nothing, or something else. */
  takeSingle(error: Element): Refused | undefined {
    const { mark } = refusalOf(error);
    const given = mark === undefined ? undefined : this.marked.get(mark);
    if (given === undefined || deliveriesOf(given.out) !== 1) return undefined;
    this.marked.delete(mark as string);
    return given;
  }

  /**
   * Takes everything out: what was refused, in the order in which it was given. Errors come in that order too, so what does not say which stanza it is about is
   * about the latest that fits: a service that is gone refuses everything from then on.
   */
  takeRefused(): readonly Refused[] {
    const given = this.rest();
    const found: Given[] = [];
    const offset = given[0]?.at ?? 0;
    let before = given.length;
    for (const refusal of this.refusals.reverse()) {
      let at = before - 1;
      if (refusal.mark !== undefined) at = (this.marked.get(refusal.mark)?.at ?? offset - 1) - offset;
      else while (at >= 0 && !isAbout(refusal, (given[at] as Given).out)) at--;
      // None of ours, or one that has been confirmed.
      if (at < 0) continue;
      found.push(given[at] as Given);
      // An error that comes twice is about nothing the second time.
      if (refusal.mark !== undefined) this.marked.delete(refusal.mark);
      before = at;
    }
    this.clear();
    return found.sort((a, b) => a.at - b.at);
  }

  /** Everything in it, in order. */
  all(): readonly Refused[] {
    return this.rest();
  }

  clear(): void {
    for (const { way } of this.rest()) way.unconfirmed = 0;
    this.marked.clear();
    this.given = [];
    this.refusals = [];
    this.first = this.copies = this.memory = 0;
  }

  private rest(): Given[] {
    return this.given.slice(this.first);
  }

  private count(out: Outgoing, sign: 1 | -1): void {
    this.copies += sign * deliveriesOf(out);
    this.memory += sign * (out.rest.length + OBJECT_ESTIMATE);
  }
}

function refusalOf(error: Element): Refusal {
  const { to, id } = error.attrs as Record<string, string | undefined>;
  const list = child(error, 'addresses', NS.addresses);
  const first = list && childElements(list).find(({ attrs }) => attrs['desc'] !== undefined);
  return { name: error.name, from: to ?? '', id, mark: first?.attrs['desc'] as string | undefined };
}

/** For errors that say no mark. */
function isAbout({ name, from, id }: Refusal, out: Outgoing): boolean {
  if (out.name !== name || out.from !== from) return false;
  const own = / id="([^"]*)"/.exec(out.rest.slice(0, out.rest.indexOf('>')))?.[1];
  return own === (id === undefined ? undefined : escapeAttribute(id));
}
