/** Each command that asks the running Parlour: what it prints for people and for programs, what it asks first, and how it ends. */
import { chmodSync, mkdirSync, mkdtempSync, renameSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { Client } from '../../src/cli/client';
import { createProgram } from '../../src/cli/program';
import { declaredRoutes } from '../../src/cli/asks';
import { ownTerminal } from '../../src/cli/terminal';
import { ROUTES } from '../../src/api/routes';
import { enter, instant } from '../service/real-rooms';
import { house, type House } from '../api/house';
import type { ErasureState } from '../../src/admin/erasures';
import type { PersonErasure } from '../../src/store/maintenance';
import { asBare } from '../support/jids';
import { EXAMPLES } from './examples';
import { speak, type Said, type Speaking } from './speaking';

const ROOM = 'a@rooms.x.lit';
const ANN = 'ann@x.lit/1';
const BOB = 'bob@y.lit/1';
const spoken = `<message from="${BOB}" to="${ROOM}" type="groupchat" id="m1"><body>Buy pills</body></message>`;

/** Every command that is no group, by its whole name. */
function commandsOf(command: Command, name = ''): { name: string; command: Command; routes: readonly string[] | undefined }[] {
  const under = command.commands.flatMap((one) => commandsOf(one, `${name} ${one.name()}`.trim()));
  const routes = declaredRoutes(command);
  return routes || under.length === 0 ? [{ name, command, routes }, ...under] : under;
}
const asking = commandsOf(createProgram(ownTerminal())).filter(({ routes }) => routes !== undefined);

let h: House;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'parlour-speaking-'));
  h = await house();
  await h.play(enter(ANN, ROOM, 'Ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'Bob'), spoken);
  await h.token('read');
});
afterEach(async () => {
  await h.close();
  rmSync(folder, { recursive: true, force: true });
});

const say = (words: readonly string[], how: Speaking = {}): Promise<Said> =>
  speak(words, { env: { PARLOUR_SOCKET: h.socket }, folder, ...how });

async function filled(words: readonly string[]): Promise<string[]> {
  const { body } = await h.ask('GET', '/v1/rooms/a/messages?before=&limit=1');
  const id = (body['entries'] as { id: string }[])[0]?.id ?? '';
  const exported = path.join(folder, 'exported.json');
  if (words.includes('{exported}')) writeFileSync(exported, JSON.stringify((await h.ask('GET', '/v1/rooms/a/export')).body));
  const config = path.join(folder, 'component.json');
  if (words.includes('{config}'))
    writeFileSync(
      config,
      '{\n  // Ours.\n  "server": { "secret": "s" },\n  "component": { "domain": "rooms.x.lit" },\n  "limits": { "nick": 70 }\n}\n',
    );
  return words.map((word) =>
    word
      .replace('{config}', config)
      .replace('{socket}', h.socket)
      .replace('{id}', id)
      .replace('{folder}', folder)
      .replace('{exported}', exported),
  );
}

