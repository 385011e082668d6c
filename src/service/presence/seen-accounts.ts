/** Accounts that the service had presence or a request from since it started: they exist. Bounded; those unseen for longest are forgotten. */
import type { BareJid } from '../../xmpp/fold';
const MOST = 100_000;

export class SeenAccounts {
  // Two generations: to look for the oldest of one large set costs more the longer it is in use.
  private young = new Set<BareJid>();
  private old = new Set<BareJid>();

  add(account: BareJid): void {
    this.young.add(account);
    if (this.young.size < MOST / 2) return;
    this.old = this.young;
    this.young = new Set();
  }

  has(account: BareJid): boolean {
    return this.young.has(account) || this.old.has(account);
  }
}
