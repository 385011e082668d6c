/**
 * Writes `test/store/fixtures/unfolded.db.gz`: a database as commit 70f0186 wrote it, before addresses were folded.
 *
 *   git worktree add /some/folder 70f0186; (build it there)
 *   node scripts/write-unfolded.mjs /some/folder
 */
import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const build = path.resolve(process.argv[2] ?? '');
const require = createRequire(path.join(build, 'package.json'));
const { SqliteStore } = require('./dist/src/store/sqlite/sqlite-store.js');
const { affiliation, batch, create, message, occupant, session } = require('./dist/test/store/batches.js');

const SECRET = '5ec2e7';
const idOf = (jid) => createHmac('sha256', Buffer.from(SECRET, 'hex')).update(jid).digest().subarray(0, 16).toString('base64url');

const place = mkdtempSync(path.join(tmpdir(), 'parlour-fixture-'));
const file = path.join(place, 'parlour.db');
const store = new SqliteStore({ path: file });
await store.open();
const list = (jid, kind, setAt, over = {}) => ({ table: 'affiliation', jid, row: affiliation(jid, { affiliation: kind, setAt, ...over }) });
const person = (jid, nick, rev, ...resources) => [
  { table: 'occupant', id: idOf(jid), row: occupant(idOf(jid), { jid, nick, rev }) },
  ...resources.map((resource) => ({
    table: 'session',
    jid: `${jid}/${resource}`,
    row: session(`${jid}/${resource}`, { occupantId: idOf(jid) }),
  })),
];
const keeps = (feature, key, value) => ({ table: 'feature', feature, key, value: JSON.stringify(value) });
const said = (seq, jid, nick) => message(seq, { sender: `${jid}/x`, nick, occupantId: idOf(jid) });

const cave = 'cave@rooms.example.org';
await store.commit(
  batch(1, {
    room: cave,
    counters: { rev: 20, deliveredRev: 20, seq: 4, stamp: 20_000 },
    changes: [
      create(cave, {
        creator: 'Owner@example.org',
        secret: SECRET,
        options: JSON.stringify({ '{urn:parlour:room}contactjid': ['Help@Example.org'] }),
        subject: JSON.stringify({ xml: '<subject>Hi</subject>', text: 'Hi', nick: 'bob', occupantId: idOf('Bob@example.org'), setAt: 5 }),
      }),
      // Banned in one spelling and never listed in the others; the later act wins; a tie.
      list('Mallory@example.org', 'outcast', 10, { reason: 'spam', setBy: 'Owner@example.org' }),
      list('EVE@example.org', 'outcast', 10),
      list('eve@example.org', 'member', 20, { nick: 'Eve' }),
      list('TIE@example.org', 'member', 10, { nick: 'Tie' }),
      list('tie@example.org', 'outcast', 10),
      // The last owner was banned in another spelling.
      list('Owner@example.org', 'owner', 1),
      list('OWNER@example.org', 'outcast', 30),
      // Three spellings of one ban: composed, decomposed, capitals; and a domain as Prosody has it.
      list('jürgen@example.org', 'outcast', 1),
      list('ju\u0308rgen@example.org', 'outcast', 2),
      list('JÜRGEN@example.org', 'outcast', 3, { reason: 'last' }),
      list('xn--bcher-kva.example', 'outcast', 4),
      ...person('Bob@example.org', 'bob', 5, 'desk'),
      ...person('bob@example.org', 'bobby', 6, 'phone'),
      ...person('mallory@example.org', 'mal', 7, 'x'),
      ...person('Ann@Example.org', 'ann', 8, 'x'),
      keeps('last-visits', 'Bob@example.org', 1),
      keeps('last-visits', 'bob@example.org', 3),
      keeps('last-visits', 'Ann@Example.org', 2),
      keeps('markers', idOf('Ann@Example.org'), { id: 'm', at: 5 }),
      keeps('invitations', 'Zoë@Example.org Owner@example.org', {
        inviter: 'Owner@example.org',
        address: 'Owner@example.org/Desk',
        nick: null,
        id: 'i',
        at: 5,
        asked: true,
      }),
      { table: 'stay', jid: 'Bob@example.org', event: 'begins', seq: 0 },
      { table: 'stay', jid: 'Bob@example.org', event: 'ends', seq: 2 },
      { table: 'stay', jid: 'bob@example.org', event: 'begins', seq: 1 },
    ],
    messages: [
      said(1, 'Bob@example.org', 'bob'),
      said(2, 'bob@example.org', 'bobby'),
      said(3, 'Ann@Example.org', 'ann'),
      said(4, 'plain@example.org', 'plain'),
    ],
  }),
);
let number = 1;
const rooms = [
  ['CaSeD@rooms.example.org', 3_000, 'second'],
  ['cased@rooms.example.org', 2_000, 'first'],
  ['CASED@Rooms.example.org', 4_000, 'third'],
  ['Lonely@rooms.example.org', 5_000, 'lonely'],
];
for (const [jid, createdAt, name] of rooms) {
  await store.commit(
    batch(++number, {
      room: jid,
      counters: { rev: 2, deliveredRev: 2, seq: 1, stamp: 10_001 },
      changes: [
        create(jid, { createdAt, name, secret: SECRET, creator: 'Owner@example.org' }),
        list(`${name === 'second' ? 'Owner' : 'owner'}@example.org`, 'owner', 1),
        ...person('ann@example.org', 'ann', 1, 'x'),
      ],
      messages: [message(1, { payload: `<body>${name}</body>`, id: `${name}-0000000000000000`.slice(0, 22).padEnd(22, '0') })],
    }),
  );
}
await store.noteErasure('Gone@example.org', {
  jid: 'Gone@example.org',
  askedBy: 'Admin@example.org',
  askedAt: 1,
  after: 'CaSeD@rooms.example.org',
  rooms: 3,
  messages: 2,
  failed: 0,
});
while ((await store.lag()).occupant > 0) await new Promise((resolve) => setTimeout(resolve, 50));
await store.close();
writeFileSync(new URL('../test/store/fixtures/unfolded.db.gz', import.meta.url), gzipSync(readFileSync(file), { level: 9 }));
rmSync(place, { recursive: true, force: true });
