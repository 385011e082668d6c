/** Counts the work that a piece of the program does, in units that are the same on every machine: nothing of the program is wrapped for it. */
import crypto from 'node:crypto';

/** What was done. */
export interface Work {
  /** Steps of loops over arrays, maps and sets, and of their methods. */
  readonly steps: number;
  /** UTF-16 units of text that were looked through: by expressions, searches, folding, normalising, JSON, and measuring. */
  readonly characters: number;
  /** Hashes begun. */
  readonly hashes: number;
}

type Method = (this: unknown, ...args: unknown[]) => unknown;
type Wrap = (original: Method) => Method;

/** Takes the place of a method until the returned function is called. */
function replace(owner: object, name: PropertyKey, wrap: Wrap): () => void {
  const before = Object.getOwnPropertyDescriptor(owner, name) as PropertyDescriptor;
  Object.defineProperty(owner, name, { ...before, value: wrap(before.value as Method) });
  return () => void Object.defineProperty(owner, name, before);
}

const iteratorOf = (iterable: Iterable<unknown>): object => Object.getPrototypeOf(iterable[Symbol.iterator]()) as object;

/** Methods that go through the whole of an array, and those that stop where they have found something. */
const WHOLE = ['map', 'filter', 'forEach', 'reduce', 'flatMap', 'sort', 'join', 'concat', 'slice', 'reverse', 'splice'] as const;
const UNTIL = ['some', 'every', 'find', 'findIndex', 'findLast', 'findLastIndex'] as const;
/** Methods that go through the whole of a text. */
const THROUGH = ['normalize', 'toLowerCase', 'toUpperCase', 'trim', 'lastIndexOf', 'localeCompare'] as const;
/** Methods that go through a text from a place on. */
const FROM = ['indexOf', 'includes'] as const;
/** The same, unless they are given an expression, whose own steps count. */
const WITH_TEXT = ['replace', 'replaceAll', 'split'] as const;

/** Runs something that ends at once, and says what it did. */
export function measured<T>(act: () => T): { readonly result: T; readonly work: Work } {
  const stop = begin();
  let work: Work | undefined;
  try {
    const result = act();
    work = stop();
    return { result, work };
  } finally {
    if (!work) stop();
  }
}

/** The same of something that goes on later; whatever else runs meanwhile counts too. */
export async function measuredAsync<T>(act: () => Promise<T>): Promise<{ readonly result: T; readonly work: Work }> {
  const stop = begin();
  let work: Work | undefined;
  try {
    const result = await act();
    work = stop();
    return { result, work };
  } finally {
    if (!work) stop();
  }
}

/** Counts until the returned function is called, which says what was done. */
function begin(): () => Work {
  let [steps, characters, hashes] = [0, 0, 0];
  const undo: (() => void)[] = [];
  const count = (owner: object, names: readonly PropertyKey[], wrap: Wrap): void => {
    for (const name of names) undo.push(replace(owner, name, wrap));
  };
  // Prepared before the first of them counts.
  const plan: (() => void)[] = [
    () =>
      count(
        String.prototype,
        THROUGH,
        (of) =>
          function (...args) {
            characters += (this as string).length;
            return of.apply(this, args);
          },
      ),
    () =>
      count(
        String.prototype,
        FROM,
        (of) =>
          function (...args) {
            const found = of.apply(this, args);
            // Where it was found is not told by `includes`: then all the rest stands for what was looked at.
            const end = typeof found === 'number' && found >= 0 ? found + (args[0] as string).length : (this as string).length;
            characters += Math.max(1, end - ((args[1] as number | undefined) ?? 0));
            return found;
          },
      ),
    () =>
      count(
        String.prototype,
        WITH_TEXT,
        (of) =>
          function (...args) {
            if (typeof args[0] === 'string') characters += (this as string).length;
            return of.apply(this, args);
          },
      ),
    () =>
      count(
        RegExp.prototype,
        ['exec'],
        (of) =>
          function (text) {
            const expression = this as RegExp;
            const from = expression.global || expression.sticky ? expression.lastIndex : 0;
            const found = of.call(this, text) as RegExpExecArray | null;
            const end = found ? found.index + found[0].length : expression.sticky ? from + 1 : String(text).length;
            characters += Math.max(1, end - from);
            return found;
          },
      ),
    () =>
      count(
        JSON,
        ['parse'],
        (of) =>
          function (...args) {
            characters += String(args[0]).length;
            return of.apply(this, args);
          },
      ),
    () =>
      count(
        JSON,
        ['stringify'],
        (of) =>
          function (...args) {
            const text = of.apply(this, args) as string | undefined;
            characters += text?.length ?? 0;
            return text;
          },
      ),
    () =>
      count(
        Buffer,
        ['byteLength'],
        (of) =>
          function (...args) {
            characters += (args[0] as { length: number }).length;
            return of.apply(this, args);
          },
      ),
    () =>
      count(
        crypto,
        ['createHmac', 'createHash'],
        (of) =>
          function (...args) {
            hashes += 1;
            return of.apply(this, args);
          },
      ),
    () =>
      count(
        Object,
        ['keys', 'values', 'entries'],
        (of) =>
          function (...args) {
            const list = of.apply(this, args) as unknown[];
            steps += list.length;
            return list;
          },
      ),
    () =>
      count(
        Array.prototype,
        WHOLE,
        (of) =>
          function (...args) {
            steps += (this as unknown[]).length;
            return of.apply(this, args);
          },
      ),
    () =>
      count(
        Array.prototype,
        ['includes', 'indexOf'],
        (of) =>
          function (...args) {
            const list = this as unknown[];
            const found = of.apply(this, args);
            // Where it was found is not told by `includes`: then half of it stands for what was looked at.
            steps += typeof found === 'number' ? (found < 0 ? list.length : found + 1) : found === true ? list.length / 2 : list.length;
            return found;
          },
      ),
    () =>
      count(
        Array.prototype,
        UNTIL,
        (of) =>
          function (...args) {
            const test = args[0] as (...given: unknown[]) => unknown;
            return of.call(
              this,
              (...given: unknown[]) => {
                steps += 1;
                return test(...given);
              },
              args[1],
            );
          },
      ),
    () =>
      count(
        Map.prototype,
        ['forEach'],
        (of) =>
          function (...args) {
            steps += (this as Map<unknown, unknown>).size;
            return of.apply(this, args);
          },
      ),
    () =>
      count(
        Set.prototype,
        ['forEach'],
        (of) =>
          function (...args) {
            steps += (this as Set<unknown>).size;
            return of.apply(this, args);
          },
      ),
    ...[iteratorOf([]), iteratorOf(new Map()), iteratorOf(new Set()), iteratorOf('')].map(
      (prototype) => () =>
        count(
          prototype,
          ['next'],
          (of) =>
            function (...args) {
              steps += 1;
              return of.apply(this, args);
            },
        ),
    ),
  ];
  const [planned, last] = [plan.length, undo];
  for (let i = 0; i < planned; i++) (plan[i] as () => void)();
  [steps, characters, hashes] = [0, 0, 0];
  return () => {
    const work = { steps, characters, hashes };
    for (let i = last.length - 1; i >= 0; i--) (last[i] as () => void)();
    return work;
  };
}
