/**
 * Fair shares of what is scarce: nobody, neither an account nor a domain other than the server's own, holds more places than are still free.
 * One party alone gets half, and others always find room. Spellings that may be one account are one party.
 */
import { accountKey, type BareJid, type Domain } from '../xmpp/fold';
import { domainOf } from '../xmpp/jid';
import type { RoomState } from './state';

/** Whether a party that holds `held` places gets another one of `most`, of which `taken` are taken. */
function hasShare(held: number, taken: number, most: number): boolean {
  return taken < most && held < Math.max(1, most - taken);
}

/** Whether there is a place for `jid` in a queue of a room, or in what has `most` places; `holders`: the bare JIDs of those who hold one, once for each. */
export function hasPlace(room: RoomState, holders: readonly BareJid[], jid: BareJid, most = room.env.policy.limits.waiting): boolean {
  return hasPlaceAmong(room, holders, jid, { taken: holders.length, more: 0, most });
}

/** The same of `most` places, of which `taken` are taken, where `jid` has been given `more` than `holders` says. */
export function hasPlaceAmong(
  room: RoomState,
  holders: readonly BareJid[],
  jid: BareJid,
  { taken, more, most }: { readonly taken: number; readonly more: number; readonly most: number },
): boolean {
  const account = accountKey(jid);
  const ofAccount = holders.filter((holder) => accountKey(holder) === account).length + more;
  return hasShare(ofAccount, taken, most) && (isLocal(room, jid) || hasShare(ofDomain(holders, jid) + more, taken, most));
}

/**
 * Whose place is given to `jid` in a queue of a room whose oldest gives way: of its own domain if that holds its share, else the oldest of all if it is
 * full. `holders` is asked for only where domains count; `taken` is how many there are.
 */
export function givesWay(room: RoomState, taken: number, holders: () => readonly BareJid[], jid: BareJid): number | undefined {
  const most = room.env.policy.limits.waiting;
  if (!isLocal(room, jid) && taken > 0) {
    const all = holders();
    const own = hasShare(ofDomain(all, jid), taken, most) ? -1 : all.findIndex((holder) => domainOf(holder) === domainOf(jid));
    if (own >= 0) return own;
  }
  return taken >= most ? 0 : undefined;
}

function ofDomain(holders: readonly BareJid[], jid: BareJid): number {
  const domain = domainOf(jid);
  return holders.filter((holder) => domainOf(holder) === domain).length;
}

function isLocal(room: RoomState, jid: BareJid): boolean {
  return room.env.policy.isLocal?.(domainOf(jid)) ?? true;
}

/** Who holds how many places of something that the whole service has. */
export class Shares {
  private readonly held = new Map<Domain, number>();
  private taken = 0;

  constructor(
    private readonly most: number,
    private readonly isLocal: (domain: Domain) => boolean,
  ) {}

  /** Whether a domain gets another place. */
  has(domain: Domain): boolean {
    if (this.taken >= this.most) return false;
    return this.isLocal(domain) || hasShare(this.held.get(domain) ?? 0, this.taken, this.most);
  }

  take(domain: Domain): void {
    this.taken++;
    this.held.set(domain, (this.held.get(domain) ?? 0) + 1);
  }

  give(domain: Domain): void {
    this.taken--;
    const left = (this.held.get(domain) ?? 1) - 1;
    if (left === 0) this.held.delete(domain);
    else this.held.set(domain, left);
  }
}
