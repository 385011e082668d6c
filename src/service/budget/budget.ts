/**
 * What one account may ask of the service in a time, over all rooms. Above a rate everything of that account waits first, in its order and
 * bounded; what has waited too long, or finds no place, is refused with `wait`. Nobody else notices.
 */
import type { SessionMemo } from '../../room/contract/machine';
import type { Clock } from '../clock';
import { accountKey, type BareJid, type Domain, type FullJid } from '../../xmpp/fold';
import { bareOf, domainOf } from '../../xmpp/jid';
import type { Moment } from '../moment';
import type { DomainShares } from './domain-shares';
import { Buckets, type Rates } from './rates';
import type { Kind } from './kinds';

/** Stanzas and bytes of one account that wait, and for how long, in milliseconds. */
export const MOST_WAITING = 20;
const MOST_WAITING_BYTES = 64 * 1024;
const PATIENCE_MS = 5_000;
const ENTRY_PATIENCE_MS = 20_000;
/** Between two looks for accounts that can be forgotten. */
const SWEEP_MS = 60_000;
/** Full JIDs whose account is kept in mind, and accounts. Of too many accounts a tenth is forgotten: those that have the most tokens. */
const MOST_SESSIONS = 100_000;
export const MOST_ACCOUNTS = 100_000;
const FORGOTTEN_PART = 0.1;

/** Something that is asked for: it is run, or refused. */
export interface Asked {
  readonly kind: Kind | 'free';
  readonly cost: number;
  /** On the wire. */
  readonly bytes: number;
  /** In memory. */
  readonly memory: number;
  /** The foreign domain that it shares with other strangers there, while something is scarce. */
  readonly share?: Domain | undefined;
  /** Full JID of the session, and what it is for: what a session that leaves still has waiting there is refused. */
  readonly session: FullJid;
  /** The room; the service's own domain if it is for the service. */
  readonly room: BareJid;
  /** It came before what waits already: it waited for its room to be loaded. */
  readonly early?: boolean;
  run(): void;
  /** undefined: it cannot be refused (leaving). */
  readonly refuse: (() => void) | undefined;
}

interface Waiting extends Asked {
  readonly deadline: number;
}

/** The empty queue, shared: of nearly all accounts nothing waits, and a list for each would be one more object to look at for each message. */
const NONE: readonly Waiting[] = [];

/** One account and its buckets. Whoever charges a stanza asks for it once. */
export class Account extends Buckets {
  waiting = NONE;
  bytes = 0;
  cancel: (() => void) | undefined = undefined;
  /** What waited is being run: what that makes wait is looked at in the same round. */
  running = false;
  /** It is the account of its sessions for as long as this is the budget's; 0: it is forgotten. */
  era = 0;

  constructor(
    /** Exempt everywhere. */
    readonly trusted: boolean,
  ) {
    super();
  }
}

export interface BudgetOptions {
  readonly clock: Clock;
  readonly moment: Pick<Moment, 'now'>;
  readonly rates: Rates;
  /** Bridges, gateways, test suites, service administrators: by bare JID. */
  readonly isTrusted: (account: BareJid) => boolean;
  /** What strangers of foreign domains share; without it they do not. */
  readonly shares?: DomainShares | undefined;
  /** Bytes that begin (or, negative, cease) to wait count with all that is undecided. */
  readonly memory: (bytes: number) => void;
}

export class Budget {
  private readonly accounts = new Map<string, Account>();
  /** Accounts by full JID, so that a message costs one look. */
  private readonly sessions = new Map<FullJid, Account>();
  /** Stanzas that wait, of all accounts, and those that had to. */
  readonly waits = { now: 0, all: 0 };
  private sweeping: (() => void) | undefined;
  /** Rises when whom the operator trusts may have changed. */
  private era = 1;

  constructor(private readonly options: BudgetOptions) {}

  /** Takes what a stanza of this account costs, if nothing of it waits, there are enough tokens, and its domain has a share left. */
  take(account: Account, kind: Kind | 'free', cost: number, share?: Domain): boolean {
    if (account.waiting.length > 0) return false;
    const { now } = this.options.moment;
    return this.mayPass(share, now) && this.spend(account, kind, cost, share, now);
  }

