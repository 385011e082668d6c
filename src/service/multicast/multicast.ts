/**
 * The link as rooms see it. A large room speaks by the multicast service (XEP-0033): all of its presence and messages for the server's own domain, those for
 * one included. The service is a process of its own at the server, so what goes past it may overtake what goes by it. So a room changes its way only when what it
 * said the other way is confirmed, and an answer to a request, which the service does not take, waits for that too; so does, behind it, what else is said to
 * whoever gets it. What goes to other domains goes directly, always.
 */
import type { Answer, Link, Request } from '../../link/link';
import { foldBare, foldFull, type BareJid, type Domain } from '../../xmpp/fold';
import { isInDomain } from '../../xmpp/jid';
import { address, kindOf, readdressed, type Address, type Outgoing } from '../../xmpp/outgoing';
import type { Element } from '../../xmpp/xml';
import type { Log } from '../../log';
import type { Clock } from '../clock';
import { linkRoute, type Route } from '../life/route';
import { conditionOf } from '../../xmpp/stanza-error';
import { Loops, type Outcome } from './loops';
import { Splitter } from './parts';
import { Sent, type Refused } from './sent';
import { ThroughLink } from './through';
import { stanzaItem, Way, type Item } from './way';

/** Addresses that the service has not confirmed; further stanzas wait for that, a second at most. It takes what it gets into a queue without a bound. */
const WINDOW = 16_384;
/** So many addresses after the latest loop, the next is sent. */
const LOOP_EACH = WINDOW / 4;
/** Stanzas that one room gives in its turn, where several wait. */
const TURN = 8;
/** Milliseconds that what waits for the window waits at most, so that nothing depends on our reading: reading may be paused. */
const WINDOW_MS = 1_000;
/** Milliseconds until what nobody asks about is confirmed. */
const CONFIRM_MS = 1_000;
/** Bytes of memory of what is not confirmed: above it nothing more is given to the service. */
const MOST_SENT = 32 * 1024 * 1024;
/** Bytes of memory that wait for the service: above it the link counts as congested. */
const MOST_HELD = 32 * 1024 * 1024;
/** Stanzas of a room that wait behind answers; above it an answer leaves at once, and may overtake what was said before. */
const MOST_ASIDE = 2_000;
/** Milliseconds without a sign after which the service is silent. */
const PATIENCE_MS = 60_000;

export interface MulticastOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  /** The component's own domain. */
  readonly domain: Domain;
  /** Recipients there get what the service hands out. */
  readonly serverDomain: string;
  /** A room of so many occupants goes that way, until it has less than half. */
  readonly from: number;
  /** Largest stanza that leaves, in bytes. */
  readonly sentBytes: number;
  /** A text that nobody guesses. */
  readonly secret: () => string;
}

export interface MulticastOwner {
  /** The service was open and is closed; `condition`: with which it refuses, if it does. */
  closed(condition: string | undefined): void;
  /** It is not known what of these rooms has arrived. */
  unsure(rooms: readonly BareJid[]): void;
  /** Little of a room waits any more, which was asked for by `tellLow`. */
  lowered(room: BareJid): void;
  /** Less waits than the bound of memory again. */
  drained(): void;
}

/** What is counted; rises from the start of the process. */
export interface MulticastCounts {
  /** Stanzas that the service was given. */
  stanzas: number;
  /** Those that it refused, which left one by one. */
  refused: number;
  /** How often it was closed. */
  closed: number;
}

interface Open {
  readonly service: string;
  readonly splitter: Splitter;
}

/** A loop under way. */
interface Flight {
  /** How many stanzas were handed to the link before it. */
  readonly handed: number;
  readonly answer: Promise<boolean>;
}

type State = { readonly kind: 'none' } | ({ readonly kind: 'open' | 'closing' } & Open);

