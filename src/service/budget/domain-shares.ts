/** While something is scarce, each foreign domain gets a fair share of what its strangers ask for; nobody else notices. */
import type { BareJid, Domain } from '../../xmpp/fold';

/** Stanzas of strangers per second, of all foreign domains together, and how many of one domain at once. */
const PER_SECOND = 50;
const BURST = 10;
/** Domains that are told apart; those beyond are as one. */
const MOST_DOMAINS = 1_000;
/** Accounts that were in some room within so many milliseconds are no strangers; so many are remembered. */
const KNOWN_MS = 7 * 86_400_000;
const MOST_KNOWN = 100_000;

export interface DomainSharesOptions {
  /** Whether the queue, the reader or the link has more to do than it gets done. */
  readonly scarce: () => boolean;
  /** Of the server's own domain nobody is a stranger. */
  readonly isLocal: (domain: Domain) => boolean;
}

/** All times are milliseconds of a clock that never goes back. */
export class DomainShares {
  /** When a domain's share is whole again (GCRA). */
  private readonly fullAt = new Map<string, number>();
  /** In two generations: to look for the oldest of one large map costs more the longer it is in use. */
  private young = new Map<string, number>();
  private old = new Map<string, number>();

  constructor(private readonly options: DomainSharesOptions) {}

  get scarce(): boolean {
    return this.options.scarce();
  }

  /** The account was in some room at `now`. */
  note(account: BareJid, now: number): void {
    this.young.set(account, now);
    if (this.young.size < MOST_KNOWN / 2) return;
    this.old = this.young;
    this.young = new Map();
  }

  /** Whether an account without affiliation, of this domain, shares with the strangers there. */
  isStranger(account: BareJid, domain: Domain, now: number): boolean {
    if (this.options.isLocal(domain)) return false;
    const at = this.young.get(account) ?? this.old.get(account);
    return at === undefined || now - at > KNOWN_MS;
  }

  /** When one more stanza of a stranger there may pass: at once if nothing is scarce. */
  when(domain: Domain, now: number): number {
    if (!this.scarce) return now;
    const name = this.nameOf(domain);
    const token = this.tokenMs(name, now);
    return Math.max(now, (this.fullAt.get(name) ?? now) - (BURST - 1) * token);
  }

  /** One has passed. */
  take(domain: Domain, now: number): void {
    if (!this.scarce) return;
    const name = this.nameOf(domain);
    this.fullAt.set(name, Math.max(this.fullAt.get(name) ?? now, now) + this.tokenMs(name, now));
  }

  private nameOf(domain: Domain): string {
    return this.fullAt.has(domain) || this.fullAt.size < MOST_DOMAINS ? domain : '';
  }

  /** Milliseconds of one stanza: the more domains ask, the longer. Forgets those that do not. */
  private tokenMs(own: string, now: number): number {
    for (const [name, at] of this.fullAt) if (at <= now && name !== own) this.fullAt.delete(name);
    const asking = this.fullAt.size + (this.fullAt.has(own) ? 0 : 1);
    return (1_000 / PER_SECOND) * asking;
  }
}
