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
  /** A line that they type; undefined: nobody is there to ask. */
  readonly typed: (question: string) => Promise<string | undefined>;
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
    typed,
    env: process.env,
    folder: process.cwd(),
    login: loginName(),
  };
}

async function typed(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    return (await Promise.race([lines.question(question), closed])).trim();
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
