/** What of a room's queue leaves, in order: to the service as long as that takes it, directly when the room goes that way no more. */
import { address, kindOf, readdressed, type Address, type Outgoing } from '../../xmpp/outgoing';
import type { Confirming } from './confirming';
import type { Holding } from './holding';
import type { Refused } from './sent';
import type { Open, Standing } from './standing';
import type { Item, Way } from './way';
import type { Window } from './window';

export interface LeavingOptions {
  readonly standing: Standing;
  readonly window: Window;
  readonly confirming: Confirming;
  readonly holding: Holding;
}

export class Leaving {
  private marks = 0;

  constructor(private readonly options: LeavingOptions) {}

  /** Something more of the room, behind what waits. */
  push(way: Way, item: Item): void {
    way.push(item);
    this.pump(way);
    this.options.holding.grew();
  }

  /** Lets leave what may. */
  pump(way: Way): void {
    const { standing, confirming, holding } = this.options;
    for (let item = way.head; item !== undefined && standing.state.kind === 'open' && !way.stopped; item = way.head) {
      if (item.kind === 'leave') {
        // What is set aside waits for no more than that either.
        if (way.unconfirmed > 0) void confirming.loop();
        else this.end(way);
        break;
      }
      if (item.kind === 'stanza' && !this.give(way, item, standing.state)) break;
      way.shift();
      if (item.kind === 'request') item.send();
      if (item.kind === 'mark') item.passed();
    }
    holding.fellOf(way);
  }

  /** Gives the service the parts of a stanza that it takes now; false: some wait for the window. */
  private give(way: Way, item: Item & { kind: 'stanza' }, open: Open): boolean {
    const { standing, window, confirming } = this.options;
    const { out } = item;
    if (out.name === 'iq') {
      standing.hand(way, out);
      return true;
    }
    if (item.parts === undefined) {
      const list: readonly Address[] = typeof out.to === 'string' ? [address(out.to)] : out.to;
      // A list of one would say that it is fan-out.
      const { direct, grouped } = open.splitter.parts({ ...out, to: list, kind: kindOf(out) });
      item.parts = grouped;
      if (direct) standing.hand(way, direct);
    }
    while (item.next < item.parts.length) {
      if (!window.admits(way)) return false;
      const part = item.parts[item.next++] as Outgoing;
      const marked = { ...part, via: { service: open.service, mark: (++this.marks).toString(36) } };
      standing.sent.add(way, marked);
      standing.counts.stanzas++;
      standing.hand(way, marked);
      confirming.given();
    }
    return true;
  }

  /** The room goes directly from now on: everything leaves. */
  end(way: Way): void {
    const { standing, window, holding } = this.options;
    if (!standing.has(way)) return;
    standing.ways.delete(way.room);
    window.leave(way);
    for (const item of way.takeAll()) this.directly(item, way);
    holding.fellOf(way);
  }

  /** Something leaves past the service. */
  directly(item: Item, way: Way): void {
    const { standing } = this.options;
    if (item.kind === 'request') item.send();
    else if (item.kind === 'mark') item.passed();
    else if (item.kind === 'stanza') {
      if (item.parts === undefined) standing.hand(way, item.out);
      else for (const part of item.parts.slice(item.next)) standing.hand(way, part);
    }
  }

  /** What the service was given and does not hand out leaves past it. */
  again({ way, out }: Refused): void {
    this.options.standing.hand(way, readdressed(out, out.to, out.except));
  }

  /** What was refused leaves directly, and then what waits. */
  allDirectly(refused: readonly Refused[], ways: readonly Way[]): void {
    this.options.standing.counts.refused += refused.length;
    for (const one of refused) this.again(one);
    for (const way of ways) for (const item of way.takeAll()) this.directly(item, way);
  }
}