describe.each(asking)('parlour $name', ({ name, routes = [] }) => {
  const examples = EXAMPLES[name] ?? [];
  // What is done with a hat needs one.
  if (name.startsWith('hat ')) beforeEach(() => h.ask('PUT', '/v1/rooms/a/hats', { body: { uri: 'urn:x:host', title: 'Host' } }));

  test('has an example, and asks what it declares', async () => {
    expect(examples.length).toBeGreaterThan(0);
    const known = ROUTES.map((route) => `${route.method} ${route.path}`);
    expect(routes.filter((route) => !known.includes(route))).toEqual([]);
    const asked = new Set<string>();
    for (const { words, out, code = 0, also = [] } of examples) {
      for (const route of also) asked.add(route);
      const given = await filled(words);
      h.played.splice(0);
      const said = await say(given);
      expect({ ...said, words }).toMatchObject({ code, words });
      expect(said.out).toMatch(out);
      for (const route of h.played) asked.add(route);
    }
    expect([...asked].sort()).toEqual([...routes].sort());
  });

  test('answers programs in JSON', async () => {
    for (const { words, code = 0 } of examples) {
      const given = await filled(words);
      // What is printed as it is, is no answer to be put into JSON.
      if (['metrics', 'export', 'export-person'].some((word) => words.includes(word)) && !words.some((word) => word.startsWith('{folder}')))
        continue;
      const said = await say([...name.split(' '), '--json', ...given.slice(name.split(' ').length)]);
      expect(said.code).toBe(code);
      expect(() => void JSON.parse(code === 0 ? said.out : said.err)).not.toThrow();
      if (code === 0) return;
    }
  });

  const destroys = examples.filter(({ words }) => words.includes('--yes') || words.includes('--number'));
  for (const { words } of destroys)
    test(`${words.join(' ')}: asks first, and without an answer nothing is done`, async () => {
      const at = words.findIndex((word) => word === '--number');
      const bare = (await filled(words)).filter((word, i) => word !== '--yes' && (at < 0 || (i !== at && i !== at + 1)));
      const changes = (): string[] => h.played.filter((route) => !route.startsWith('GET'));
      for (const [typed, code] of [
        [undefined, 4],
        [[''], 4],
        [['no'], 4],
      ] as const) {
        h.played.splice(0);
        const said = await say(bare, typed ? { typed } : {});
        expect(said).toMatchObject({ code, out: '' });
        expect(said.err).toMatch(/Nothing was done\.\n$/);
        expect(changes()).toEqual([]);
      }
      expect((await say(bare, { typed: [at < 0 ? 'yes' : '1'] })).code).toBe(0);
      expect(changes()).not.toEqual([]);
    });
});

test('no example is of a command that there is not', () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual(asking.map(({ name }) => name).sort());
});

test('unban lifts bans and nothing else; what each room says is told, and the others are tried', async () => {
  await say(['room', 'create', 'b', '--owner', 'ann@x.lit']);
  const owners = async (): Promise<string> => (await say(['affiliations', 'a', 'owner'])).out;
  expect(await say(['unban', 'ann@x.lit', '--room', 'a'])).toEqual({ code: 0, out: 'ann@x.lit is not banned in a.\n', err: '' });
  expect((await say(['unban', 'ann@x.lit', '--everywhere', '--yes'])).out).toBe('ann@x.lit: banned in none, of 2 rooms.\n');
  await say(['affiliate', 'a', 'bob@y.lit', 'member']);
  expect((await say(['unban', 'bob@y.lit', '--room', 'a'])).out).toBe('bob@y.lit is not banned in a.\n');
  expect((await say(['affiliations', 'a', 'member'])).out).toContain('bob@y.lit');
  expect(await owners()).toContain('ann@x.lit');
  const partly = await say(['ban', 'bob@y.lit', '--room', 'a', 'nosuch', 'b']);
  expect(partly).toEqual({
    code: 1,
    out: 'bob@y.lit: banned in 2 rooms.\n',
    err: 'It was refused in 1 room:\nnosuch: There is no such room.\n',
  });
  expect((await say(['ban', 'bob@y.lit', '--room', 'nosuch'])).err).toBe('nosuch: There is no such room.\n');
  // A lasting ban is not shortened in passing.
  expect((await say(['ban', 'bob@y.lit', '--room', 'a', '--for', '2d'])).out).toMatch(/^bob@y\.lit is banned in a already, for as long or/);
  expect((await say(['affiliations', 'a', 'outcast'])).out).toMatch(/bob@y\.lit +outcast +- +operator tester +\S+ \S+ +- +-$/m);
  expect((await say(['unban', 'bob@y.lit', '--room', 'a', 'b'])).out).toBe('bob@y.lit: no longer banned in 2 rooms.\n');
});

test('config set changes no file here for a Parlour elsewhere', async () => {
  const [, , , , config = ''] = await filled(['config', 'set', 'limits.nick', '71', '{config}']);
  const before = readFileSync(config, 'utf8');
  const said = await say(['config', 'set', 'limits.nick', '71', '--config', config, '--url', `http://127.0.0.1:${h.api.port}`], {
    env: { PARLOUR_TOKEN: await h.token('administer') },
  });
  expect(said).toMatchObject({ code: 2, out: '' });
  expect(said.err).toMatch(/where Parlour runs/);
  expect(readFileSync(config, 'utf8')).toBe(before);
});

