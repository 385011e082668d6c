/** Requests that rooms pass on from one occupant to another: each has a deadline, and the number under way is bounded. */
import type { Link } from '../link/link';
import { foldFull } from '../xmpp/fold';
import type { RelayedInput, RelayIq } from '../room/machine';

/** Under way at the same time: for one asker, and in all. */
const MAX_OF_ASKER = 50;
const MAX_IN_ALL = 10_000;

export class Relays {
  private readonly ofAsker = new Map<string, number>();
  private inAll = 0;

  constructor(
    private readonly link: Pick<Link, 'request'>,
    /** Milliseconds after which a request counts as unanswered. */
    private readonly deadline: number,
    private readonly answered: (room: string, input: RelayedInput) => void,
  ) {}

  /** Sends a request; its one answer, whatever it is, becomes an input of the room. */
  run(room: string, effect: RelayIq): void {
    const asker = foldFull(effect.asker);
    const count = this.ofAsker.get(asker) ?? 0;
    if (count >= MAX_OF_ASKER || this.inAll >= MAX_IN_ALL) {
      // Not within the call: what the room says besides in the same decision goes first.
      queueMicrotask(() => this.answered(room, { kind: 'relayed', effect, answer: { type: 'busy' } }));
      return;
    }
    this.ofAsker.set(asker, count + 1);
    this.inAll++;
    const { from, to, type, payload } = effect;
    void this.link.request({ from, to, type, payload, deadline: this.deadline }).then((answer) => {
      const left = (this.ofAsker.get(asker) ?? 1) - 1;
      if (left === 0) this.ofAsker.delete(asker);
      else this.ofAsker.set(asker, left);
      this.inAll--;
      this.answered(room, { kind: 'relayed', effect, answer });
    });
  }
}
