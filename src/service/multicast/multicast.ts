/**
 * The link as rooms see it. A large room speaks by the multicast service (XEP-0033): all of its presence and messages for those whom it serves, those for
 * one included. The service is a process of its own at the server, so what goes past it may overtake what goes by it. So a room changes its way only when what it
 * said the other way is confirmed, and an answer to a request, which the service does not take, waits for that too; so does, behind it, what else is said to
 * whoever gets it. It serves the server's own domain, and other domains if it says that it sends copies there too; what goes to others goes directly, always.
 */
import type { Answer, Request } from '../../link/link';
import { foldBare, foldFull, type BareJid } from '../../xmpp/fold';
import { isInDomain } from '../../xmpp/jid';
import type { Outgoing } from '../../xmpp/outgoing';
import type { Element } from '../../xmpp/xml';
import { linkRoute, type Route } from '../life/route';
import { Arriving } from './arriving';
import { Aside } from './aside';
import { Confirming } from './confirming';
import type { Found } from './discovery';
import type { MulticastCounts, MulticastOptions, MulticastOwner } from './contract';
import { Ending } from './ending';
import { Holding } from './holding';
import { Leaving } from './leaving';
import { Loops, type Outcome } from './loops';
import { Splitter } from './parts';
import { Refusals } from './refusals';
import { Standing } from './standing';
import { ThroughLink } from './through';
import { stanzaItem, Way } from './way';
import { Window } from './window';

/** Milliseconds without a sign after which the service is silent. */
const PATIENCE_MS = 60_000;

export class Multicast extends ThroughLink {
  readonly route: Route;
  private readonly direct: Route;
  private readonly loops: Loops;
  private readonly standing: Standing;
  private readonly holding: Holding;
  private readonly window: Window;
  private readonly confirming: Confirming;
  private readonly leaving: Leaving;
  private readonly ending: Ending;
  private readonly refusals: Refusals;
  private readonly arriving: Arriving;
  private readonly aside: Aside;
  /** Rooms that were too small while nothing was read, or were let go: they go directly again when it is. */
  private readonly small = new Set<BareJid>();

  constructor(
    private readonly options: MulticastOptions,
    owner: MulticastOwner,
  ) {
    super(options.link);
    const { link, clock, domain, secret, log } = options;
    const standing = (this.standing = new Standing(link));
    this.loops = new Loops({ link, clock, domain, secret, deaf: () => standing.paused, patience: PATIENCE_MS });
    const holding = (this.holding = new Holding(link, owner));
    const confirming: Confirming = (this.confirming = new Confirming({
      ...{ standing, loops: this.loops, clock },
      landed: (behind, outcome) => this.landed(behind, outcome),
    }));
    const window = (this.window = new Window({
      ...{ sent: standing.sent, clock },
      ask: () => void confirming.loop(),
      pump: (way) => this.leaving.pump(way),
    }));
    const leaving = (this.leaving = new Leaving({ standing, window, confirming, holding }));
    const ending = (this.ending = new Ending({ standing, window, confirming, leaving, holding, owner }));
    this.refusals = new Refusals({ standing, leaving, ending, log });
    const arriving = (this.arriving = new Arriving({ link, standing, leaving, confirming, ending }));
    this.aside = new Aside({ standing, leaving, arriving, holding });
    this.direct = linkRoute(link);
    const isOpen = (): boolean => link.online;
    this.route = {
      get open() {
        return isOpen();
      },
      reached: () => arriving.reached(),
    };
  }

  /** The service takes so many addresses in a stanza: rooms may go that way from now on. */
  open({ service, everywhere }: Found, addresses: number): void {
    const { sentBytes, serverDomain } = this.options;
    const serves = (jid: string): boolean => everywhere || isInDomain(jid, serverDomain) || isInDomain(foldFull(jid), serverDomain);
    this.refusals.service = service;
    this.standing.state = { kind: 'open', service, serves, splitter: new Splitter({ most: addresses, sentBytes, serves }) };
  }

  get isOpen(): boolean {
    return this.standing.state.kind === 'open';
  }

  /** Rooms that go that way now. */
  get rooms(): number {
    return this.standing.ways.size;
  }

  get multicastCounts(): Readonly<MulticastCounts> {
    return this.standing.counts;
  }

