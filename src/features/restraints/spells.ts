/** Rows of features that end by themselves, such as mutes: which are over is asked at each decision, and costs two comparisons. */
import { featureRows, type FeatureRows } from '../../room/contract/feature-rows';
import type { GroupOf } from '../../room/contract/feature-values';
import { Remembered } from '../../room/contract/memory';
import type { DeclarationOf } from '../../room/contract/row-declaration';
import type { Millis } from '../../room/contract/rows';
import { isFarAhead } from '../../room/room-times';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** Something that holds for a time. */
export interface Spell {
  readonly since: Millis;
  /** null: not by itself. */
  readonly until: Millis | null;
}

interface Bounds {
  /** Of the rows that these are the bounds of. */
  readonly version: number;
  /** The earliest end, and the latest time of the clock by which one of them was begun by a clock that was wrong. */
  readonly first: Millis;
  readonly farthest: Millis;
}

/** Ends of one decision that are told to everybody. */
const AT_ONCE = 100;

/** Rows of one feature that are spells. */
export class Spells<T extends Spell, K extends string> {
  readonly rows: FeatureRows<T, K>;
  private readonly bounds: Remembered<Bounds>;

  /** `groupOf`: the group of a row; without it each key is one by itself. */
  constructor(declaration: DeclarationOf<T>, groupOf?: GroupOf) {
    this.rows = featureRows<T, K>(declaration, groupOf);
    this.bounds = new Remembered(`ends of ${declaration.name}`);
  }

  /** Those that hold at the room's time: one that is over counts no more, whenever it is removed. */
  holding(room: RoomState): readonly (readonly [key: K, value: T])[] {
    return this.rows.entries(room).filter(([, { until }]) => until === null || until > room.time);
  }

  /** When the first of them is to be looked at; null: none ends. */
  first(room: RoomState): Millis | null {
    if (this.rows.count(room) === 0) return null;
    const { first, farthest } = this.found(room);
    if (farthest >= room.time) return room.time;
    return first === Infinity ? null : first;
  }

  /** As `endsAt`, some at once, for what each end is told to everybody: `isFirst` goes before, the others are asked for in a timer input, soon. */
  someEndsAt(room: RoomState, turn: Turn, isFirst: (key: K) => boolean): readonly (readonly [key: K, value: T])[] {
    const over = this.endsAt(room, turn, turn.stamp);
    if (over.length <= AT_ONCE) return over;
    turn.wakes = true;
    const first = over.filter(([key]) => isFirst(key));
    return [...first, ...over.filter(([key]) => !isFirst(key))].slice(0, AT_ONCE);
  }

  /** Those that are over at `now`, and are to be ended; those that a clock began that was far ahead begin anew, rather than last for as long as it was wrong. */
  endsAt(room: RoomState, turn: Turn, now: Millis): readonly (readonly [key: K, value: T])[] {
    if (this.rows.count(room) === 0) return [];
    const { first, farthest } = this.found(room);
    if (first > now && farthest < now) return [];
    const over: (readonly [K, T])[] = [];
    for (const [key, value] of this.rows.entries(room)) {
      const { since, until } = value;
      if (until === null) continue;
      if (isFarAhead(since, until - since, now)) this.rows.set(room, turn, key, { ...value, since: now, until: now + until - since });
      else if (until <= now) over.push([key, value]);
    }
    return over;
  }

  private found(room: RoomState): Bounds {
    const version = this.rows.version(room);
    const known = room.memory.get(this.bounds);
    if (known?.version === version) return known;
    let [first, farthest] = [Infinity, -Infinity];
    for (const [, { since, until }] of this.rows.entries(room)) {
      if (until === null) continue;
      first = Math.min(first, until);
      farthest = Math.max(farthest, since - (until - since));
    }
    return room.memory.set(this.bounds, { version, first, farthest });
  }
}
