/** A steady rate of messages, and how long each took to each of those who hear it. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Attachment } from './attachment';
import { BODY, message, type Load } from './loads';
import { MARK, Marks } from './marks';
import { quantile } from './publish/figures';
import { until } from './set-up';

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** What is said in all steady talks of this process, so that no id comes twice. */
let said = 0;

const plain = (load: Load, n: number): string => message(n % load.rooms, Math.floor(n / load.rooms) % load.occupants, n);

/** The n-th message with the time in its body, which keeps its length. */
function stamped(load: Load, n: number): string {
  const text =
    MARK +
    performance
      .now()
      .toFixed(3)
      .padStart(BODY.length - MARK.length);
  return plain(load, n).replace(BODY, text);
}

/** Copies a second whose times are looked at; of more, some messages have no mark. */
const LOOKED_AT = 50_000;

/** Milliseconds from a message to each of its copies, at `rate` messages a second for some seconds; everybody speaks in turn. Rejects if a copy does not come. */
export async function steady(attachment: Attachment, load: Load, rate: number, seconds: number): Promise<Latency> {
  const marks = new Marks();
  attachment.look = (chunk) => marks.feed(chunk);
  const first = said;
  const every = Math.ceil((rate * load.occupants) / LOOKED_AT);
  let marked = 0;
  const start = performance.now();
  for (let passed = 0; passed < seconds * 1000; passed = performance.now() - start) {
    for (; said - first < (passed / 1000) * rate; said++) {
      const isMarked = said % every === 0;
      if (isMarked) marked++;
      attachment.write(isMarked ? stamped(load, said) : plain(load, said));
    }
    await delay(1);
  }
  const expected = marked * load.occupants;
  await until(attachment, () => marks.took.length >= expected, `${expected} copies of a steady talk come`);
  attachment.look = undefined;
  if (marks.took.length !== expected) throw new Error(`${expected} copies were to come, ${marks.took.length} came.`);
  const at = (share: number): number => quantile(marks.took, share);
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), max: at(1) };
}

/** Messages a second with so many in flight, over some seconds: what can be said at most. */
export async function most(attachment: Attachment, load: Load, window: number, seconds: number): Promise<number> {
  const marks = new Marks();
  attachment.look = (chunk) => marks.feed(chunk);
  const first = said;
  const start = performance.now();
  const whole = (): number => Math.floor(marks.took.length / load.occupants);
  let half = { at: start, whole: 0 };
  while (performance.now() - start < seconds * 1000) {
    while (said - first - whole() < window) attachment.write(stamped(load, said++));
    await delay(1);
    // What comes before the caches are warm is not counted.
    if (half.whole === 0 && performance.now() - start > (seconds / 3) * 1000) half = { at: performance.now(), whole: whole() };
  }
  const rate = ((whole() - half.whole) / (performance.now() - half.at)) * 1000;
  const expected = (said - first) * load.occupants;
  await until(attachment, () => marks.took.length >= expected, 'what was said at full speed has come');
  attachment.look = undefined;
  if (!(rate > 0)) throw new Error(`Nothing came within ${seconds} s with ${window} messages in flight.`);
  return rate;
}
