/**
 * Checks that need an answer from outside. A check says what is to be asked; the stanza then has no effect, and whoever runs the room asks, and hands the same
 * stanza in again with the answer. Everything is checked anew then, by the room as it is by that time.
 */
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { inWords } from '../words';
import type { Millis } from './contract/units';

/** What is asked for a check. */
export interface Asked {
  /** Of the check, unique in a service: under this the answer is handed in. */
  readonly name: string;
  /** How long the answer may take. */
  readonly ms: Millis;
  /** The answer if there is none in that time: a refusal, or null: it passes. */
  readonly late: StanzaError | null;
  /** Begins to ask. `ending` is aborted when nobody waits for the answer any more. Never rejects. */
  run(ending: AbortSignal): Promise<StanzaError | null>;
}

/** Answers by the name of the check: a refusal, or null: it passes. */
export type CheckAnswers = ReadonlyMap<string, StanzaError | null>;

/** Stands for the refusal that is not known yet: nothing is said to the sender. */
export const WAITS: StanzaError = Object.freeze(stanzaError('unexpected-request', inWords('internal')));

const NONE: CheckAnswers = new Map();

/** What is known of the checks of the stanza in hand. */
export class Checks {
  private answers = NONE;
  private mayWait = false;
  private asked: Asked | undefined;

  /** A stanza that may wait is decided, with the answers that it has waited for. */
  begin(answers: CheckAnswers = NONE): void {
    this.answers = answers;
    this.mayWait = true;
    this.asked = undefined;
  }

  /** It has been decided. What is to be asked, if that is why nothing came of it. */
  end(): Asked | undefined {
    const { asked } = this;
    this.answers = NONE;
    this.mayWait = false;
    this.asked = undefined;
    return asked;
  }

  /** undefined: nobody has been asked. */
  answerTo(name: string): StanzaError | null | undefined {
    return this.answers.get(name);
  }

  /** The stanza is to wait for this: what the check answers. undefined: nothing that can wait is decided. */
  wait(asked: Asked): StanzaError | undefined {
    if (!this.mayWait) return undefined;
    this.asked = asked;
    return WAITS;
  }
}
