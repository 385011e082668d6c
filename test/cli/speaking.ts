/** The command line spoken to a service in this process, over its socket. */
import { runProgram } from '../../src/cli/program';
import type { Terminal } from '../../src/cli/terminal';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Speaking extends Partial<Pick<Terminal, 'env' | 'folder' | 'watched' | 'shown' | 'login'>> {
  /** What they type when they are asked, one after the other (null: Ctrl-C); without it nobody is there. */
  readonly typed?: readonly (string | null)[];
}

/** Runs a command line. */
export async function speak(words: readonly string[], { typed, ...world }: Speaking = {}): Promise<Said> {
  const answers = typed && [...typed];
  const said = { out: '', err: '' };
  const code = await runProgram(words, {
    out: (text) => void (said.out += text),
    err: (text) => void (said.err += text),
    watched: false,
    shown: false,
    env: {},
    folder: '/nowhere',
    login: 'tester',
    ...world,
    typed: (question) => {
      if (!answers) return Promise.resolve(undefined);
      said.err += question;
      const answer = answers.shift();
      return Promise.resolve(answer === undefined ? '' : answer);
    },
  });
  return { code, ...said };
}
