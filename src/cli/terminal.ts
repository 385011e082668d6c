/** What commands have of the world around them: tests hand in their own. */
import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';

export interface Terminal {
  /** Answers: standard output. */
  readonly out: (text: string) => void;
  /** Everything else: standard error. */
  readonly err: (text: string) => void;
  /** Whether somebody watches what goes to `err`. */
  readonly watched: boolean;
  /** Whether somebody watches what goes to `out`. */
  readonly shown: boolean;
  /** A line that they type; null: they gave up (Ctrl-C, Ctrl-D); undefined: nobody is there to ask. */
  readonly typed: (question: string) => Promise<string | null | undefined>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder in which the command was given. */
  readonly folder: string;
  /** Who gave it. */
  readonly login: string;
}

/** The terminal of this process. */
export function ownTerminal(): Terminal {
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    watched: process.stderr.isTTY === true,
    shown: process.stdout.isTTY === true,
    typed: (question) => (process.stdin.isTTY ? lineOf(question, process.stdin, process.stderr) : Promise.resolve(undefined)),
    env: process.env,
    folder: process.cwd(),
    login: loginName(),
  };
}

/** A line that is typed at a terminal, without space around it; null: the end of input, or Ctrl-C, came first. */
export async function lineOf(question: string, input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Promise<string | null> {
  const lines = createInterface({ input, output });
  try {
    const closed = new Promise<null>((resolve) => lines.once('close', () => resolve(null)));
    const line = await Promise.race([lines.question(question), closed]);
    // What comes next does not belong on the line of the question.
    if (line === null) output.write('\n');
    return line?.trim() ?? null;
  } finally {
    lines.close();
  }
}

function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user without an entry in the system's list.
    return String(process.getuid?.() ?? '');
  }
}