  /** A room has so many occupants, 0 if it is let go: its way, by which it is confirmed what it says from now on. */
  routeOf(room: BareJid, occupants: number): Route {
    const { ways, paused } = this.standing;
    if (ways.size === 0 && !this.isOpen) return this.direct;
    const { from } = this.options;
    const way = ways.get(room);
    if (this.isOpen) {
      const isSmall = way !== undefined && !way.leaving && occupants < from / 2;
      // What is paused reads no confirmation: a room that waits for one would say nothing.
      if (paused) {
        if (isSmall) this.small.add(room);
        else this.small.delete(room);
      } else if (isSmall) this.dismiss(way);
      else if (way === undefined && occupants >= from && this.link.online) this.begin(room);
    }
    return ways.has(room) ? this.route : this.direct;
  }

  /** The room is to go directly again, when what it said by the service is confirmed. */
  private dismiss(way: Way): void {
    way.leaving = true;
    this.leaving.push(way, { kind: 'leave' });
  }

  /** Whether a stanza that came is one of ours, or an error of the service: nobody else is to have it. */
  took(stanza: Element): boolean {
    return this.loops.took(stanza) || this.refusals.took(stanza);
  }

  /** The connection is lost, and with it whatever waits: rooms say again what they are to. */
  offline(): void {
    this.standing.epoch++;
    const ways = [...this.standing.ways.values()];
    this.ending.forget();
    this.loops.offline();
    for (const way of ways) {
      for (const item of way.takeAll()) {
        // It is answered that there is no connection.
        if (item.kind === 'request') item.send();
        else if (item.kind === 'mark') item.passed();
      }
    }
    this.holding.fell();
  }

  /** The service of rooms stops, and nobody waits for confirmations any more: what waits leaves directly, answers too. */
  finish(): void {
    this.standing.epoch++;
    const ways = [...this.standing.ways.values()];
    const refused = this.standing.sent.takeRefused();
    this.ending.forget();
    this.leaving.allDirectly(refused, ways);
  }

  /** Resolves when all that rooms said by the service has arrived, or the connection is lost. */
  async said(): Promise<void> {
    if (this.rooms > 0) await this.arriving.reached();
  }

  /** A room goes that way when what it said directly is confirmed; until then what it says waits. */
  private begin(room: BareJid): void {
    const { standing, leaving } = this;
    const { epoch } = standing;
    const way = new Way(room, this.holding.held);
    standing.ways.set(room, way);
    void this.link.barrier().then((reached) => {
      if (epoch !== standing.epoch || !standing.has(way)) return;
      way.stopped = false;
      if (reached) leaving.pump(way);
      else leaving.end(way);
    });
  }

  /** What became of a loop: true if all that the service was given before it is handed out. */
  private landed(behind: number, outcome: Outcome): boolean {
    const { standing, ending, confirming, window, leaving } = this;
    if (standing.state.kind === 'none') return false;
    if (outcome.kind === 'silent') {
      ending.silent();
      return false;
    }
    if (outcome.kind === 'refused') ending.close(outcome.condition);
    if (ending.isUnderWay) {
      if (behind < standing.sent.latest) void confirming.fly();
      else ending.fallBack();
      return false;
    }
    confirming.confirm(behind, (way) => leaving.pump(way));
    window.confirmed();
    return true;
  }

  // What rooms see of the link.

  send(out: Outgoing, room?: BareJid): void {
    const { ways } = this.standing;
    const way = ways.size === 0 ? undefined : ways.get(room ?? foldBare(out.from));
    if (way === undefined) this.link.send(out, room);
    else this.aside.take(way, stanzaItem(out));
  }

  request(request: Request): Promise<Answer> {
    const { link } = this;
    const { ways } = this.standing;
    const way = ways.size === 0 ? undefined : ways.get(foldBare(request.from));
    if (way === undefined) return link.request(request);
    return new Promise((resolve) => {
      this.aside.take(way, { kind: 'request', to: request.to, send: () => void link.request(request).then(resolve) });
    });
  }

  pause(): void {
    this.standing.paused = true;
    this.link.pause();
  }

  resume(): void {
    const { standing, small } = this;
    standing.paused = false;
    this.link.resume();
    const rooms = [...small];
    small.clear();
    // Rooms that are let go ask for their way no more.
    for (const room of rooms) {
      const way = standing.ways.get(room);
      if (way !== undefined && !way.leaving) this.dismiss(way);
    }
  }

  queuedOf(room: BareJid): number {
    return this.link.queuedOf(room) + (this.standing.ways.get(room)?.bytes ?? 0);
  }

  tellLow(room: BareJid): boolean {
    const way = this.standing.ways.get(room);
    if (way === undefined || way.bytes === 0) return this.link.tellLow(room);
    way.high = true;
    return true;
  }

  get moved(): number {
    return this.link.moved + this.holding.left;
  }

  get congested(): boolean {
    return this.holding.congested;
  }

  get overfull(): boolean {
    return this.holding.overfull;
  }
}
