/** Wakes accounts: each in the form of its server, no more than it can take, and nobody too often because of one other person. */
import type { Link } from '../../link/link';
import type { Log } from '../../log';
import type { Random } from '../../room/contract/env';
import type { WakeUp, Woken } from '../../room/contract/machine';
import type { Millis } from '../../room/contract/rows';
import { BY_ONE_MS, MOST_BY_ONE } from '../../features/wake-ups/wake-wishes';
import type { WakeUpStore } from '../../store/wake-ups';
import { accountKey, isOwnDomain, type BareJid, type Domain, type FullJid, type RoomJid } from '../../xmpp/fold';
import { bareOf, domainOf, resourceOf } from '../../xmpp/jid';
import type { Outgoing } from '../../xmpp/outgoing';
import { conditionOf } from '../../xmpp/stanza-error';
import type { Element } from '../../xmpp/xml';
import type { Clock } from '../clock';
import { dropFirst, WokenAccounts } from './accounts';
import { WakeForms } from './forms';
import { Keeping } from './keeping';
import { LaterWakeUps } from './later';
import { wakeStanzas, type WakeForm } from './wake-stanza';

export interface WakerOptions {
  readonly link: Pick<Link, 'send' | 'request' | 'online'>;
  readonly store: WakeUpStore;
  readonly clock: Clock;
  readonly log: Log;
  /** The component's domain. */
  readonly domain: Domain;
  readonly random: Random;
  /** A server says that there is nobody at this address any more. */
  readonly gone: (room: RoomJid, jid: BareJid) => void;
  /** What the operator says of the form, by domain. */
  readonly chosen: () => ReadonlyMap<Domain, WakeForm>;
}

const MINUTE_MS = 60_000;
/** People who wait until their domain has said what it is, or until it is written that they are woken; more are dropped. Other servers, which may take their time, have half of the places. */
const MOST_HELD = 10_000;
const MOST_HELD_ELSEWHERE = MOST_HELD / 2;
/** Ids of stanzas that are remembered, for errors to them. */
const MOST_SENT = 10_000;
/** Pairs of people of whom one was woken because of the other, as far as they are remembered. */
const MOST_PAIRS = 50_000;

/** Conditions by which a server says that it does not take such a stanza: `service-unavailable`, which it also says of a stanza that it has pushed, tells nothing. */
const NOT_TAKEN = new Set(['bad-request', 'feature-not-implemented', 'forbidden', 'not-acceptable', 'not-allowed', 'policy-violation']);

export class Waker {
  private readonly forms: WakeForms;
  readonly accounts = new WokenAccounts();
  private readonly keeping: Keeping;
  private readonly later = new LaterWakeUps();
  /** The forms of stanzas that were sent, by id. */
  private readonly sent = new Map<string, WakeForm>();
  /** When whom was woken because of whom. */
  private readonly pairs = new Map<string, readonly number[]>();
  private held = 0;
  private heldElsewhere = 0;
  /** People who found no place, and of whom the log has not told yet. */
  private dropped = 0;

  constructor(private readonly options: WakerOptions) {
    const { link, store, clock, log, domain, chosen } = options;
    this.forms = new WakeForms({ link, clock, log, address: `${domain}/wake`, chosen });
    this.keeping = new Keeping({ store, clock, log, accounts: this.accounts, forms: this.forms });
  }

  /** Before the link is started. Throws StoreFailed. */
  start(): Promise<void> {
    return this.keeping.start();
  }

  /** When rooms say nothing any more. */
  stop(): Promise<void> {
    return this.keeping.stop();
  }

  /** There is a connection: those are woken for whom there was none. */
  online(): void {
    for (const { room, wakeUp } of this.later.take()) this.deliver(room, wakeUp);
  }

  /** A room has people woken. */
  wake(room: RoomJid, wakeUp: WakeUp): void {
    this.deliver(room, { ...wakeUp, people: wakeUp.people.filter(({ by, jid }) => by === null || this.mayBy(by, jid)) });
  }

  private deliver(room: RoomJid, wakeUp: WakeUp): void {
    // The link drops what it cannot send.
    if (!this.options.link.online) {
      this.drop(this.later.add(room, wakeUp));
      return;
    }
    const byDomain = new Map<Domain, Woken[]>();
    for (const one of wakeUp.people) {
      const domain = domainOf(one.jid);
      const others = byDomain.get(domain);
      if (others) others.push(one);
      else byDomain.set(domain, [one]);
    }
    for (const [domain, all] of byDomain) {
      const form = this.forms.get(domain);
      const places = Math.min(MOST_HELD - this.held, isOwnDomain(domain) ? Infinity : MOST_HELD_ELSEWHERE - this.heldElsewhere);
      const people = all.slice(0, Math.max(0, places));
      this.drop(all.length - people.length);
      if (people.length === 0) continue;
      if (form !== undefined) this.send(room, { ...wakeUp, people }, form);
      else this.hold(room, { ...wakeUp, people }, domain);
    }
  }

