/** How a command ends that could not do what it was asked for. */
import type { ProblemBody } from '../api/problem';

/** What the exit code says (docs/commands.md). */
export const EXIT = {
  /** It was done. */
  well: 0,
  /** It was refused, or did not work; or (`status`) the service is not well. */
  refused: 1,
  /** The command line, the configuration or the installation is wrong: trying again mends nothing. */
  usage: 2,
  /** The running Parlour cannot be reached. */
  unreachable: 3,
  /** Whoever was asked did not say yes, or nobody was there to be asked. */
  declined: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends a command with sentences for people. */
export class Ended extends Error {
  constructor(
    readonly code: ExitCode,
    sentence: string,
    /** What the API answered. */
    readonly problem?: ProblemBody,
  ) {
    super(sentence);
    this.name = 'Ended';
  }
}
