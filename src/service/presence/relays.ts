/** Requests that rooms pass on from one occupant to another: each has a deadline, and the number under way is bounded. */
import type { Link } from '../../link/link';
import { foldFull, type RoomJid, type BareJid, type Domain } from '../../xmpp/fold';
import { Shares } from '../../room/shares';
import { bareOf, domainOf } from '../../xmpp/jid';
import type { RelayedInput, RelayIq } from '../../room/contract/machine';

/** Under way at the same time: for one account, and in all; of these a domain has at most as many as are still free. */
const MAX_OF_ASKER = 50;
const MAX_IN_ALL = 10_000;

export class Relays {
  private readonly ofAsker = new Map<BareJid, number>();
  private readonly shares: Shares;

  constructor(
    private readonly link: Pick<Link, 'request'>,
    /** Milliseconds after which a request counts as unanswered. */
    private readonly deadline: number,
    private readonly answered: (room: RoomJid, input: RelayedInput) => void,
    /** Whether a domain is the server's own: its accounts may have any part of what is under way. */
    isLocal: (domain: Domain) => boolean,
  ) {
    this.shares = new Shares(MAX_IN_ALL, isLocal);
  }

  /** Sends a request; its one answer, whatever it is, becomes an input of the room. */
  run(room: RoomJid, effect: RelayIq): void {
    const account = bareOf(foldFull(effect.asker));
    const domain = domainOf(account);
    const count = this.ofAsker.get(account) ?? 0;
    if (count >= MAX_OF_ASKER || !this.shares.has(domain)) {
      // Not within the call: what the room says besides in the same decision goes first.
      queueMicrotask(() => this.answered(room, { kind: 'relayed', effect, answer: { type: 'busy' } }));
      return;
    }
    this.ofAsker.set(account, count + 1);
    this.shares.take(domain);
    const { from, to, type, payload } = effect;
    void this.link.request({ from, to, type, payload, deadline: this.deadline }).then((answer) => {
      const left = (this.ofAsker.get(account) ?? 1) - 1;
      if (left === 0) this.ofAsker.delete(account);
      else this.ofAsker.set(account, left);
      this.shares.give(domain);
      this.answered(room, { kind: 'relayed', effect, answer });
    });
  }
}
