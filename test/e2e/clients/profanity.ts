/** Profanity, the client for terminals, as somebody who knows its commands uses it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { literally, Terminal } from '../support/terminal';
import type { XmppServer } from '../servers/server';

/** One running Profanity with files of its own. */
export class Profanity {
  private constructor(
    private readonly terminal: Terminal,
    private readonly place: string,
    readonly bareJid: string,
  ) {}

  /** Starts it and logs in as `name@localhost`, creating the account if needed. */
  static async start(server: XmppServer, name: string): Promise<Profanity> {
    const place = mkdtempSync(path.join(tmpdir(), 'parlour-e2e-'));
    const bareJid = `${name}@${server.domain}`;
    const account = `[${name}]
enabled=true
jid=${bareJid}
password=${await server.account(name)}
server=${server.host}
port=${server.c2sPort}
tls.policy=disable
muc.nick=${name}
muc.service=${server.component}
`;
    const preferences = '[ui]\nsplash=false\nvercheck=false\nhistory=false\n[connection]\nautoping=0\n';
    for (const [folder, file, text] of [
      ['data', 'accounts', account],
      ['config', 'profrc', preferences],
    ] as const) {
      mkdirSync(path.join(place, folder, 'profanity'), { recursive: true });
      writeFileSync(path.join(place, folder, 'profanity', file), text);
    }
    const env = {
      HOME: place,
      ...Object.fromEntries(['CONFIG', 'DATA', 'CACHE'].map((kind) => [`XDG_${kind}_HOME`, path.join(place, kind.toLowerCase())])),
    };
    const profanity = new Profanity(await Terminal.start(place, ['profanity', '-a', name], env), place, bareJid);
    try {
      await profanity.sees(`${bareJid}/`, 20_000);
      await profanity.sees('logged in successfully');
    } catch (error) {
      await profanity.stop();
      throw error;
    }
    return profanity;
  }

  /** Types a message, or a command when it begins with `/`. */
  async types(line: string): Promise<void> {
    await this.terminal.type(line);
  }

  /** Waits until the screen shows a text. */
  sees(what: string | RegExp, patience?: number): Promise<RegExpExecArray> {
    return this.terminal.sees(what, patience);
  }

  /** Changes a field of the form on the screen, which is found by its label, and waits for the confirmation. */
  async fillsIn(label: string, command: string, shown: string): Promise<void> {
    const [, field] = await this.sees(new RegExp(`\\[(field\\d+)\\] ${literally(label)}:`));
    await this.types(`/${field} ${command}`);
    // The confirmation ends with an empty line.
    await this.sees(new RegExp(`Field updated...\\n\\S+ - \\[${field}\\] ${literally(label)}:(?:(?! -\\n)[^])*? ${literally(shown)}\\n`));
  }

  /** Ends it and removes its files. */
  async stop(): Promise<void> {
    await this.terminal.stop();
    rmSync(this.place, { recursive: true, force: true });
  }
}