test('kick names who is not there, and puts the others out', async () => {
  const said = await say(['kick', 'a', 'Bob', 'Nobody']);
  expect(said).toMatchObject({ code: 1, out: 'Kicked: 1 person.\n' });
  expect(said.err).toMatch(/^Nobody: /);
  expect((await say(['occupants', 'a'])).out).not.toContain('Bob');
});

test('ids that begin with - are ids, before and behind options, and unknown options stay unknown', async () => {
  const { entries } = (await h.ask('GET', '/v1/rooms/a/messages?before=&limit=1')).body as { entries: { id: string }[] };
  const id = entries[0]?.id ?? '';
  expect(id).toMatch(/^-/);
  expect((await say(['moderate', '--reason', 'Spam', 'a', id, '--yes'])).out).toBe('Taken back.\n');
  expect((await say(['answer', 'a', 'message', id, 'yes'])).err).not.toMatch(/unknown option/);
  expect((await say(['trim', 'a', '--up-to', id, '--yes'])).out).toBe('Trimmed.\n');
  expect(await say(['moderate', 'a', '--colour'])).toMatchObject({ code: 2 });
});

test('a list that was cut says so; a list of nothing is no list', async () => {
  await h.play(spoken.replace('m1', 'm2'), spoken.replace('m1', 'm3'));
  expect((await say(['search', 'a', 'pills', '--limit', '2'])).out).toMatch(/\nThese are the latest 2, and there are more/);
  expect((await say(['search', 'a', 'pills', '--limit', '2'])).out.match(/Buy pills/g)).toHaveLength(2);
  expect((await say(['search', 'a', 'pills', '--limit', '3'])).out).not.toMatch(/there are more/);
  await say(['room', 'configure', 'a', 'roomname=Tea']);
  expect((await say(['audit', '--limit', '1'])).out).toMatch(/\nThese are the latest 1, and there are more/);
  expect((await say(['audit', '--limit', '50'])).out).not.toMatch(/there are more/);
  for (const words of [
    ['search', 'a'],
    ['audit', 'a'],
  ])
    expect(await say([...words, '--limit', '0'])).toMatchObject({ code: 2, err: '--limit takes a whole number from 1.\n' });
});

test('who gave it stands in the audit trail', async () => {
  await say(['room', 'say', 'a', 'Hello'], { login: 'grace' });
  expect((await say(['audit', 'a', '--limit', '1'])).out).toMatch(/say +grace \(claimed\) +command-line/);
});

test('status: the exit code is 1 while the link is down', async () => {
  h.link.online = false;
  const said = await say(['status']);
  expect(said.code).toBe(1);
  expect(said.out).toMatch(/^link +down$/m);
  expect(said.err).toMatch(/The link to the XMPP server is down\./);
});