export class Multicast extends ThroughLink {
  readonly route: Route;
  readonly multicastCounts: MulticastCounts = { stanzas: 0, refused: 0, closed: 0 };
  private readonly direct: Route;
  private readonly loops: Loops;
  private readonly sent = new Sent();
  private readonly ways = new Map<BareJid, Way>();
  /** Those that wait for the window, in turn. */
  private readonly waiting = new Set<Way>();
  private state: State = { kind: 'none' };
  /** Whose errors are about what it was given. */
  private known: string | undefined;
  /** Rises when it is not known any more what has arrived: the connection was lost, or the service was silent. */
  private epoch = 0;
  private paused = false;
  private readonly held = { memory: 0 };
  /** Stanzas that the room whose turn it is may give still. */
  private turn = Infinity;
  private wasFull = false;
  private releases = 0;
  private marks = 0;
  /** Stanzas of rooms that go that way which were handed to the link. */
  private handed = 0;
  /** The loop that is under way, and the answer of the next one. */
  private flight: Flight | undefined;
  private following: Promise<boolean> | undefined;
  private timer = false;
  private windowTimer: (() => void) | undefined;
  /** Addresses that may be given beyond the window, since it has waited long. */
  private beyond = 0;
  private looped = 0;
  private ending: { condition: string | undefined } | undefined;
  /** Who waits until the service that refuses is closed. */
  private closings: (() => void)[] = [];

  constructor(
    private readonly options: MulticastOptions,
    private readonly owner: MulticastOwner,
  ) {
    super(options.link);
    const { link, clock, domain, secret } = options;
    this.loops = new Loops({ link, clock, domain, secret, deaf: () => this.paused, patience: PATIENCE_MS });
    this.direct = linkRoute(link);
    const isOpen = (): boolean => link.online;
    this.route = {
      get open() {
        return isOpen();
      },
      reached: () => this.reached(),
    };
  }

  /** The service takes so many addresses in a stanza: rooms may go that way from now on. */
  open(service: string, addresses: number): void {
    const { sentBytes } = this.options;
    this.known = service;
    this.state = { kind: 'open', service, splitter: new Splitter({ most: addresses, sentBytes, isLocal: (jid) => this.isLocal(jid) }) };
  }

  get isOpen(): boolean {
    return this.state.kind === 'open';
  }

  /** Rooms that go that way now. */
  get rooms(): number {
    return this.ways.size;
  }

  /** A room has so many occupants, 0 if it is let go: its way, by which it is confirmed what it says from now on. */
  routeOf(room: BareJid, occupants: number): Route {
    if (this.ways.size === 0 && this.state.kind !== 'open') return this.direct;
    const { from } = this.options;
    const way = this.ways.get(room);
    // What is paused reads no confirmation: a room that waits for one would say nothing.
    if (this.state.kind === 'open' && !this.paused) {
      if (way === undefined && occupants >= from && this.link.online) this.begin(room, this.epoch);
      else if (way !== undefined && !way.leaving && occupants < from / 2) {
        way.leaving = true;
        this.push(way, { kind: 'leave' });
      }
    }
    return this.ways.has(room) ? this.route : this.direct;
  }

  /** Whether a stanza that came is one of ours, or an error of the service: nobody else is to have it. */
  took(stanza: Element): boolean {
    if (this.loops.took(stanza)) return true;
    const { type, from } = stanza.attrs as Record<string, string | undefined>;
    if (type !== 'error' || this.known === undefined || from === undefined || stanza.name === 'iq') return false;
    if (from !== this.known && foldFull(from) !== foldFull(this.known)) return false;
    if (this.state.kind !== 'none') this.refused(stanza);
    return true;
  }

