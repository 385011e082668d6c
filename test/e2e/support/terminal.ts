/** A program for people in a terminal that nobody looks at: a tmux of its own types, and reads the screen. */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { alive, end, run } from '../servers/process';

/** How long a text may take to appear, in ms, unless the test says otherwise. */
const PATIENCE = 10_000;

/** Large enough that nothing these tests look for scrolls away or is cut. */
const SIZE = { columns: 200, lines: 250 };

/** A text as a part of a regular expression. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** One terminal with one program in it. */
export class Terminal {
  private constructor(
    private readonly socket: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Starts `command` in a terminal whose socket lies in the (existing) directory `place`; the program sees `env` only. */
  static async start(place: string, command: readonly string[], env: NodeJS.ProcessEnv): Promise<Terminal> {
    const terminal = new Terminal(path.join(place, 'tmux'), {
      PATH: process.env['PATH'],
      LC_ALL: 'C.UTF-8',
      TERM: 'xterm-256color',
      ...env,
    });
    const size = ['-x', String(SIZE.columns), '-y', String(SIZE.lines)];
    await terminal.tmux('new-session', '-d', ...size, '--', ...command);
    return terminal;
  }

  /** Types a line and Enter. */
  async type(line: string): Promise<void> {
    // Two steps: what is typed is taken literally, Enter is a key.
    await this.write(line);
    await this.press('Enter');
  }

  /** Types a text as it stands, without Enter. */
  async write(text: string): Promise<void> {
    await this.tmux('send-keys', '-l', '--', text);
  }

  /** Presses a key by tmux's name for it, such as `Down` or `C-y`. */
  async press(key: string): Promise<void> {
    await this.tmux('send-keys', key);
  }

  /** What is on the screen, without trailing spaces and without empty lines. */
  async screen(): Promise<string> {
    return (await this.tmux('capture-pane', '-p')).replace(/(?<! ) +$/gm, '').replace(/\n{2,}/g, '\n');
  }

  /** Waits until the screen shows a text; the match. Fails with the whole screen. */
  async sees(what: string | RegExp, patience = PATIENCE): Promise<RegExpExecArray> {
    const pattern = typeof what === 'string' ? new RegExp(literally(what)) : what;
    const deadline = Date.now() + patience;
    for (;;) {
      const screen = await this.screen();
      const found = pattern.exec(screen);
      if (found !== null) return found;
      if (Date.now() > deadline) throw new Error(`${String(pattern)} did not appear in ${patience} ms; the screen:\n${screen}`);
      await delay(60);
    }
  }

  /** Ends the program and the tmux around it; fine when both are gone. */
  async stop(): Promise<void> {
    const ids = await this.tmux('display-message', '-p', '#{pane_pid} #{pid}').catch(() => '');
    for (const id of ids.trim().split(' ').map(Number)) if (id > 0 && alive(id)) await end(id);
  }

  private tmux(...words: string[]): Promise<string> {
    return run('tmux', ['-S', this.socket, '-f', '/dev/null', ...words], 10_000, { env: this.env });
  }
}
