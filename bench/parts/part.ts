/** A part of `npm run bench -- all`: what it is called, how long it takes, and what it measures. */
import type { Aim, Figure } from '../publish/figures';
import { figure } from '../publish/figures';
import type { Load } from '../loads';
import type { Surroundings } from '../rounds';

export interface Chosen extends Surroundings {
  readonly rounds: number;
  /** Seconds of each measurement, where a part does not have its own. */
  readonly seconds: number;
  /** People of a storm, where a part does not have its own number. */
  readonly people?: number | undefined;
  /** The one load that is wanted, where a part has several. */
  readonly load?: Load | undefined;
  /** Keeps what there is so far, so that an interruption loses only what comes after it. */
  readonly soFar?: ((found: Found) => void) | undefined;
}

export interface Found {
  readonly figures: readonly Figure[];
  /** What was not measured, each with the reason. */
  readonly skipped?: readonly string[];
  readonly versions?: Readonly<Record<string, string>>;
}

export interface Part {
  readonly name: string;
  readonly title: string;
  /** Rounds without --rounds. */
  readonly rounds: number;
  /** Minutes with these rounds and measurements of 4 s, as they were on two cores. */
  readonly minutes: number;
  /** Minutes of what is chosen, where that is known better than from `minutes` in proportion. */
  minutesOf?(chosen: Pick<Chosen, 'rounds' | 'seconds' | 'people'>): number;
  run(chosen: Chosen): Promise<Found>;
}

/** Values round by round, by name; `add` takes those of one round. */
export class Values {
  private readonly values = new Map<string, number[]>();

  add(name: string, value: number): void {
    this.values.set(name, [...(this.values.get(name) ?? []), value]);
  }

  of(name: string): readonly number[] {
    return this.values.get(name) ?? [];
  }

  /** A figure of the values under `name`; none if no round was sound. */
  figure(name: string, what: string, unit: string, aim: Aim = {}): Figure[] {
    return figure(name, what, unit, this.of(name), aim);
  }
}
