/**
 * Errors from addresses that are in no room which is in memory: they may answer an invitation, or be made up. Nobody answers an error, so none can be
 * refused; each is looked up with the store or wakes a room, so those of one domain (on our own server: of one account) have a rate, and above it they are dropped.
 */
import type { Domain, FullJid } from '../../xmpp/fold';
import { bareOf, domainOf } from '../../xmpp/jid';

/** Errors per second, and how many at once: a room sends 50 invitations at once and then 5 per second (`room/talking/notice-queue.ts`). */
const PER_SECOND = 20;
const AT_ONCE = 200;
const TOKEN_MS = 1_000 / PER_SECOND;
/** Domains and accounts that are told apart; those beyond are as one. */
const MOST = 10_000;
/** Between two looks for those that may be forgotten, in milliseconds. */
const SWEEP_MS = 1_000;

export class StrayErrors {
  /** When everything may come at once again (GCRA). */
  private readonly fullAt = new Map<string, number>();
  private sweptAt = -Infinity;

  constructor(
    /** Milliseconds of a clock that never goes back. */
    private readonly elapsed: () => number,
    /** Whether a domain is the server's own: nobody there can make up accounts. */
    private readonly isLocal: (domain: Domain) => boolean,
  ) {}

  /** Whether one more from that address is looked at; counts it if so. */
  take(from: FullJid): boolean {
    const now = this.elapsed();
    const domain = domainOf(from);
    const name = this.nameOf(this.isLocal(domain) ? bareOf(from) : domain, now);
    const full = Math.max(this.fullAt.get(name) ?? now, now) + TOKEN_MS;
    if (full - now > AT_ONCE * TOKEN_MS) return false;
    this.fullAt.set(name, full);
    return true;
  }

  private nameOf(name: string, now: number): string {
    if (this.fullAt.has(name) || this.fullAt.size < MOST) return name;
    if (now - this.sweptAt >= SWEEP_MS) {
      this.sweptAt = now;
      for (const [other, at] of this.fullAt) if (at <= now) this.fullAt.delete(other);
    }
    return this.fullAt.size < MOST ? name : '';
  }
}
