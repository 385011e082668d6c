/** A feature that is called at every stage and can be made to throw at any of its calls: what a mistake in the program looks like to a room. */
import type { Feature } from '../../src/room/contract/feature';
import type { FeatureSet } from '../../src/room/contract/feature-set';

/** What it throws. */
export class Blown extends Error {}

export class Fuse {
  /** Calls until it blows; undefined: it does not. */
  private left: number | undefined;
  /** Whether the room is at work: what a test itself asks of it does not burn. */
  private burns = false;

  /** It blows at that call from now on, once. */
  light(calls: number): void {
    this.left = calls;
  }

  /** Calls of what runs now burn it. */
  during<T>(run: () => T): T {
    this.burns = true;
    try {
      return run();
    } finally {
      this.burns = false;
    }
  }

  /** It does not blow. */
  out(): void {
    this.left = undefined;
  }

  private burn(): void {
    if (!this.burns || this.left === undefined || --this.left > 0) return;
    this.left = undefined;
    throw new Blown('The fuse has blown.');
  }

  /** The same features with the fuse behind the last of each stage: what it interrupts is half done. */
  into(features: FeatureSet): FeatureSet {
    const burn = (): undefined => this.burn() as undefined;
    const feature: Feature = {
      ...{ name: 'fuse', enter: burn, read: burn, speak: burn, changeSubject: burn, whisper: burn, appear: burn, assignNick: burn },
      ...{
        roleOnEntry: burn,
        entered: burn,
        joined: burn,
        promoted: burn,
        left: burn,
        affiliated: burn,
        reconfigured: burn,
        due: burn,
        said: burn,
      },
      silences: () => burn() ?? false,
      detain: () => burn() ?? false,
      message: () => burn() ?? 'pass',
      bounced: () => burn() ?? false,
    };
    const lists = Object.entries(features).filter(([name, value]) => Array.isArray(value) && name !== 'all');
    return {
      ...features,
      ...Object.fromEntries(lists.map(([name, list]) => [name, [...(list as readonly Feature[]), feature]])),
      facts: (options, policy) => {
        const facts = features.facts(options, policy);
        return { ...facts, listeners: [...facts.listeners, feature] };
      },
    };
  }
}