  /** The service, which is open or about to be closed, says that it refuses something. */
  private refused(error: Element): void {
    const { log } = this.options;
    const condition = conditionOf(error) ?? 'undefined-condition';
    // An address that somebody typed: the server does not take it, of which the service can do nothing. Of addresses that are in rooms it takes all.
    const alone = this.state.kind === 'open' && condition === 'jid-malformed' ? this.sent.takeSingle(error) : undefined;
    if (alone) {
      this.multicastCounts.refused++;
      this.hand(alone.way, readdressed(alone.out, alone.out.to, alone.out.except));
    } else if (this.sent.refused(error, this.state.kind === 'closing')) this.close(condition);
    else log.debug({ event: 'multicast.stray', condition }, 'an error of the multicast service is about nothing that waits for it');
  }

  /** The connection is lost, and with it whatever waits: rooms say again what they are to. */
  offline(): void {
    this.epoch++;
    this.state = { kind: 'none' };
    this.ending = undefined;
    const ways = [...this.ways.values()];
    this.forget();
    this.loops.offline();
    for (const way of ways) for (const item of way.takeAll()) this.abandon(item);
    this.fell();
  }

  /** The service of rooms stops, and nobody waits for confirmations any more: what waits leaves directly, answers too. */
  finish(): void {
    this.epoch++;
    const ways = [...this.ways.values()];
    const refused = this.sent.settle();
    this.state = { kind: 'none' };
    this.ending = undefined;
    this.forget();
    this.goDirectly(refused, ways);
  }

  /** Resolves when all that rooms said by the service has arrived, or the connection is lost. */
  async said(): Promise<void> {
    if (this.ways.size > 0) await this.reached();
  }

  // What rooms see of the link.

  send(out: Outgoing, room?: BareJid): void {
    const way = this.ways.size === 0 ? undefined : this.ways.get(room ?? foldBare(out.from));
    if (way === undefined) this.link.send(out, room);
    else this.take(way, stanzaItem(out));
  }

  request(request: Request): Promise<Answer> {
    const { link } = this;
    const way = this.ways.size === 0 ? undefined : this.ways.get(foldBare(request.from));
    if (way === undefined) return link.request(request);
    return new Promise((resolve) => {
      this.take(way, { kind: 'request', to: request.to, send: () => void link.request(request).then(resolve) });
    });
  }

  pause(): void {
    this.paused = true;
    this.link.pause();
  }

  resume(): void {
    this.paused = false;
    this.link.resume();
  }

  queuedOf(room: BareJid): number {
    return this.link.queuedOf(room) + (this.ways.get(room)?.bytes ?? 0);
  }

  tellLow(room: BareJid): boolean {
    const way = this.ways.get(room);
    if (way === undefined || way.bytes === 0) return this.link.tellLow(room);
    way.high = true;
    return true;
  }

  get moved(): number {
    return this.link.moved + this.releases;
  }

  get congested(): boolean {
    return this.held.memory > MOST_HELD || this.link.congested;
  }

  get overfull(): boolean {
    return this.held.memory > 1.5 * MOST_HELD || this.link.overfull;
  }

  // A room's way.

  private begin(room: BareJid, epoch: number): void {
    const way = new Way(room, this.held);
    this.ways.set(room, way);
    void this.link.barrier().then((reached) => {
      if (epoch !== this.epoch || this.ways.get(room) !== way) return;
      way.stopped = false;
      if (reached) this.pump(way);
      else this.end(way);
    });
  }

  /** Something that the room says: it leaves, waits, or is set aside for whoever waits for an answer. */
  private take(way: Way, item: Item): void {
    if (item.kind === 'request') return this.takeAnswer(way, item.to, item);
    if (item.kind !== 'stanza') return this.push(way, item);
    const { out } = item;
    if (out.name === 'iq') return this.takeAnswer(way, out.to as string, item);
    if (way.aside.size === 0) return this.push(way, item);
    if (typeof out.to === 'string') {
      if (way.aside.has(out.to)) this.setAside(way, out.to, item);
      else this.push(way, item);
      return;
    }
    const { except = [] } = out;
    const waiting = out.to.filter((one) => way.aside.has(one.jid) && !except.includes(one));
    if (waiting.length === 0) return this.push(way, item);
    for (const { jid } of waiting) this.setAside(way, jid, stanzaItem({ ...readdressed(out, jid), kind: kindOf(out) }));
    if (out.to.length > except.length + waiting.length) this.push(way, stanzaItem(readdressed(out, out.to, [...except, ...waiting])));
  }

