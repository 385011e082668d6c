/** The end of a service: it refuses, and what it refused leaves directly when all of that is known; or it is silent, and rooms say again what nobody knows of. */
import { kindOf } from '../../xmpp/outgoing';
import type { Confirming } from './confirming';
import type { MulticastOwner } from './contract';
import type { Holding } from './holding';
import type { Leaving } from './leaving';
import type { Standing } from './standing';
import type { Window } from './window';

export interface EndingOptions {
  readonly standing: Standing;
  readonly window: Window;
  readonly confirming: Confirming;
  readonly leaving: Leaving;
  readonly holding: Holding;
  readonly owner: Pick<MulticastOwner, 'closed' | 'unsure'>;
}

export class Ending {
  /** It refuses, with this condition. */
  private refusing: { readonly condition: string } | undefined;
  /** Who waits until the service that refuses is closed. */
  private closings: (() => void)[] = [];

  constructor(private readonly options: EndingOptions) {}

  /** True from the first refusal until all that was refused is known. */
  get isUnderWay(): boolean {
    return this.refusing !== undefined;
  }

  /** The service refuses: nothing more is given to it, and when all is known that it refused, that leaves directly, and then what waits. */
  close(condition: string): void {
    const { standing, confirming } = this.options;
    if (standing.state.kind !== 'open') return;
    standing.state = { ...standing.state, kind: 'closing' };
    this.refusing = { condition };
    // A loop that was sent before may be behind the latest stanza already.
    if (!confirming.isUnderWay) void confirming.fly();
  }

  /** All is known that was refused. */
  fallBack(): void {
    const { standing, leaving, holding, owner } = this.options;
    const condition = this.refusing?.condition;
    const ways = [...standing.ways.values()];
    const refused = standing.sent.takeRefused();
    this.over();
    leaving.allDirectly(refused, ways);
    holding.fell();
    for (const way of ways) holding.fellOf(way);
    owner.closed(condition);
  }

  /**
   * Nobody knows what has arrived: rooms say it again, as after a lost connection. Replies are never said again, so those that the service has leave directly, and
   * then those that wait: somebody may get one twice, whom nothing happened to, where they would else enter a room without being told so.
   */
  silent(): void {
    const { standing, leaving, holding, owner } = this.options;
    standing.epoch++;
    const ways = [...standing.ways.values()];
    const unanswered = standing.sent.all().filter(({ out }) => kindOf(out) === 'reply');
    this.over();
    for (const reply of unanswered) leaving.again(reply);
    for (const way of ways) {
      for (const item of way.takeAll()) if (item.kind !== 'stanza' || kindOf(item.out) === 'reply') leaving.directly(item, way);
    }
    holding.fell();
    owner.closed(undefined);
    owner.unsure(ways.map(({ room }) => room));
    // Rooms that were held go on behind what they say again.
    for (const way of ways) holding.fellOf(way);
  }

  /** Resolves when the service is not about to be closed any more. */
  whenClosed(): Promise<void> {
    if (this.options.standing.state.kind !== 'closing') return Promise.resolve();
    return new Promise((resolve) => this.closings.push(resolve));
  }

  /** There is no service any more, no room goes that way, and nothing that it was given is known. */
  forget(): void {
    const { standing, window, confirming } = this.options;
    standing.state = { kind: 'none' };
    this.refusing = undefined;
    standing.ways.clear();
    standing.sent.clear();
    window.clear();
    confirming.clear();
    // They go on when everything has left, which is in this turn of the loop.
    for (const closed of this.closings.splice(0)) closed();
  }

  private over(): void {
    this.options.standing.counts.closed++;
    this.forget();
  }
}
