/** Changes that are sent again under one `Idempotency-Key` are made once: what was answered is kept for a while, and bounded. A refusal changed nothing and is not kept, nor is what was done in part. */
import { createHash } from 'node:crypto';
import { inWords } from '../words';
import { Problem } from './problem';

/** Answers that are kept, and for how long in milliseconds: a day. */
const MOST = 1_000;
const KEPT_MS = 24 * 3600_000;
/** Longest answer that is kept, in characters. Longer ones answer questions, which can be asked again. */
const LONGEST = 65_536;

/** As it was sent. */
export interface Answered {
  readonly status: number;
  readonly mediaType: string;
  readonly text: string;
  /** Done in part: what failed may pass, and is tried again under the same key. */
  readonly inPart?: true;
}

interface Kept {
  readonly asker: string;
  readonly print: string;
  readonly at: number;
  readonly answer: Promise<Answered>;
  /** Not answered yet: it stays, or the same request would run beside itself. */
  running: boolean;
}

export class Idempotency {
  private readonly kept = new Map<string, Kept>();

  /** `now`: milliseconds that never go back. */
  constructor(private readonly now: () => number) {}

  /**
   * Makes a change once for each asker and key; later calls get its answer. What was refused was not done: its key is free, also for the
   * request with what was missing. Throws Problem if the key is that of another request, which was done or is being done.
   */
  async once(asker: string, key: string, request: string, run: () => Promise<Answered>): Promise<Answered> {
    const now = this.now();
    for (const [oldest, { at, running }] of this.kept) {
      if (now - at < KEPT_MS) break;
      if (!running) this.kept.delete(oldest);
    }
    const name = JSON.stringify([asker, key]);
    const print = createHash('sha256').update(request).digest('base64');
    const before = this.kept.get(name);
    if (before) {
      if (before.print !== print) throw new Problem('key-reused', inWords('apiKeyReused'));
      return before.answer;
    }
    if (this.kept.size >= MOST) this.makeRoom();
    const answer = run();
    const kept: Kept = { asker, print, at: now, answer, running: true };
    this.kept.set(name, kept);
    const forget = (): void => {
      if (this.kept.get(name)?.answer === answer) this.kept.delete(name);
    };
    answer.then(({ status, text, inPart }) => {
      kept.running = false;
      if (status >= 400 || inPart || text.length > LONGEST) forget();
    }, forget);
    return answer;
  }

  /** The oldest answer of whoever has the most is forgotten: nobody pushes out others' answers. Throws Problem if all of them are under way. */
  private makeRoom(): void {
    const held = new Map<string, { readonly oldest: string; count: number }>();
    for (const [name, { asker, running }] of this.kept) {
      if (running) continue;
      const of = held.get(asker);
      if (of) of.count++;
      else held.set(asker, { oldest: name, count: 1 });
    }
    const [most] = [...held.values()].sort((a, b) => b.count - a.count);
    if (!most) throw new Problem('too-many-requests', inWords('tooBusy'));
    this.kept.delete(most.oldest);
  }
}
