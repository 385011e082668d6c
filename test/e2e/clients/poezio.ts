/** Poezio, a client for terminals in Python, as somebody who knows its commands uses it; its log is read as well. */
import { chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { XmppServer } from '../servers/server';
import { packageRoot } from '../support/package-root';
import { literally, Terminal } from '../support/terminal';

/** How long anything may take to appear, in ms: Python on a busy machine. */
const PATIENCE = 20_000;

/** Debian's numbers of nobody and nogroup: Poezio refuses to run as root. */
const NOBODY = 65_534;

/** One running Poezio with files of its own. */
export class Poezio {
  /** Where the log stands when the login is done: what Poezio says of missing plug-ins before that is no matter of rooms. */
  private loggedIn = 0;

  private constructor(
    private readonly terminal: Terminal,
    private readonly place: string,
  ) {}

  /** Starts it and logs in as `name@localhost`, creating the account if needed. */
  static async start(server: XmppServer, name: string): Promise<Poezio> {
    const password = await server.account(name);
    const place = mkdtempSync(path.join(tmpdir(), 'parlour-e2e-'));
    const configuration = path.join(place, 'poezio.cfg');
    writeFileSync(
      configuration,
      `[Poezio]
jid = ${name}@${server.domain}
password = ${password}
custom_host = ${server.host}
custom_port = ${server.c2sPort}
force_encryption = false
default_nick = ${name}
use_bookmarks_method = local
`,
    );
    if (process.getuid?.() === 0) for (const each of [place, configuration]) chownSync(each, NOBODY, NOBODY);
    const env = {
      HOME: place,
      ...Object.fromEntries(['CONFIG', 'DATA', 'CACHE'].map((kind) => [`XDG_${kind}_HOME`, path.join(place, kind.toLowerCase())])),
    };
    const script = path.join(packageRoot(), 'test/e2e/clients/poezio_here.py');
    const command = ['/usr/bin/python3', script, '-f', configuration, '-d', path.join(place, 'debug.log')];
    const poezio = new Poezio(await Terminal.start(place, command, env), place);
    try {
      await poezio.sees('Authentication success');
      await poezio.sees(`Your JID is ${name}@${server.domain}/`);
      poezio.loggedIn = poezio.log().length;
    } catch (error) {
      await poezio.stop();
      throw error;
    }
    return poezio;
  }

  /** Enters a room from the tab of contacts, where a slash opens the line for commands. */
  async joins(room: string): Promise<void> {
    await this.terminal.write('/');
    await this.sees(/│\/$/m);
    await this.types(`join ${room}`);
  }

  /** Types a message, or a command when it begins with `/`, that is not on the screen yet. */
  async types(line: string): Promise<void> {
    await this.writes(line);
    await this.terminal.press('Enter');
  }

  /** Writes where the cursor is and waits until it is shown: Poezio takes keys that come at once for a paste, and Enter in it for a line break. */
  async writes(text: string): Promise<void> {
    await this.terminal.write(text);
    await this.sees(text);
  }

  /** Presses a key by tmux's name for it. */
  press(key: string): Promise<void> {
    return this.terminal.press(key);
  }

  /** Waits until the screen shows a text. */
  sees(what: string | RegExp): Promise<RegExpExecArray> {
    return this.terminal.sees(what, PATIENCE);
  }

  /** Waits until the line below the room shows how many occupants Poezio counts and who this person is there, and the list at its right these nicks. */
  async counts(room: string, nick: string, rights: string, occupants: readonly string[]): Promise<void> {
    await this.sees(`[${room}]{${occupants.length}} ${nick} (${rights})`);
    await this.sees(new RegExp(occupants.map((each) => `│\\S{0,2}${literally(each)}$`).join('[^]*'), 'm'));
  }

  /** Waits until the log shows that a presence of the room's own address with this avatar's hash (empty for none) has arrived. */
  async hasReceivedAvatar(room: string, hash: string): Promise<void> {
    const photo = hash === '' ? '<photo ?/>' : `<photo>${hash}</photo>`;
    const pattern = new RegExp(`RECV: <presence [^>]*from="${literally(room)}"[^>]*>.*${photo}`);
    const deadline = Date.now() + PATIENCE;
    while (!pattern.test(this.log())) {
      if (Date.now() > deadline) throw new Error(`${String(pattern)} is not in the log:\n${this.log().slice(-8_000)}`);
      await delay(60);
    }
  }

  /** What it has found wrong since the login: lines of its log, or words on the screen. */
  async complaints(): Promise<string[]> {
    const logged = this.log()
      .slice(this.loggedIn)
      .split('\n')
      .filter((line) => /^\S+ \S+ (?:WARNING|ERROR|CRITICAL):/.test(line));
    return [...logged, ...(await this.terminal.screen()).split('\n').filter((line) => /(?:Error|Warning)>/.test(line))];
  }

  /** Ends it and removes its files. */
  async stop(): Promise<void> {
    await this.terminal.stop();
    rmSync(this.place, { recursive: true, force: true });
  }

  private log(): string {
    const file = path.join(this.place, 'debug.log');
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }
}
