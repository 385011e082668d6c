/** Runs `npm start` as a newcomer does, walks in as both people, and checks that what one says reaches the other. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { walkIn, xml } from './walk-in.mjs';

const PATIENCE = 120_000;
const place = mkdtempSync(path.join(tmpdir(), 'parlour-start-'));
const readyFile = path.join(place, 'ready.json');
const demo = spawn('npm', ['start', '--silent', '--', '--yes', '--ready-file', readyFile], {
  stdio: ['ignore', 'inherit', 'inherit'],
  detached: true,
});
const ended = once(demo, 'exit');

let c2sPort;

/** Waits until connections to a port of this machine are refused; false if they still are not after 15 s. */
async function nobodyListens(port) {
  for (let i = 0; i < 75; i++) {
    const socket = connect(port, '127.0.0.1');
    const refused = await new Promise((resolve) => {
      socket.once('connect', () => resolve(false));
      socket.once('error', () => resolve(true));
    });
    socket.destroy();
    if (refused) return true;
    await delay(200);
  }
  return false;
}

async function cross() {
  while (!existsSync(readyFile)) {
    if (demo.exitCode !== null) throw new Error('npm start ended before it was ready.');
    await delay(200);
  }
  const ready = JSON.parse(readFileSync(readyFile, 'utf8'));
  c2sPort = ready.c2s.port;
  const page = await fetch(`${ready.page}?as=${ready.accounts[0].user}`);
  if (!page.ok || !(await page.text()).includes('converse.initialize')) throw new Error('The page of the web client is not served.');
  const { c2s, domain, room } = ready;
  const service = `xmpp://${c2s.host}:${c2s.port}`;
  const [ada, ben] = await Promise.all(ready.accounts.map((account) => walkIn({ service, domain, room, ...account })));
  const words = `hello at ${Date.now()}`;
  const heard = new Promise((resolve) =>
    ben.on('stanza', (stanza) => {
      if (stanza.is('message') && stanza.getChildText('body') === words) resolve();
    }),
  );
  await ada.send(xml('message', { to: ready.room, type: 'groupchat' }, xml('body', {}, words)));
  await heard;
  await Promise.all([ada.stop(), ben.stop()]);
}

let problem;
const patience = new AbortController();
try {
  await Promise.race([
    cross(),
    delay(PATIENCE, undefined, { signal: patience.signal }).then(() => Promise.reject(new Error('No message crossed the room in time.'))),
  ]);
} catch (error) {
  problem = error;
}
patience.abort();
if (demo.exitCode === null) process.kill(-demo.pid, 'SIGINT');
const [code, signal] = await ended;
// npm may end by the signal itself; what counts is that nothing of the demonstration is left.
if (!problem && !(await nobodyListens(c2sPort))) problem = new Error('Prosody still runs after Ctrl-C.');
rmSync(place, { recursive: true, force: true });
if (problem) throw problem;
if (code !== 0 && signal !== 'SIGINT') throw new Error(`npm start ended with ${code ?? signal} after Ctrl-C.`);
console.log('A message crossed the room of npm start, and Ctrl-C ended it cleanly.');
process.exit(0);
