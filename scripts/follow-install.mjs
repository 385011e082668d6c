/**
 * Follows docs/install.md to the letter: takes the commands out of its code blocks, runs them in a fresh Debian 13 with Prosody and with ejabberd, and ends when a message of a real client has crossed a room.
 *
 *   node scripts/follow-install.mjs [prosody | ejabberd]    as root, with debootstrap and a mirror of Debian; some minutes each
 *   node scripts/follow-install.mjs --keep FOLDER prosody   keeps the tree as it is before the server's part there, and takes it again
 *   node scripts/follow-install.mjs --print ejabberd        only prints the commands
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { walkIn, xml } from './walk-in.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const SERVERS = { prosody: 'Prosody', ejabberd: 'ejabberd' };
const YAML = '/etc/ejabberd/ejabberd.yml';
const PATIENCE = 60_000;

/** What a person types, as two shell scripts: the blocks of the page in order, first those before any server's, then the rest without the section of the other server. */
export function stepsOf(page, server) {
  const sections = page.split(/^## /m);
  const isOf = (title) => (section) => section.startsWith(`${title}\n`);
  const first = sections.findIndex((section) => Object.values(SERVERS).some((title) => isOf(title)(section)));
  const others = Object.entries(SERVERS)
    .filter(([name]) => name !== server)
    .map(([, title]) => title);
  const rest = sections.slice(first).filter((section) => !others.some((title) => isOf(title)(section)));
  return { common: typed(sections.slice(0, first)), own: typed(rest) };
}

/** The blocks of these sections. */
function typed(sections) {
  const steps = ['set -euo pipefail'];
  for (const section of sections) {
    const [first, ...rest] = section.split('```');
    let before = first;
    // Code and prose take turns.
    for (let i = 0; i < rest.length; i += 2) {
      const language = rest[i].slice(0, rest[i].indexOf('\n'));
      const block = rest[i].slice(language.length + 1);
      if (language === 'yaml') steps.push(edit(before, block));
      else if (language !== 'sh') throw new Error(`docs/install.md has a block of ${language}, which nobody can follow.`);
      else if (block.trim() === 'parlour status') steps.push('for second in $(seq 30); do parlour status && break; sleep 1; done', block);
      else steps.push(block);
      before = rest[i + 1];
    }
  }
  return steps.join('\n');
}

/** A block that is put into a file, where the sentence before it says: under a key, or in the place of a line. */
function edit(before, block) {
  const [, where, what] = [...before.matchAll(/(under|in the place of) `([^`]+)`/g)].at(-1) ?? [];
  if (where === undefined) throw new Error(`docs/install.md does not say where this is to go:\n${block}`);
  const line = where === 'under' ? what : `  ${what}`;
  const text = block.replace('"SECRET"', '"$(cat /etc/parlour/parlour.secret)"');
  return [
    `cat > /tmp/block <<END\n${text}END`,
    `grep -qx '${line}' ${YAML}`,
    where !== 'under' ? `sed -i -e '/^${line}$/{r /tmp/block' -e 'd}' ${YAML}` : `sed -i '/^${line}$/r /tmp/block' ${YAML}`,
  ].join('\n');
}

const enter = (user, room) => walkIn({ service: 'xmpp://127.0.0.1:5222', domain: 'example.com', user, password: 'wonder', room });

/** One opens a room and says something, the other hears it. */
async function talk() {
  // The server's certificate is of its own making.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  const room = 'lobby@rooms.example.com';
  const you = await enter('you', room);
  const form = xml('x', { xmlns: 'jabber:x:data', type: 'submit' });
  await you.send(xml('iq', { type: 'set', to: room, id: 'open' }, xml('query', 'http://jabber.org/protocol/muc#owner', form)));
  await delay(500);
  const other = await enter('other', room);
  const heard = new Promise((resolve) =>
    other.on('stanza', (stanza) => {
      if (stanza.is('message') && stanza.getChildText('body') === 'attached and talking') resolve();
    }),
  );
  await you.send(xml('message', { to: room, type: 'groupchat' }, xml('body', {}, 'attached and talking')));
  await heard;
  await Promise.all([you.stop(), other.stop()]);
}

/** Whether something listens there already. */
function isTaken(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
}

/**
 * The page on one server, from a fresh tree to a message that was heard.
 *
 * @param common a folder for the tree as it is before the server's part; one that is there already is taken.
 */
async function follow(server, common) {
  for (const port of [5222, 5347])
    if (await isTaken(port)) throw new Error(`Something listens at port ${port}, which ${server} needs here.`);
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-install-'));
  const steps = path.join(place, 'steps.sh');
  const tree = path.join(place, 'tree');
  mkdirSync(tree);
  const page = stepsOf(readFileSync(path.join(root, 'docs/install.md'), 'utf8'), server);
  writeFileSync(`${steps}.common`, page.common);
  writeFileSync(steps, page.own);
  execFileSync('git', ['-C', root, 'archive', '--format=tar', '-o', `${steps}.tar`, 'HEAD']);
  const cache = process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache');
  const base = path.join(cache, 'parlour', 'debian-13');
  const words = ['--mount', '--pid', '--fork', '--kill-child', '--propagation', 'private'];
  const child = spawn('unshare', [...words, path.join(root, 'scripts/install-tree.sh'), base, common, tree, server, steps], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  try {
    await new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        process.stdout.write(`${line}\n`);
        if (line === 'READY') resolve();
      });
      void ended.then(([code]) => reject(new Error(`The page could not be followed with ${server} (${code}).`)));
    });
    const late = delay(PATIENCE).then(() => Promise.reject(new Error('Nobody heard what was said in the room.')));
    await Promise.race([talk(), late]);
    process.stdout.write(`docs/install.md was followed with ${server}: attached, and a message crossed a room.\n`);
  } finally {
    child.stdin.end();
    await ended;
    rmSync(place, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const servers = args.filter((word) => word in SERVERS);
  if (args.includes('--print')) {
    const { common, own } = stepsOf(readFileSync(path.join(root, 'docs/install.md'), 'utf8'), servers[0]);
    process.stdout.write(`${common}\n${own}\n`);
  } else {
    const kept = args.includes('--keep') ? args[args.indexOf('--keep') + 1] : undefined;
    const place = kept ?? mkdtempSync(path.join(tmpdir(), 'parlour-install-common-'));
    try {
      for (const server of servers.length > 0 ? servers : Object.keys(SERVERS)) await follow(server, path.join(place, 'tree'));
    } finally {
      if (kept === undefined) rmSync(place, { recursive: true, force: true });
    }
    process.exit(0);
  }
}