test('names and texts of strangers do nothing to a terminal, and stay on their lines', async () => {
  const evil = '\u202eevil\u202c\u200b\u2066';
  await h.play(
    enter('eve@z.lit/1', ROOM, evil),
    `<message from="${BOB}" to="${ROOM}" type="groupchat" id="m2"><body>one\ntwo\u202e\u009b31m three\u0085</body></message>`,
  );
  await say(['room', 'configure', 'a', 'roomname=\u001b[2J\u0007\rGone']);
  for (const words of [
    ['occupants', 'a'],
    ['search', 'a'],
    ['rooms'],
    ['room', 'show', 'a'],
    ['room', 'configure', 'a'],
    ['audit', 'a'],
    ['affiliations', 'a'],
  ])
    for (const json of [[], ['--json']]) {
      const { out, code } = await say([...words, ...json]);
      expect(code).toBe(0);
      expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    }
  expect((await say(['search', 'a', 'two'])).out).toContain('one\\u{a}two');
  const { err } = await say(['kick', 'a', '\u001b]0;title\u0007']);
  expect(err.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test('fault 12: exports do nothing to a terminal', async () => {
  await h.play(`<message from="${BOB}" to="${ROOM}" type="groupchat" id="m3"><body>one\u202e\u009b31m two</body></message>`);
  for (const words of [
    ['room', 'export', 'a'],
    ['export-person', 'bob@y.lit'],
    ['export-person', 'bob@y.lit', '--html'],
  ]) {
    const { out, code } = await say(words, { shown: true });
    expect(code).toBe(0);
    expect(out).toMatch(words.includes('--html') ? /&#x202e;&#x9b;31m/ : /\\u202e\\u009b31m/);
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
    expect((await say(words)).out).toContain('\u202e\u009b31m');
  }
});

test('rooms destroy: shows them, and wants their number', async () => {
  await say(['room', 'create', 'b', '--owner', 'cat@x.lit']);
  const wrong = await say(['rooms', 'destroy', '--idle', '0'], { typed: ['1'] });
  expect(wrong).toMatchObject({ code: 4, out: '' });
  expect(wrong.err).toMatch(
    /a@rooms\.x\.lit[^]*b@rooms\.x\.lit[^]*All of these 2 rooms will be destroyed\. Type their number[^]*There are 2, not 1\. Nothing was done\./,
  );
  expect((await say(['rooms', 'destroy'])).code).toBe(2);
  expect((await say(['rooms', 'destroy', '--empty'], { typed: ['1'] })).out).toBe('1 room destroyed.\n');
  expect(JSON.parse((await say(['rooms', '--json'])).out)).toMatchObject([{ jid: ROOM }]);
});

test('what operators do uses no room; all faces tell one time, and one word of whether a room is listed', async () => {
  const shown = async (): Promise<unknown[]> => {
    const list = JSON.parse((await say(['rooms', '--json'])).out) as { jid: string; latest: string; listed: boolean }[];
    const found = list.find(({ jid }) => jid === ROOM);
    const one = JSON.parse((await say(['room', 'show', 'a', '--json'])).out) as { listed: boolean; numbers: { latest: string } };
    const { body } = await h.ask('GET', '/v1/rooms/a/numbers');
    expect([one.numbers.latest, body['latest']]).toEqual([found?.latest, found?.latest]);
    return [found?.latest, found?.listed, one.listed];
  };
  const before = await shown();
  expect(before.slice(1)).toEqual([true, true]);
  await h.clock.pass(3 * 86_400_000);
  await say(['room', 'configure', 'a', 'roomname=Attic']);
  await say(['ban', 'eve@y.lit', '--everywhere', '--yes']);
  expect(await shown()).toEqual(before);
  expect((await say(['rooms', '--idle', '2'])).out).toMatch(/^ROOM +NAME +PEOPLE +LISTED +CREATOR +LAST USED\na@/);
  await h.play(spoken);
  expect((await shown())[0]).not.toBe(before[0]);
  expect((await say(['rooms', '--idle', '2'])).out).toBe('There are no such rooms.\n');
  await h.play(enter(ANN, 'new@rooms.x.lit', 'Ann'));
  expect((await say(['rooms', '--hidden', '--json'])).out).toContain('new@rooms.x.lit');
  expect((await say(['room', 'show', 'new'])).out).toMatch(/in the room list +no/);
  expect((await say(['rooms', 'destroy', '--hidden', '--number', '1'])).out).toBe('1 room destroyed.\n');
});

test('mutes and warnings: given, listed, taken back; one person is named in one way', async () => {
  await say(['mute', 'a', 'Bob', '--for', '2h', '--reason', 'Loud']);
  await say(['warn', 'a', '--jid', 'eve@y.lit', '--reason', 'No shouting.']);
  expect((await say(['limits', 'a'])).out).toMatch(/^mute +bob@y\.lit [^]* Loud\nwarning +eve@y\.lit [^]*No shouting\.$/m);
  expect((await say(['unmute', 'a', 'Bob'])).out).toBe('Taken back.\n');
  expect((await say(['unwarn', 'a', '--jid', 'eve@y.lit'])).out).toBe('Taken back.\n');
  expect((await say(['limits', 'a'])).out).toBe('Nothing.\n');
  for (const words of [
    ['mute', 'a'],
    ['mute', 'a', 'Bob', '--jid', 'bob@y.lit'],
    ['unwarn', 'a'],
  ])
    expect(await say(words)).toMatchObject({ code: 2, err: expect.stringMatching(/^Whom\?/) as string });
});

test('hats: made, given, listed with who wears them, taken and destroyed', async () => {
  expect((await say(['hat', 'set', 'a', 'urn:x:host', 'Host', '--role', 'moderator'])).out).toBe('Made.\n');
  expect((await say(['hat', 'assign', 'a', 'urn:x:host', 'Bob'])).out).toBe('Given.\n');
  expect((await say(['hat', 'list', 'a'])).out).toMatch(/^Host +urn:x:host +moderator +no +bob@y\.lit$/m);
  expect((await say(['hat', 'unassign', 'a', 'urn:x:host', '--jid', 'bob@y.lit'])).out).toBe('Taken.\n');
  expect((await say(['hat', 'destroy', 'a', 'urn:x:host', '--yes'])).out).toBe('Destroyed.\n');
});

test('a room that is elsewhere now, or gone, is told as such; a venue that nobody will be sent to is named', async () => {
  await say(['room', 'create', 'b', '--owner', 'cat@x.lit']);
  const lost = await say(['room', 'destroy', 'b', '--alternate', 'a@rooms.x.lit', '--yes']);
  expect(lost.out).toMatch(/^The room was destroyed\. Who comes later is not sent on/);
  await say(['room', 'rename', 'a', 'c']);
  expect((await say(['room', 'show', 'a'])).err).toMatch(/c@rooms\.x\.lit/);
  expect((await say(['room', 'destroy', 'c', '--alternate', 'd@rooms.x.lit', '--yes'])).out).toBe('The room was destroyed.\n');
  expect((await say(['room', 'show', 'c'])).err).toMatch(/d@rooms\.x\.lit/);
  expect((await say(['room', 'show', 'never'])).err).toBe('There is no such room.\n');
});

test('bans that are perhaps not meant are asked about: of an administrator of the service, and of the domain of its people', async () => {
  await h.close();
  h = await house((parts) => ({ ...parts, admins: [asBare('ada@localhost')] }));
  await h.play(enter(ANN, ROOM, 'Ann'), instant(ANN, ROOM));
  for (const [whom, doubt] of [
    ['ada@localhost', /^ada@localhost administers the service: a ban keeps them out of no room\. They will be banned in a/],
    ['localhost', /^localhost is the domain of your own people, all of them\./],
    ['X.lit', /^x\.lit is the domain of your own people/],
  ] as const) {
    expect(await say(['ban', whom, '--room', 'a'])).toMatchObject({ code: 4, err: expect.stringMatching(doubt) as string });
    expect(await say(['ban', whom, '--everywhere'])).toMatchObject({ code: 4 });
    // An API that is asked without a command line says the same.
    const body = { jids: [whom] };
    const { status, body: problem } = await h.ask('POST', '/v1/bans', { body });
    expect({ status, ...problem }).toMatchObject({
      status: 409,
      code: 'unconfirmed',
      detail: expect.stringMatching(/"confirmed": true/) as string,
    });
  }
  expect((await say(['affiliations', 'a', 'outcast'])).out).toBe('Nobody.\n');
  expect((await say(['ban', 'x.lit', '--room', 'a', '--yes'])).code).toBe(0);
  expect((await say(['ban', 'ada@localhost', '--everywhere', '--yes'])).code).toBe(0);
});

test('erasing names the rooms that nobody owns any more', async () => {
  const said = await say(['erase', 'ann@x.lit', '--yes']);
  expect(said.out).toMatch(/looked at\.\nNobody owns a@rooms\.x\.lit any more: "parlour affiliate ROOM JID owner" gives/);
});

test('an export of somebody whom nobody knows says so; files that cannot be had are told in words', async () => {
  for (const more of [[], ['--html']])
    expect((await say(['export-person', 'nobody@y.lit', `nobody${more.length}`, ...more])).out).toMatch(
      /^Rooms hold nothing of nobody@y\.lit; /,
    );
  expect((await say(['export-person', 'bob@y.lit', 'bob'])).out).toMatch(/^What rooms hold of bob@y\.lit is in /);
  mkdirSync(path.join(folder, 'within'));
  expect(await say(['room', 'import', 'c', 'within'])).toMatchObject({
    code: 2,
    err: expect.stringMatching(/it is a folder; name a file\.$/m) as string,
  });
  expect((await say(['room', 'import', 'c', 'none.json'])).err).toMatch(/cannot be read: there is no such file or folder\.$/m);
  for (const words of [
    ['room', 'export', 'a', 'none/a.json'],
    ['export-person', 'bob@y.lit', 'none/bob.json'],
  ])
    expect(await say(words)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^The folder .*none is not there\. Make it first\.$/m) as string,
    });
});

test('what was taken back is told so, and not as what is left of it; a purge that bans nobody is no ban in the trail', async () => {
  await h.play(`<message from="${BOB}" to="${ROOM}" type="groupchat" id="m2"><body>More pills</body></message>`);
  await say(['purge', 'a', '--jid', 'bob@y.lit', '--minutes', '60', '--reason', 'Pills\u202e', '--yes']);
  const { out } = await say(['search', 'a']);
  expect(out.match(/\(taken back by a moderator: Pills\\u\{202e\}\)$/gm)).toHaveLength(2);
  expect(out).not.toMatch(/<retracted|pills/);
  const found = JSON.parse((await say(['search', 'a', '--json'])).out) as { body: string | null; retracted: boolean }[];
  expect(found.filter(({ retracted }) => retracted)).toHaveLength(2);
  expect(found.filter(({ retracted }) => !retracted).every(({ body }) => body === null)).toBe(true);
  await say(['purge', 'a', '--jid', 'bob@y.lit', '--minutes', '60', '--ban', '--yes']);
  const acts = JSON.parse((await say(['audit', 'a', '--object', 'bob@y.lit', '--json'])).out) as { act: string }[];
  expect(acts.map(({ act }) => act).filter((act) => act !== 'set-affiliations')).toEqual(['ban-and-retract', 'purge']);
});

test('a Parlour that takes connections and answers nothing is told of, and not waited for without end', async () => {
  const silent = createServer(() => undefined);
  const socket = path.join(folder, 'silent.sock');
  await new Promise<void>((resolve) => silent.listen(socket, resolve));
  try {
    const client = new Client({ socket }, 'tester', ['GET /v1/status'], 50);
    await expect(client.ask('GET /v1/status')).rejects.toMatchObject({
      code: 3,
      message: expect.stringMatching(/takes connections, and gives no answer.*See its log\.$/) as string,
    });
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
});

test('times have a zone, or are days; others would mean another time on each machine, or none', async () => {
  for (const time of ['5', 'yesterday', '2026-01-31T12:00', '2026-02-30', '2026-01-31 12:00:00', '31.1.2026', '2026-13-01'])
    expect({ time, ...(await say(['audit', '--from', time])) }).toMatchObject({
      time,
      code: 2,
      err: expect.stringContaining(`"${time}" is no time`) as string,
    });
  for (const time of ['2026-01-31', '2026-01-31T12:00:00Z', '2026-01-31T12:00:00.5+01:00', '2026-01-31 12:00:00Z'])
    expect({ time, ...(await say(['audit', '--from', time])) }).toMatchObject({ time, code: 0 });
});

test('search as JSON has the words; what the API finds wrong in a command line is one', async () => {
  expect(JSON.parse((await say(['search', 'a', '--json'])).out)).toMatchObject([{ body: 'Buy pills' }]);
  expect((await say(['rooms', '--creator', '@'])).code).toBe(2);
  expect((await say(['affiliate', 'a', '@', 'member'])).code).toBe(2);
  expect((await say(['affiliate', 'none', 'eve@y.lit', 'member'])).code).toBe(1);
});

test('a token that posts needs a nickname, and no other has one', async () => {
  expect((await say(['token', 'create', 'x', '--scope', 'post', '--rooms', 'a'])).err).toMatch(/say --post-as NICK --rooms ROOM too\.$/m);
  expect((await say(['token', 'create', 'x', '--scope', 'read', '--post-as', 'CI'])).code).toBe(2);
  expect((await say(['token', 'create', 'x', '--scope', 'post', '--post-as', 'CI', '--rooms', 'a'])).code).toBe(0);
});

test('a file of an export is its owner’s alone, and none is written over', async () => {
  const file = path.join(folder, 'a.json');
  expect((await say(['room', 'export', 'a', 'a.json'])).code).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const before = readFileSync(file, 'utf8');
  const again = await say(['room', 'export', 'a', 'a.json']);
  expect(again).toMatchObject({ code: 1 });
  expect(again.err).toMatch(/is there already\. Move it, or name another file\./);
  expect(readFileSync(file, 'utf8')).toBe(before);
  expect((await say(['room', 'export', 'none', 'none.json'])).err).toBe('There is no such room.\n');
});

test('what is no export of a room changes nothing, and says why', async () => {
  writeFileSync(path.join(folder, 'bad.json'), '{"format":"parlour-room"}');
  const said = await say(['room', 'import', 'c', 'bad.json']);
  expect(said.code).toBe(1);
  expect(said.err).toMatch(/rows/);
  expect((await say(['room', 'import', 'c', 'none.json'])).code).toBe(2);
  expect((await say(['room', 'show', 'c'])).code).toBe(1);
});

test('a change that could not be written is an error, and nothing is said to be done', async () => {
  h.store.fail();
  expect(await say(['ban', 'bob@y.lit', '--room', 'a'])).toMatchObject({ code: 1, out: '' });
  expect(await say(['room', 'say', 'a', 'Hello', '--json'])).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('"code": "resource-constraint"') as string,
  });
});

test('fields have short names, and one that is not there is named', async () => {
  expect((await say(['room', 'configure', 'a', 'colour=red'])).err).toMatch(
    /The room has no field "colour"\. It has: muc#roomconfig_roomname/,
  );
  expect((await say(['room', 'configure', 'a', 'roomname'])).code).toBe(2);
  expect((await say(['room', 'configure', 'a', 'roomname=a=b'])).code).toBe(0);
  expect((await say(['room', 'configure', 'a'])).out).toMatch(/^muc#roomconfig_roomname +a=b/m);
  // A switch is written as the table shows it.
  expect((await say(['room', 'configure', 'a', 'moderatedroom=yes', 'roomname=yes'])).code).toBe(0);
  expect((await say(['room', 'configure', 'a'])).out).toMatch(/^muc#roomconfig_roomname +yes [^]*^muc#roomconfig_moderatedroom +yes /m);
});

test('erase: waits until it is done, and says how far it is', async () => {
  await h.close();
  const begun: PersonErasure = {
    jid: asBare('bob@y.lit'),
    askedBy: { kind: 'operator', name: 'tester', face: 'command-line', claimed: true },
    askedAt: 0,
    after: '',
    rooms: 3,
    messages: 2,
    failed: 0,
  };
  let looks = 0;
  const list = (): ErasureState[] => [{ ...begun, rooms: 3 + looks, failed: looks, finished: looks++ >= 2 }];
  h = await house((parts) => ({ ...parts, erasures: { erase: () => Promise.resolve(undefined), list } }));
  const said = await say(['erase', 'bob@y.lit', '--yes'], { watched: true });
  expect(said.out).toBe('bob@y.lit was erased: 2 messages, in 5 rooms that were looked at.\n');
  expect(said.err).toMatch(/Rooms: 3\r|Rooms: 3/);
  expect(said.err).toMatch(/It failed in 2 rooms, which the log names \(erasure\.failed\)\. Say the same again\.\n$/);
  expect(said.code).toBe(1);
  expect(h.played.filter((route) => route === 'GET /v1/erasures')).toHaveLength(2);
  looks = 0;
  expect((await say(['erase', 'bob@y.lit', '--yes', '--no-wait'])).out).toMatch(/is being erased\. "parlour erasures" says how far/);
});

test('progress is shown to who watches, and leaves no trace', async () => {
  const watched = await say(['ban', 'bob@y.lit', '--everywhere', '--yes'], { watched: true });
  expect(watched.err).toMatch(/^\r\u001b\[KRooms: \[#{24}\] 1\/1\r\u001b\[K$/);
  expect((await say(['unban', 'bob@y.lit', '--everywhere', '--yes'])).err).toBe('');
});

describe('whom it asks', () => {
  const none = { env: {} };

  test('nobody is named', async () => {
    const said = await say(['status'], none);
    expect(said).toMatchObject({ code: 2, out: '' });
    expect(said.err).toMatch(/^Which Parlour\? Name its configuration \(--config FILE\) or its socket \(--socket PATH\)/);
  });

  test('by its configuration, here or named; one with mistakes is told as such', async () => {
    const config = { server: { secret: 's' }, component: { domain: 'rooms.x.lit' }, api: { socket: h.socket } };
    writeFileSync(path.join(folder, 'component.json'), JSON.stringify(config));
    expect((await say(['status'], none)).code).toBe(0);
    writeFileSync(path.join(folder, 'other.json'), JSON.stringify({ ...config, api: { sokcet: 'x' } }));
    const said = await say(['status', '--config', 'other.json'], none);
    expect(said.code).toBe(2);
    expect(said.err).toMatch(/other\.json cannot be used:\napi\.sokcet: unknown key[^]*name its socket: --socket PATH\.$/m);
    // A file that was spoilt since the start: the socket that it names is there.
    writeFileSync(path.join(folder, 'other.json'), JSON.stringify({ ...config, api: { socket: h.socket, sokcet: 'x' } }));
    expect((await say(['status', '--config', 'other.json'], none)).code).toBe(0);
    writeFileSync(path.join(folder, 'other.json'), `{ "api": { "socket": ${JSON.stringify(h.socket)} }, "limits": { "nick": } }`);
    expect((await say(['status', '--config', 'other.json'], none)).code).toBe(0);
  });

  test('no Parlour runs, or something else does', async () => {
    const gone = path.join(folder, 'gone.sock');
    expect(await say(['status', '--socket', gone], none)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/is not there\. Start Parlour/) as string,
    });
    writeFileSync(gone, '');
    expect(await say(['status', '--socket', gone], none)).toMatchObject({
      code: 3,
      err: expect.stringMatching(/nobody answers/) as string,
    });
  });

  test('the socket is another user’s', async () => {
    // Root may use every socket: as root this is tried as nobody.
    const closed = path.join(folder, 'closed');
    const isRoot = process.geteuid?.() === 0;
    mkdirSync(closed);
    renameSync(h.socket, path.join(closed, 'p.sock'));
    chmodSync(folder, 0o755);
    chmodSync(closed, isRoot ? 0o755 : 0o600);
    try {
      if (isRoot) process.seteuid?.(65_534);
      const said = await say(['status', '--socket', path.join(closed, 'p.sock')], none);
      expect(said).toMatchObject({ code: 3, out: '' });
      expect(said.err).toMatch(/is not for this user\. Give the command as the user\b.*, as whom Parlour runs, or as root\.\n$/);
      if (isRoot) expect(said.err).toContain('as the user root,');
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(closed, 0o755);
    }
  });

  test('what answers at the address and is no Parlour is told in a sentence, whatever it answers', async () => {
    let text = '';
    const other = createServer((_, response) => void response.end(text));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const env = { PARLOUR_URL: `http://127.0.0.1:${(other.address() as AddressInfo).port}`, PARLOUR_TOKEN: 'parlour_x' };
    try {
      for (text of ['It works!', 'null', '[]', '{"entries":[{"jid":1}]}', '{"rooms":{}}'])
        for (const words of [['rooms'], ['status']])
          expect(await say(words, { env })).toMatchObject({ code: 3, err: expect.stringMatching(/is not the API of Parlour/) as string });
    } finally {
      await new Promise((resolve) => other.close(resolve));
    }
  });

  test('over the network by a token: none, a wrong one, one that may not', async () => {
    const url = `http://127.0.0.1:${h.api.port}`;
    expect(await say(['status', '--url', url], none)).toMatchObject({ code: 2, err: expect.stringMatching(/set PARLOUR_TOKEN/) as string });
    expect(await say(['status', '--url', 'nowhere'], none)).toMatchObject({ code: 2 });
    const by = (token: string): Speaking => ({ env: { PARLOUR_URL: url, PARLOUR_TOKEN: token } });
    expect(await say(['status'], by('parlour_wrong'))).toMatchObject({
      code: 1,
      err: 'This token is not known: it was revoked, or never made. The command "parlour token create" makes one.\n',
    });
    expect((await say(['status'], by(await h.token('read')))).code).toBe(0);
    expect(await say(['kick', 'a', 'Bob'], by(await h.token('read')))).toMatchObject({
      code: 1,
      err: expect.stringMatching(/moderate/) as string,
    });
  });
});