  private takeAnswer(way: Way, to: string, item: Item): void {
    const { aside } = way;
    const isIdle = way.isEmpty && way.unconfirmed === 0 && !way.stopped;
    if (aside.has(to)) this.setAside(way, to, item);
    // In the order of the queue is enough for whoever gets everything directly.
    else if (isIdle || !this.isLocal(to)) this.push(way, item);
    else {
      this.setAside(way, to, item);
      // If not, everything leaves otherwise, or nothing does.
      void this.arrived(way).then((arrived) => {
        if (arrived && this.ways.get(way.room) === way) this.release(way, to);
      });
    }
  }

  private setAside(way: Way, to: string, item: Item): void {
    way.setAside(to, item);
    if (way.asideCount > MOST_ASIDE) {
      const [answer, ...rest] = way.takeAside(to);
      if (answer) this.leaves(answer, way);
      for (const one of rest) this.push(way, one);
    }
    this.look();
  }

  /** What was said before to whoever waits is confirmed: the answer leaves, and the rest goes its way. */
  private release(way: Way, to: string): void {
    let isBehind = false;
    for (const item of way.takeAside(to)) {
      isBehind ||= !isAnswer(item);
      if (isBehind) this.take(way, item);
      else this.leaves(item, way);
    }
    this.pump(way);
  }

  private push(way: Way, item: Item): void {
    way.push(item);
    this.pump(way);
    this.look();
  }

  /** Lets leave what may. */
  private pump(way: Way): void {
    for (let item = way.head; item !== undefined && this.state.kind === 'open' && !way.stopped; item = way.head) {
      if (item.kind === 'leave') {
        // What is set aside waits for no more than that either.
        if (way.unconfirmed > 0) void this.loop();
        else this.end(way);
        break;
      }
      if (item.kind === 'stanza' && !this.give(way, item, this.state)) break;
      way.shift();
      if (item.kind === 'request') item.send();
      if (item.kind === 'mark') item.passed();
    }
    this.told(way);
  }

  /** Gives the service the parts of a stanza that it takes now; false: some wait for the window. */
  private give(way: Way, item: Item & { kind: 'stanza' }, open: Open): boolean {
    const { out } = item;
    if (out.name === 'iq') {
      this.hand(way, out);
      return true;
    }
    if (item.parts === undefined) {
      const list: readonly Address[] = typeof out.to === 'string' ? [address(out.to)] : out.to;
      const { direct, grouped } = open.splitter.parts({ ...out, to: list });
      item.parts = grouped;
      if (direct) this.hand(way, direct);
    }
    while (item.next < item.parts.length) {
      if (!this.hasRoom || this.turn === 0) {
        this.waiting.add(way);
        if (!this.hasRoom) this.waitForWindow();
        return false;
      }
      this.turn--;
      const part = item.parts[item.next++] as Outgoing;
      const marked = { ...part, via: { service: open.service, mark: (++this.marks).toString(36) } };
      this.sent.add(way, marked);
      this.multicastCounts.stanzas++;
      this.hand(way, marked);
      this.looked();
    }
    return true;
  }

  private hand(way: Way, out: Outgoing): void {
    this.handed++;
    this.link.send(out, way.room);
  }

  private get hasRoom(): boolean {
    const { copies, memory } = this.sent;
    return copies < WINDOW + this.beyond && memory < MOST_SENT;
  }

  /** After each stanza: a loop follows now and then. */
  private looked(): void {
    if (this.sent.copies - this.looped >= LOOP_EACH) void this.loop();
    if (this.timer) return;
    this.timer = true;
    this.options.clock.after(CONFIRM_MS, () => {
      this.timer = false;
      if (!this.sent.isEmpty) void this.loop();
    });
  }

