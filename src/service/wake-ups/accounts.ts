/** What was sent to accounts that have shown no sign of life since: how much waits there for them, and whether to try on. */
import type { Millis } from '../../room/contract/rows';
import { endOf, isFarAhead } from '../../room/room-times';
import type { WokenRow } from '../../store/wake-ups';
import type { BareJid } from '../../xmpp/fold';
import type { WakeForm } from './wake-stanza';

/** Doorbells that wait for one account, over all rooms: a server keeps a hundred stanzas for it, and friends' messages are to find their place. */
export const MOST_WAITING = 40;
const DAY_MS = 86_400_000;
/** So many wake-ups over so long a time without a sign of life, and there are no more. */
const MOST_TRIES = 20;
const GIVEN_UP_MS = 7 * DAY_MS;
/** Accounts that are remembered, and for how long: by then their wishes are over. */
const MOST_ACCOUNTS = 200_000;
export const REMEMBERED_MS = 366 * DAY_MS;
/** Rows count in such steps, ahead of what was sent: so few are written, and whoever starts from them after a crash wakes nobody more often. */
const STEP = 10;

export type WokenAccount = Omit<WokenRow, 'jid'>;

export class WokenAccounts {
  private readonly accounts = new Map<BareJid, WokenAccount>();
  /** What their rows say. */
  private readonly rows = new Map<BareJid, WokenAccount>();
  /** Those whose rows should say something else. */
  private readonly changed = new Set<BareJid>();

  /** How many have shown no sign of life since they were woken: asked before each look for one. */
  get size(): number {
    return this.accounts.size;
  }

  /** Whether any row is not as it should be. */
  get hasChanged(): boolean {
    return this.changed.size > 0;
  }

  /** Whether an account may be woken now; if so, it counts. */
  take(jid: BareJid, form: WakeForm, now: Millis): boolean {
    const known = this.accounts.get(jid) ?? { since: now, tries: 0, waiting: 0, full: 0 };
    if (known.full !== 0 && endOf(known.full, DAY_MS, now) > now) return false;
    if (known.tries >= MOST_TRIES && endOf(known.since, GIVEN_UP_MS, now) <= now) return false;
    if (form === 'doorbell' && known.waiting >= MOST_WAITING) return false;
    const waiting = known.waiting + (form === 'doorbell' ? 1 : 0);
    this.put(jid, { since: known.since, tries: Math.min(known.tries + 1, MOST_TRIES), waiting, full: 0 });
    return true;
  }

  /** What `take` counted was not sent after all. */
  giveBack(jid: BareJid, form: WakeForm): void {
    const known = this.accounts.get(jid);
    if (!known) return;
    const waiting = Math.max(0, known.waiting - (form === 'doorbell' ? 1 : 0));
    // At the bound it is not known whether this one was counted: it stays there, until a sign of life.
    const tries = known.tries >= MOST_TRIES ? known.tries : Math.max(0, known.tries - 1);
    // Nothing was ever sent: the time of the first begins with one that is.
    if (tries === 0 && waiting === 0 && known.full === 0) this.seen(jid);
    else this.put(jid, { ...known, tries, waiting });
  }

  /** Whether its row says no less than what was sent: if it does not, the row is to be written first. */
  isKept(jid: BareJid): boolean {
    const [account, row] = [this.accounts.get(jid), this.rows.get(jid)];
    return !account || (row !== undefined && row.tries >= account.tries && row.waiting >= account.waiting);
  }

  /** The account's server has no room for more. */
  isFull(jid: BareJid, now: Millis): void {
    const known = this.accounts.get(jid);
    if (known) this.put(jid, { ...known, full: now });
  }

  /** Any stanza came from the account: it has what waited, or asks for it. */
  seen(jid: BareJid): boolean {
    if (!this.accounts.delete(jid)) return false;
    this.note(jid);
    return true;
  }

  /** Forgets those whose wishes are over by now. */
  expire(now: Millis): void {
    for (const [jid, { since }] of this.accounts) {
      if (isFarAhead(since, REMEMBERED_MS, now) || endOf(since, REMEMBERED_MS, now) <= now) this.seen(jid);
    }
  }

  /** Takes rows as they were kept. */
  load(rows: readonly WokenRow[]): void {
    for (const { jid, ...row } of rows) {
      this.rows.set(jid, row);
      this.put(jid, row);
    }
  }

  /** Rows that are to be written, and accounts whose rows go: so many at most. `isExact`: nothing is sent any more. */
  changes(most: number, isExact: boolean): { readonly woken: WokenRow[]; readonly seen: BareJid[] } {
    const [woken, seen]: [WokenRow[], BareJid[]] = [[], []];
    for (const jid of this.changed) {
      if (woken.length + seen.length >= most) break;
      this.changed.delete(jid);
      const account = this.accounts.get(jid);
      if (!account) {
        if (this.rows.delete(jid)) seen.push(jid);
        continue;
      }
      const row = isExact ? account : ahead(account);
      this.rows.set(jid, row);
      woken.push({ jid, ...row });
    }
    return { woken, seen };
  }

  /** They could not be written. */
  putBack({ woken, seen }: { readonly woken: readonly WokenRow[]; readonly seen: readonly BareJid[] }): void {
    for (const jid of [...woken.map((row) => row.jid), ...seen]) {
      this.changed.add(jid);
      this.rows.set(jid, NOTHING);
    }
  }

  /** All of them count exactly from now on. */
  countExactly(): void {
    for (const [jid, account] of this.accounts) if (differ(account, this.rows.get(jid))) this.changed.add(jid);
  }

  get(jid: BareJid): WokenAccount | undefined {
    return this.accounts.get(jid);
  }

  private put(jid: BareJid, account: WokenAccount): void {
    this.accounts.set(jid, account);
    this.note(jid);
    const dropped = dropFirst(this.accounts, MOST_ACCOUNTS);
    if (dropped !== undefined) this.note(dropped);
  }

  private note(jid: BareJid): void {
    const [account, row] = [this.accounts.get(jid), this.rows.get(jid)];
    const isRight = account ? row !== undefined && this.isKept(jid) && row.since === account.since && row.full === account.full : !row;
    if (isRight) this.changed.delete(jid);
    else this.changed.add(jid);
  }
}

const NOTHING: WokenAccount = { since: 0, tries: 0, waiting: 0, full: 0 };

const upTo = (count: number, most: number): number => Math.min(Math.ceil(count / STEP) * STEP, most);
const ahead = (account: WokenAccount): WokenAccount => ({
  ...account,
  tries: upTo(account.tries, MOST_TRIES),
  waiting: upTo(account.waiting, MOST_WAITING),
});

function differ(one: WokenAccount, other: WokenAccount | undefined): boolean {
  return one.since !== other?.since || one.tries !== other.tries || one.waiting !== other.waiting || one.full !== other.full;
}

/** Takes the first of a map out of it if there are more than so many, and returns it. */
export function dropFirst<K>(map: Map<K, unknown>, most: number): K | undefined {
  if (map.size <= most) return undefined;
  for (const key of map.keys()) {
    map.delete(key);
    return key;
  }
  return undefined;
}
