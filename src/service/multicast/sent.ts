/** What the multicast service was given and has not confirmed, in order; and which of it it has refused. */
import { deliveriesOf, type Outgoing } from '../../xmpp/outgoing';
import { child, childElements, escapeAttribute, type Element } from '../../xmpp/xml';
import { NS } from '../../xmpp/ns';
import type { Way } from './way';

/** Estimated bytes of memory of one, beside its content. */
const OBJECT_ESTIMATE = 200;

interface Given {
  readonly way: Way;
  readonly out: Outgoing;
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

  get isEmpty(): boolean {
    return this.first >= this.given.length;
  }

  add(way: Way, out: Outgoing): void {
    way.unconfirmed++;
    this.count(out, 1);
    this.given.push({ way, out, at: ++this.latest });
  }

  /** Everything up to that number has been handed out. Calls back for each room of which nothing is left. */
  confirm(upTo: number, done: (way: Way) => void): void {
    const rooms = new Set<Way>();
    while (!this.isEmpty && (this.given[this.first] as Given).at <= upTo) {
      const { way, out } = this.given[this.first++] as Given;
      this.count(out, -1);
      if (--way.unconfirmed === 0) rooms.add(way);
    }
    if (this.first > 4096 || this.isEmpty) {
      this.given = this.given.slice(this.first);
      this.first = 0;
    }
    for (const way of rooms) done(way);
  }

  /** The service refuses something. */
  refused(error: Element): void {
    const { to, id } = error.attrs as Record<string, string | undefined>;
    const list = child(error, 'addresses', NS.addresses);
    const first = list && childElements(list).find(({ attrs }) => attrs['desc'] !== undefined);
    const mark = first?.attrs['desc'] as string | undefined;
    this.refusals.push({ name: error.name, from: to ?? '', id, mark });
  }

  /**
   * Takes everything out: what was refused, in the order in which it was given. Errors come in that order too, so what does not say which stanza it is about is
   * about the latest that fits: a service that is gone refuses everything from then on.
   */
  settle(): readonly { readonly way: Way; readonly out: Outgoing }[] {
    const given = this.given.slice(this.first);
    const found: Given[] = [];
    let before = given.length;
    for (const refusal of this.refusals.reverse()) {
      let at = (refusal.mark === undefined ? before : given.length) - 1;
      while (at >= 0 && !isAbout(refusal, (given[at] as Given).out)) at--;
      // None of ours, or one that has been confirmed.
      if (at < 0) continue;
      found.push(given[at] as Given);
      before = at;
    }
    this.clear();
    return found.sort((a, b) => a.at - b.at);
  }

  clear(): void {
    for (const { way } of this.given.slice(this.first)) way.unconfirmed = 0;
    this.given = [];
    this.refusals = [];
    this.first = this.copies = this.memory = 0;
  }

  private count(out: Outgoing, sign: 1 | -1): void {
    this.copies += sign * deliveriesOf(out);
    this.memory += sign * (out.rest.length + OBJECT_ESTIMATE);
  }
}

function isAbout({ name, from, id, mark }: Refusal, out: Outgoing): boolean {
  if (mark !== undefined) return out.via?.mark === mark;
  if (out.name !== name || out.from !== from) return false;
  const own = / id="([^"]*)"/.exec(out.rest.slice(0, out.rest.indexOf('>')))?.[1];
  return own === (id === undefined ? undefined : escapeAttribute(id));
}