  private waitForWindow(): void {
    void this.loop();
    this.windowTimer ??= this.options.clock.after(WINDOW_MS, () => {
      this.windowTimer = undefined;
      this.beyond = this.sent.copies;
      this.goOn();
    });
  }

  /** There is room: those that wait take turns. */
  private goOn(): void {
    // Whoever has had their turn and waits still stands behind the others, and is come to again.
    for (const way of this.waiting) {
      if (!this.hasRoom) break;
      this.waiting.delete(way);
      this.turn = TURN;
      this.pump(way);
    }
    this.turn = Infinity;
    if (this.waiting.size > 0) this.waitForWindow();
  }

  /** The room goes directly from now on: everything leaves. */
  private end(way: Way): void {
    if (this.ways.get(way.room) !== way) return;
    this.ways.delete(way.room);
    this.waiting.delete(way);
    for (const item of way.takeAll()) this.leaves(item, way);
    this.told(way);
  }

  /** Something leaves past the service. */
  private leaves(item: Item, way: Way): void {
    if (item.kind === 'request') item.send();
    else if (item.kind === 'mark') item.passed();
    else if (item.kind === 'stanza') {
      if (item.parts === undefined) this.hand(way, item.out);
      else for (const part of item.parts.slice(item.next)) this.hand(way, part);
    }
  }

  private isLocal(jid: string): boolean {
    const { serverDomain } = this.options;
    return isInDomain(jid, serverDomain) || isInDomain(foldFull(jid), serverDomain);
  }

  // What has arrived.

  /** Resolves true once everything that rooms said before this call has arrived. */
  private async reached(): Promise<boolean> {
    const { epoch } = this;
    await Promise.all([...this.ways.values()].flatMap((way) => [this.passed(way), this.passedAside(way)]));
    const through = this.state.kind !== 'none' && epoch === this.epoch && (await this.loop());
    // What was refused leaves when the service is closed: a ping before that would confirm what nobody has.
    if (!through) await this.whenClosed();
    if (epoch !== this.epoch) return false;
    return through || ((await this.link.barrier()) && epoch === this.epoch);
  }

  /** Resolves when the service is not about to be closed any more. */
  private whenClosed(): Promise<void> {
    if (this.state.kind !== 'closing') return Promise.resolve();
    return new Promise((resolve) => this.closings.push(resolve));
  }

  /** Resolves when everything that the room said before is confirmed, or goes directly. */
  private async arrived(way: Way): Promise<boolean> {
    const { epoch } = this;
    await this.passed(way);
    return epoch === this.epoch && (await this.loop());
  }

  /** Resolves when everything that waits in the room's queue now has left it. */
  private passed(way: Way): Promise<void> {
    if (way.isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.push(way, { kind: 'mark', passed: resolve }));
  }

  /** The same of what is set aside now. */
  private passedAside(way: Way): Promise<unknown> {
    return Promise.all(
      [...way.aside.keys()].map((to) => new Promise<void>((resolve) => way.setAside(to, { kind: 'mark', passed: resolve }))),
    );
  }

  /** True once everything that the service was given before has been handed out. One loop is under way at a time; the next serves all calls made meanwhile. */
  private loop(): Promise<boolean> {
    const { flight } = this;
    if (flight === undefined) return this.fly();
    if (flight.handed === this.handed) return flight.answer;
    this.following ??= flight.answer.then((back) => {
      this.following = undefined;
      return back ? (this.flight?.answer ?? this.fly()) : false;
    });
    return this.following;
  }

  private fly(): Promise<boolean> {
    if (this.state.kind === 'none') return Promise.resolve(false);
    const { epoch } = this;
    const behind = this.sent.latest;
    this.looped = this.sent.copies;
    const flight: Flight = {
      handed: this.handed,
      answer: this.loops.fly(this.state.service).then((outcome) => {
        if (this.flight === flight) this.flight = undefined;
        return epoch === this.epoch && this.landed(behind, outcome);
      }),
    };
    this.flight = flight;
    return flight.answer;
  }