  /** The domain with whose other strangers this session shares, as far as is known without a room; undefined: with none, or nothing is scarce. */
  shareOf(session: FullJid): Domain | undefined {
    const { shares, clock } = this.options;
    if (!shares?.scarce) return undefined;
    const account = bareOf(session);
    const domain = domainOf(account);
    return this.isTrusted(session) || !shares.isStranger(account, domain, clock.elapsed()) ? undefined : domain;
  }

  /** This session is in some room. */
  noteIn(session: FullJid): void {
    this.options.shares?.note(bareOf(session), this.options.clock.elapsed());
  }

  private mayPass(share: Domain | undefined, now: number): boolean {
    return share === undefined || (this.options.shares?.when(share, now) ?? now) <= now;
  }

  private spend(account: Account, kind: Kind | 'free', cost: number, share: Domain | undefined, now: number): boolean {
    if (kind !== 'free' && !account.take(this.options.rates[kind], cost, now)) return false;
    if (share !== undefined) this.options.shares?.take(share, now);
    return true;
  }

  /** Whether something waits that this session sent to a room before it was awake: what came behind it to that room waits too. */
  waitsEarly(session: FullJid): boolean {
    return this.of(session).waiting.some((one) => one.early === true && one.session === session);
  }

  /** As `take`, for what came before anything that waits now, but not before what came before it itself. */
  takeEarly(session: FullJid, kind: Kind | 'free', cost: number): boolean {
    if (this.waitsEarly(session)) return false;
    return kind === 'free' || this.of(session).take(this.options.rates[kind], cost, this.options.moment.now);
  }

  /** Whether something waits that this session of the account sent to a room: what is exempt there does not go before it. */
  waitsFor(account: Account, session: FullJid, room: BareJid): boolean {
    return account.waiting.length > 0 && account.waiting.some((one) => one.session === session && one.room === room);
  }

  isTrusted(session: FullJid): boolean {
    return this.of(session).trusted;
  }

  /** Accounts that are kept in mind. */
  get size(): number {
    return this.accounts.size;
  }

  /** Milliseconds until there are enough tokens for this. */
  msUntil(session: FullJid, kind: Kind | 'free', cost: number): number {
    const now = this.options.clock.elapsed();
    return kind === 'free' ? 0 : this.of(session).when(this.options.rates[kind], cost, now) - now;
  }

  /** Lets it wait behind what else waits of its account, or refuses it. */
  wait(asked: Asked): void {
    const account = this.of(asked.session);
    const full = account.waiting.length >= MOST_WAITING || account.bytes + asked.bytes > MOST_WAITING_BYTES;
    if (full && asked.refuse) {
      asked.refuse();
      return;
    }
    if (full) {
      // Whoever leaves does so now; what they still wanted in that room comes too late.
      this.refuseSome(account, ({ session, room }) => session === asked.session && room === asked.room);
      asked.run();
      return;
    }
    const patience = asked.kind === 'entry' ? ENTRY_PATIENCE_MS : PATIENCE_MS;
    const waiting = { ...asked, deadline: this.options.clock.elapsed() + patience };
    const later = asked.early ? account.waiting.findIndex((one) => !one.early) : -1;
    account.waiting = account.waiting.toSpliced(later < 0 ? account.waiting.length : later, 0, waiting);
    account.bytes += asked.bytes;
    this.waits.now++;
    this.waits.all++;
    this.options.memory(asked.memory);
    if (!account.cancel && !account.running) this.goOn(account);
  }

  /** Everything that waits is run at once: the link is lost, and what was said before that counts. */
  runAll(): void {
    for (const account of this.accounts.values())
      for (let one = account.waiting[0]; one; one = account.waiting[0]) this.next(account).run();
  }

  /** Everything that waits is refused, or run if it cannot be: the service stops. */
  refuseAll(): void {
    for (const account of this.accounts.values()) this.refuseSome(account, () => true);
    this.sweeping?.();
  }

  /** Whom the operator trusts may have changed. What waits goes on waiting. */
  forgetTrust(): void {
    // Trusted and other accounts have names of their own.
    this.era++;
    this.sessions.clear();
  }

  /** The account of a session. */
  of(session: FullJid): Account {
    return this.sessions.get(session) ?? this.find(session);
  }

