/** Parlour under test: the real program in its own process, so that `kill -9` is real. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endOf, kill, launch, startOr } from '../servers/process';
import type { Running } from '../servers/process';
import type { XmppServer } from '../servers/server';

/** The compiled command, beside the compiled tests. */
export const CLI = path.resolve(__dirname, '../../../src/cli.js');

/** The configuration that attaches to a test server. */
export function configFor(server: XmppServer, database: string): Record<string, unknown> {
  return {
    server: { host: server.host, port: server.componentPort, secret: server.secret },
    component: { domain: server.component },
    database: { path: database },
    log: { level: 'info', format: 'json' },
  };
}

/** One Parlour with a database of its own, that may be ended and started as often as a test likes. */
export class Parlour {
  private running: Running | undefined;
  private readonly place = mkdtempSync(path.join(tmpdir(), 'parlour-e2e-'));
  /** The configuration, which a test may change. */
  readonly configFile = path.join(this.place, 'component.json');
  /** Where its API answers. */
  readonly socket = path.join(this.place, 'parlour.sock');
  private before = '';

  constructor(server: XmppServer, change: (config: Record<string, unknown>) => void = () => undefined) {
    const config = configFor(server, path.join(this.place, 'parlour.db'));
    change(config);
    writeFileSync(this.configFile, JSON.stringify(config));
  }

  /** Starts the process and waits until it is attached. `ahead`: by so many ms its time of day is ahead of this machine's. */
  async start(ahead = 0): Promise<this> {
    if (!existsSync(CLI)) throw new Error(`${CLI} is not there: build first`);
    const running = launch(process.execPath, ['--enable-source-maps', CLI, 'run', '--config', this.configFile], {
      env: ahead === 0 ? process.env : { ...process.env, NODE_OPTIONS: `--require ${this.clockAhead(ahead)}` },
    });
    this.running = running;
    await startOr(
      () => this.stop(),
      () => this.attached(running),
    );
    return this;
  }

  /** Changes the configuration, for the next start. */
  configure(change: (config: Record<string, unknown>) => void): void {
    const config = JSON.parse(readFileSync(this.configFile, 'utf8')) as Record<string, unknown>;
    change(config);
    writeFileSync(this.configFile, JSON.stringify(config));
  }

  private clockAhead(ms: number): string {
    const file = path.join(this.place, 'clock.cjs');
    writeFileSync(file, `const now = Date.now; Date.now = () => now() + ${ms};`);
    return file;
  }

  /** Waits until the log says `attached` once more than `before` times. */
  async attachedAgain(before: number, patience = 60_000): Promise<void> {
    const deadline = Date.now() + patience;
    while (this.attachments() <= before) {
      if (Date.now() > deadline) throw new Error(`Parlour did not attach again in ${patience} ms:\n${this.log()}`);
      await delay(50);
    }
  }

  /** Waits until this process has logged the event. */
  async logged(event: string, patience = 20_000): Promise<void> {
    const deadline = Date.now() + patience;
    while (!this.mine().output().includes(`"event":"${event}"`)) {
      if (Date.now() > deadline) throw new Error(`Parlour did not log ${event} in ${patience} ms:\n${this.log()}`);
      await delay(50);
    }
  }

  /** Waits until the log has a text. */
  async said(text: string, patience: number): Promise<void> {
    const deadline = Date.now() + patience;
    while (!this.log().includes(text)) {
      if (Date.now() > deadline) throw new Error(`Parlour did not log ${text} in ${patience} ms:\n${this.log()}`);
      await delay(50);
    }
  }

  /** How often this process has attached. */
  attachments(): number {
    return attachments(this.running?.output() ?? '');
  }

  /** `kill -9`, and waits for the process to be gone. */
  async killHard(): Promise<void> {
    const running = this.mine();
    kill(running.child.pid, 'SIGKILL');
    await endOf(running, 5_000);
    this.before += running.output();
  }

  /** SIGTERM; the exit code, which is 0 after a graceful stop. */
  async terminate(): Promise<number | null> {
    const running = this.mine();
    kill(running.child.pid, 'SIGTERM');
    const code = await endOf(running, 15_000);
    this.before += running.output();
    return code;
  }

  /** Waits until the process ends by itself; its exit code. */
  async ended(): Promise<number | null> {
    const running = this.mine();
    const code = await endOf(running, 15_000);
    this.before += running.output();
    return code;
  }

  /** Ends it if it still runs and removes its files. */
  async stop(): Promise<void> {
    if (this.running !== undefined && !this.running.ended()) await this.terminate();
    rmSync(this.place, { recursive: true, force: true });
  }

  /** What it has logged, for failure texts. */
  log(): string {
    return this.before + (this.running?.ended() === false ? this.running.output() : '');
  }

  private mine(): Running {
    if (this.running === undefined) throw new Error('Parlour has not been started');
    return this.running;
  }

  private async attached(running: Running): Promise<void> {
    const deadline = Date.now() + 20_000;
    while (attachments(running.output()) === 0) {
      if (running.ended())
        throw new Error(`Parlour ended with code ${running.child.exitCode} before it was attached:\n${running.output()}`);
      if (Date.now() > deadline) throw new Error(`Parlour is not attached after 20 s:\n${running.output()}`);
      await delay(30);
    }
  }
}

function attachments(log: string): number {
  return log.split('\n').filter((line) => /"msg":"attached/i.test(line)).length;
}