  private landed(behind: number, outcome: Outcome): boolean {
    if (this.state.kind === 'none') return false;
    if (outcome.kind === 'silent') {
      this.silent();
      return false;
    }
    if (outcome.kind === 'refused') this.close(outcome.condition);
    if (this.ending !== undefined) {
      if (behind < this.sent.latest) void this.fly();
      else this.fallBack(this.ending.condition);
      return false;
    }
    const before = this.sent.copies;
    this.sent.confirm(behind, (way) => this.pump(way));
    this.looped = Math.max(0, this.looped - (before - this.sent.copies));
    this.beyond = 0;
    this.windowTimer?.();
    this.windowTimer = undefined;
    this.goOn();
    return true;
  }

  // The end of it.

  /** The service refuses: nothing more is given to it, and when all is known that it refused, that leaves directly, and then what waits. */
  private close(condition: string): void {
    if (this.state.kind !== 'open') return;
    this.state = { ...this.state, kind: 'closing' };
    this.ending = { condition };
    // A loop that was sent before may be behind the latest stanza already.
    if (this.flight === undefined) void this.fly();
  }

  private fallBack(condition: string | undefined): void {
    const ways = [...this.ways.values()];
    const refused = this.sent.settle();
    this.over();
    this.goDirectly(refused, ways);
    this.fell();
    for (const way of ways) this.told(way);
    this.owner.closed(condition);
  }

  /** What was refused leaves directly, and then what waits. */
  private goDirectly(refused: readonly Refused[], ways: readonly Way[]): void {
    this.multicastCounts.refused += refused.length;
    for (const { way, out } of refused) this.hand(way, readdressed(out, out.to, out.except));
    for (const way of ways) for (const item of way.takeAll()) this.leaves(item, way);
  }

  /** Nobody knows what has arrived: rooms say it again, as after a lost connection; what was for one alone leaves. */
  private silent(): void {
    this.epoch++;
    const ways = [...this.ways.values()];
    this.over();
    for (const way of ways) {
      for (const item of way.takeAll()) if (item.kind !== 'stanza' || kindOf(item.out) === 'reply') this.leaves(item, way);
    }
    this.fell();
    this.owner.closed(undefined);
    this.owner.unsure(ways.map(({ room }) => room));
    // Rooms that were held go on behind what they say again.
    for (const way of ways) this.told(way);
  }

  private over(): void {
    this.state = { kind: 'none' };
    this.ending = undefined;
    this.multicastCounts.closed++;
    this.forget();
  }

  private forget(): void {
    this.ways.clear();
    this.waiting.clear();
    this.sent.clear();
    this.windowTimer?.();
    this.windowTimer = undefined;
    this.flight = this.following = undefined;
    this.beyond = this.looped = 0;
    // They go on when everything has left, which is in this turn of the loop.
    for (const closed of this.closings.splice(0)) closed();
  }

  private abandon(item: Item): void {
    // It is answered that there is no connection.
    if (item.kind === 'request') item.send();
    else if (item.kind === 'mark') item.passed();
  }

  // How much waits.

  private look(): void {
    if (this.held.memory > MOST_HELD) this.wasFull = true;
  }

  private fell(): void {
    this.releases++;
    if (!this.wasFull || this.congested) return;
    this.wasFull = false;
    this.owner.drained();
  }

  private told(way: Way): void {
    this.fell();
    if (!way.high || way.bytes > 0) return;
    way.high = false;
    if (!this.link.tellLow(way.room)) this.owner.lowered(way.room);
  }
}

const isAnswer = (item: Item): boolean => item.kind === 'request' || (item.kind === 'stanza' && item.out.name === 'iq');
