/** The time of the present event, read from the clock once: what one read from the socket brought is charged at one time. */
import type { Clock } from './clock';

export class Moment {
  private at: number | undefined;
  private readonly forget = (): void => {
    this.at = undefined;
  };

  constructor(private readonly clock: Pick<Clock, 'elapsed'>) {}

  /** By the clock that never goes back, at most as old as the present event. */
  get now(): number {
    return this.at ?? this.read();
  }

  /** The same, read anew. */
  read(): number {
    if (this.at === undefined) queueMicrotask(this.forget);
    this.at = this.clock.elapsed();
    return this.at;
  }
}
