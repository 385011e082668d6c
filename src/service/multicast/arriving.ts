/** Until what rooms said has arrived: it has left the queues, and a loop behind it is back, or a ping where the service is closed. */
import type { Link } from '../../link/link';
import type { Confirming } from './confirming';
import type { Ending } from './ending';
import type { Leaving } from './leaving';
import type { Standing } from './standing';
import type { Way } from './way';

export interface ArrivingOptions {
  readonly link: Pick<Link, 'barrier'>;
  readonly standing: Standing;
  readonly leaving: Leaving;
  readonly confirming: Confirming;
  readonly ending: Ending;
}

export class Arriving {
  constructor(private readonly options: ArrivingOptions) {}

  /** Resolves true once everything that rooms said before this call has arrived. */
  async reached(): Promise<boolean> {
    const { link, standing, confirming, ending } = this.options;
    const { epoch } = standing;
    await Promise.all([...standing.ways.values()].flatMap((way) => [this.passed(way), this.passedAside(way)]));
    const through = standing.state.kind !== 'none' && epoch === standing.epoch && (await confirming.loop());
    // What was refused leaves when the service is closed: a ping before that would confirm what nobody has.
    if (!through) await ending.whenClosed();
    if (epoch !== standing.epoch) return false;
    return through || ((await link.barrier()) && epoch === standing.epoch);
  }

  /** Resolves when everything that the room said before is confirmed, or goes directly. */
  async arrived(way: Way): Promise<boolean> {
    const { standing, confirming } = this.options;
    const { epoch } = standing;
    await this.passed(way);
    return epoch === standing.epoch && (await confirming.loop());
  }

  /** Resolves when everything that waits in the room's queue now has left it. */
  private passed(way: Way): Promise<void> {
    if (way.isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.options.leaving.push(way, { kind: 'mark', passed: resolve }));
  }

  /** The same of what is set aside now. */
  private passedAside(way: Way): Promise<unknown> {
    return Promise.all(
      [...way.aside.keys()].map((to) => new Promise<void>((resolve) => way.setAside(to, { kind: 'mark', passed: resolve }))),
    );
  }
}
