/** What was sent to accounts that have shown no sign of life since: how much waits there for them, and whether to try on. */
import type { Millis } from '../../room/contract/rows';
import { endOf } from '../../room/periods';
import type { BareJid } from '../../xmpp/fold';
import type { WakeForm } from './wake-stanza';

/** Doorbells that wait for one account, over all rooms: a server keeps a hundred stanzas for it, and friends' messages are to find their place. */
export const MOST_WAITING = 40;
const DAY_MS = 86_400_000;
/** So many wake-ups over so long a time without a sign of life, and there are no more. */
const MOST_TRIES = 20;
const GIVEN_UP_MS = 7 * DAY_MS;
/** Accounts that are remembered. */
const MOST_ACCOUNTS = 200_000;

export interface WokenAccount {
  /** The first wake-up since their last sign of life. */
  readonly since: Millis;
  readonly tries: number;
  /** Doorbells among them. */
  readonly waiting: number;
  /** The server had no more room for them then; 0: it has not said so. */
  readonly full: Millis;
}

export class WokenAccounts {
  private readonly accounts = new Map<BareJid, WokenAccount>();

  /** How many have shown no sign of life since they were woken: asked before each look for one. */
  get size(): number {
    return this.accounts.size;
  }

  /** Whether an account may be woken now; if so, it counts. */
  take(jid: BareJid, form: WakeForm, now: Millis): boolean {
    const known = this.accounts.get(jid) ?? { since: now, tries: 0, waiting: 0, full: 0 };
    if (known.full !== 0 && endOf(known.full, DAY_MS, now) > now) return false;
    if (known.tries >= MOST_TRIES && endOf(known.since, GIVEN_UP_MS, now) <= now) return false;
    if (form === 'doorbell' && known.waiting >= MOST_WAITING) return false;
    const waiting = known.waiting + (form === 'doorbell' ? 1 : 0);
    this.put(jid, { since: known.since, tries: known.tries + 1, waiting, full: 0 });
    return true;
  }

  /** The account's server has no room for more. */
  isFull(jid: BareJid, now: Millis): void {
    const known = this.accounts.get(jid);
    if (known) this.put(jid, { ...known, full: now });
  }

  /** Any stanza came from the account: it has what waited, or asks for it. */
  seen(jid: BareJid): boolean {
    return this.accounts.delete(jid);
  }

  private put(jid: BareJid, account: WokenAccount): void {
    this.accounts.set(jid, account);
    dropFirst(this.accounts, MOST_ACCOUNTS);
  }

  get(jid: BareJid): WokenAccount | undefined {
    return this.accounts.get(jid);
  }
}

/** Takes the first of a map out of it if there are more than so many. */
export function dropFirst<K>(map: Map<K, unknown>, most: number): void {
  if (map.size <= most) return;
  for (const key of map.keys()) {
    map.delete(key);
    return;
  }
}