  /** A stanza came from this account. */
  seen(account: BareJid): void {
    if (this.accounts.size > 0 && this.accounts.seen(account)) this.keeping.later();
  }

  /** An error to a stanza: true if it is one to a wake-up, and nobody else's. Only servers answer for accounts: what a client answers tells nothing of its server. */
  bounced(stanza: Element, from: FullJid, room: RoomJid): boolean {
    const form = this.sent.get((stanza.attrs['id'] as string | undefined) ?? '');
    if (stanza.name !== 'message' || form === undefined) return false;
    const condition = conditionOf(stanza);
    if (resourceOf(from) !== '' || condition === undefined) return true;
    if (condition === 'resource-constraint') this.accounts.isFull(bareOf(from), this.options.clock.now());
    else if (NOT_TAKEN.has(condition)) this.forms.refused(domainOf(from), form, condition);
    else if (condition === 'gone') this.options.gone(room, bareOf(from));
    this.keeping.later();
    return true;
  }

  private hold(room: RoomJid, wakeUp: WakeUp, domain: Domain): void {
    const goesOn = this.forms.ask(domain).then((form) => {
      this.keeping.later();
      if (form !== undefined) this.send(room, wakeUp, form);
      // The connection was lost meanwhile.
      else this.drop(this.later.add(room, wakeUp));
    });
    this.holdUntil(goesOn, wakeUp.people);
  }

  /** People wait for something, each counted; a promise that they are counted by is one that goes on with them. */
  private holdUntil(goesOn: Promise<void>, people: readonly Woken[]): void {
    const elsewhere = people.filter(({ jid }) => !isOwnDomain(domainOf(jid))).length;
    this.held += people.length;
    this.heldElsewhere += elsewhere;
    goesOn
      .catch((error: unknown) => {
        this.options.log.error({ event: 'wake-up.failed', err: error }, 'people could not be woken: a mistake in the program');
      })
      .finally(() => {
        this.held -= people.length;
        this.heldElsewhere -= elsewhere;
      });
  }

  /** So many find no place. Told once a minute, since others choose how many they are. */
  private drop(count: number): void {
    const { clock, log } = this.options;
    if (count === 0) return;
    this.dropped += count;
    if (this.dropped > count) return;
    clock.after(MINUTE_MS, () => {
      log.warn({ event: 'wake-up.dropped', people: this.dropped }, 'people were not woken: too many waited for it');
      this.dropped = 0;
    });
  }

  private send(room: RoomJid, wakeUp: WakeUp, form: WakeForm): void {
    const now = this.options.clock.now();
    const people = wakeUp.people.filter(({ jid }) => this.accounts.take(jid, form, now));
    if (people.every(({ jid }) => this.accounts.isKept(jid))) {
      this.keeping.later();
      this.say(room, { ...wakeUp, people }, form);
      return;
    }
    // What no row counts is not sent: a crash would begin to count anew.
    const kept = this.keeping.save().then(() => this.say(room, { ...wakeUp, people }, form));
    this.holdUntil(kept, people);
  }

  private say(room: RoomJid, { people, ...rest }: WakeUp, form: WakeForm): void {
    if (!this.options.link.online) {
      // They are counted when they are sent.
      for (const { jid } of people) this.accounts.giveBack(jid, form);
      this.keeping.later();
      this.drop(this.later.add(room, { ...rest, people }));
      return;
    }
    const wakeUp = { ...rest, people };
    for (const stanza of wakeStanzas(room, wakeUp, form, () => this.newId(form))) this.sendOne(room, stanza);
  }

  /** One stanza that cannot be written keeps nothing else from leaving. */
  private sendOne(room: RoomJid, stanza: Outgoing): void {
    const { link, log } = this.options;
    try {
      link.send(stanza, room);
    } catch (error) {
      log.error({ event: 'stanza.unsendable', room, stanza: stanza.name, err: error }, 'a stanza could not be sent');
    }
  }

  /** Nobody who does not get the stanza can guess it. */
  private newId(form: WakeForm): string {
    const id = `wake-${Buffer.from(this.options.random.bytes(15)).toString('base64url')}`;
    this.sent.set(id, form);
    dropFirst(this.sent, MOST_SENT);
    return id;
  }

  /** Whether somebody may be woken once more because of this other person, in whichever rooms. */
  private mayBy(by: BareJid, jid: BareJid): boolean {
    // Spellings that may be one account are one (rule 7).
    const pair = `${accountKey(by)} ${jid}`;
    const now: Millis = this.options.clock.elapsed();
    const lately = (this.pairs.get(pair) ?? []).filter((at) => now - at < BY_ONE_MS);
    if (lately.length >= MOST_BY_ONE) return false;
    this.pairs.delete(pair);
    this.pairs.set(pair, [...lately, now]);
    dropFirst(this.pairs, MOST_PAIRS);
    return true;
  }
}
