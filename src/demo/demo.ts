/** `npm start` without a configuration: a private Prosody with Parlour attached, two accounts, one room, and a web client. */
import { BY_ITSELF } from '../room/contract/audit';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseConfig } from '../config';
import { createLog, runParlour, type Parlour } from '../main';
import { watchSignals } from '../signals';
import { foldBare, foldDomain } from '../xmpp/fold';
import { roomNamed } from '../xmpp/jid';
import { havePackage } from './packages';
import { clientFiles, startPage, type Page } from './page';
import { startProsody, type Prosody } from './prosody';

/** What a script needs to walk in: written to `--ready-file`. */
export interface Ready {
  readonly page: string;
  readonly c2s: { readonly host: string; readonly port: number };
  readonly domain: string;
  readonly room: string;
  readonly accounts: readonly { readonly user: string; readonly password: string }[];
}

const DOMAIN = 'localhost';
const ROOMS = foldDomain(`rooms.${DOMAIN}`);
const ROOM = roomNamed('lobby', ROOMS);
const ACCOUNTS = [
  { user: 'ada', password: 'ada' },
  { user: 'ben', password: 'ben' },
];

/** Exit code of a demonstration that a signal ended before it ran, as shells count (128 + SIGINT). */
const INTERRUPTED = 130;

/** Runs the demonstration until it is stopped by signal. Everything listens on loopback, and nothing of it is left behind. */
export async function runDemo(options: { readonly yes?: boolean; readonly readyFile?: string }): Promise<void> {
  clientFiles();
  const signals = watchSignals('ends');
  let parlour: Parlour | undefined;
  // Until something must be shut down in order, end at once: a question may be open at the terminal.
  signals.starting.addEventListener('abort', () => {
    if (!parlour) process.exit(INTERRUPTED);
  });
  await havePackage('prosody', { yes: options.yes === true });
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-demo-'));
  // However the program ends: also by a signal while this starts, and by a second Ctrl-C.
  process.once('exit', () => rmSync(place, { recursive: true, force: true }));
  let prosody: Prosody | undefined;
  let page: Page | undefined;
  let ended: string | undefined;
  const stop = async (): Promise<void> => {
    await parlour?.stop();
    await page?.stop();
    await prosody?.stop();
    rmSync(place, { recursive: true, force: true });
  };
  try {
    prosody = await startProsody({ place, domain: DOMAIN, component: ROOMS, accounts: ACCOUNTS });
    const config = parseConfig(
      {
        server: { host: '127.0.0.1', port: prosody.componentPort, domain: DOMAIN, secret: prosody.secret },
        component: { domain: ROOMS },
        database: { path: 'parlour.db' },
        service: { name: 'Parlour demonstration' },
        log: { level: 'warn', format: 'pretty' },
      },
      place,
    );
    const log = createLog(config.log);
    parlour = await runParlour(config, log, () => signals.stop('shut down by an administrator'));
    const outcome = await parlour.execute({
      actor: BY_ITSELF,
      room: ROOM,
      command: {
        name: 'create',
        owner: foldBare(`${ACCOUNTS[0]?.user}@${DOMAIN}`),
        values: new Map([
          ['muc#roomconfig_roomname', ['Lobby']],
          ['muc#roomconfig_persistentroom', ['1']],
        ]),
      },
    });
    if (!outcome.ok) throw new Error(`The lobby could not be made: ${String(outcome.error.text)}`);
    page = await startPage({ websocket: prosody.websocket, domain: DOMAIN, rooms: ROOMS, room: ROOM, accounts: ACCOUNTS });
    const ready: Ready = {
      page: page.url,
      c2s: { host: '127.0.0.1', port: prosody.c2sPort },
      domain: DOMAIN,
      room: ROOM,
      accounts: ACCOUNTS,
    };
    if (options.readyFile !== undefined) writeFileSync(options.readyFile, JSON.stringify(ready));
    process.stdout.write(howToWalkIn(ready));
    // Without it nobody can walk in, and what the log would say of a lost link is for people who run a server.
    void prosody.died.then((output) => {
      ended = output;
      signals.stop('Prosody has ended');
    });
    await signals.untilStopped({ stop }, log);
  } catch (error) {
    await stop();
    throw error;
  }
  if (ended !== undefined) throw new Error(`Prosody has ended, and the demonstration with it. Start it again.\n${ended}`.trimEnd());
}

function howToWalkIn(ready: Ready): string {
  const { page, c2s, domain, room, accounts } = ready;
  const links = accounts.map(({ user }) => `    ${page}?as=${user}`);
  const logins = accounts.map(({ user, password }) => `${user}@${domain} (password ${password})`);
  return [
    '',
    'Parlour is running, attached to a private Prosody on this machine.',
    '',
    '  In a browser, one window for each person:',
    ...links,
    '',
    '  With any XMPP client on this machine:',
    `    server    ${c2s.host}, port ${c2s.port}, without encryption`,
    `    accounts  ${logins.join(', ')}`,
    `    room      ${room}`,
    '',
    '  Ctrl-C ends all of it and leaves nothing behind.',
    '',
    '',
  ].join('\n');
}