  /** The same of a session that is in a room, which remembers it: asked of every stanza. */
  ofSession(session: FullJid, memo: SessionMemo | undefined): Account {
    const known = memo?.account as Account | undefined;
    if (known?.era === this.era) return known;
    const account = this.of(session);
    if (memo) memo.account = account;
    return account;
  }

  private find(session: FullJid): Account {
    const address = bareOf(session);
    const trusted = this.options.isTrusted(address);
    // Trust is given to one spelling only; spellings that may be one account share a rate.
    const name = trusted ? `/${address}` : accountKey(address);
    let account = this.accounts.get(name);
    if (!account) {
      if (this.accounts.size >= MOST_ACCOUNTS) this.forgetFullest();
      account = new Account(trusted);
      this.accounts.set(name, account);
    }
    account.era = this.era;
    if (this.sessions.size >= MOST_SESSIONS) this.sessions.clear();
    this.sessions.set(session, account);
    this.sweeping ??= this.options.clock.after(SWEEP_MS, () => this.sweep());
    return account;
  }

  private next(account: Account): Waiting {
    const one = account.waiting[0] as Waiting;
    account.waiting = account.waiting.length === 1 ? NONE : account.waiting.slice(1);
    account.bytes -= one.bytes;
    this.waits.now--;
    this.options.memory(-one.memory);
    if (account.waiting.length === 0) {
      account.cancel?.();
      account.cancel = undefined;
    }
    return one;
  }

  /** Runs what there are tokens for, refuses what will not be in time, and comes back when the next token is there. */
  private goOn(account: Account): void {
    account.cancel = undefined;
    account.running = true;
    try {
      this.runWhatMay(account);
    } finally {
      account.running = false;
    }
  }

  private runWhatMay(account: Account): void {
    const { clock, rates, shares } = this.options;
    for (let one = account.waiting[0]; one; one = account.waiting[0]) {
      const now = clock.elapsed();
      if (this.mayPass(one.share, now) && this.spend(account, one.kind, one.cost, one.share, now)) {
        this.next(account).run();
        continue;
      }
      const paid = one.kind === 'free' ? now : account.when(rates[one.kind], one.cost, now);
      const at = Math.max(paid, one.share === undefined ? now : (shares?.when(one.share, now) ?? now));
      if (at <= one.deadline || !one.refuse) {
        account.cancel = clock.after(Math.ceil(at - now), () => this.goOn(account));
        return;
      }
      this.next(account).refuse?.();
    }
  }

  private refuseSome(account: Account, which: (one: Waiting) => boolean): void {
    const rest: Waiting[] = [];
    const gone: Waiting[] = [];
    while (account.waiting.length > 0) {
      const one = this.next(account);
      (which(one) ? gone : rest).push(one);
    }
    if (rest.length > 0) account.waiting = rest;
    this.waits.now += rest.length;
    for (const one of rest) {
      account.bytes += one.bytes;
      this.options.memory(one.memory);
    }
    for (const one of gone) (one.refuse ?? (() => one.run()))();
    if (account.waiting.length > 0 && !account.cancel && !account.running) this.goOn(account);
  }

  /** Forgets accounts that could do now whatever they could do at first. */
  private sweep(): void {
    this.sweeping = undefined;
    this.forget(this.options.clock.elapsed());
    if (this.accounts.size > 0) this.sweeping = this.options.clock.after(SWEEP_MS, () => this.sweep());
  }

  /** Makes room: those that are full, or a tenth, whichever is more. Sorted once for many, so that each account costs little. */
  private forgetFullest(): void {
    const idle = [...this.accounts.values()].filter(({ waiting }) => waiting.length === 0);
    const full = Float64Array.from(idle, ({ allFullAt }) => allFullAt).sort();
    const last = full[Math.ceil(full.length * FORGOTTEN_PART) - 1] ?? 0;
    this.forget(Math.max(last, this.options.clock.elapsed()));
  }

  /** Forgets the accounts whose buckets are all full at `at`, and of which nothing waits. */
  private forget(at: number): void {
    // They name accounts that may be gone.
    this.sessions.clear();
    for (const [name, account] of this.accounts) {
      if (account.waiting.length > 0 || account.allFullAt > at) continue;
      // Sessions may remember it.
      account.era = 0;
      account.drop();
      this.accounts.delete(name);
    }
  }
}
