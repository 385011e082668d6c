/** Reading the configuration again while the service runs (issue Operators, 4): what holds at once, what needs a restart, and that a mistake changes nothing. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigRefused, parseConfig, type Config } from '../src/config';
import { changesOf, Rules } from '../src/reload';
import { reloadFile, type Reloading } from '../src/reload-file';
import { createRoomFactory } from '../src/room/room';
import { SeenDomains } from '../src/service/presence/seen-domains';
import { isOwnDomain, setOwnDomains } from '../src/xmpp/fold';
import { asBare, asDomain } from './support/jids';
import { conversation, type Conversation } from './support/conversation';

const ROOM = 'room@rooms.example.com';
const ANN = 'ann@example.com/one';
const BOB = 'bob@example.com/one';

function config(change: object = {}): Config {
  return parseConfig({ server: { secret: 's' }, component: { domain: 'rooms.example.com' }, ...change }, '/srv', {});
}

const random = { bytes: (count: number): Uint8Array => new Uint8Array(count).fill(7) };
const rulesOf = (change: object = {}): Rules => new Rules(config(change), { random, domains: new SeenDomains([]), plugins: [] });
const level = jest.fn<undefined, [string]>();
beforeEach(() => level.mockReset());
afterAll(() => setOwnDomains(undefined));

function room(rules: Rules): Conversation {
  const c = conversation({ makeRoom: createRoomFactory(rules.live.env) });
  c.send(`<presence from="${ANN}" to="${ROOM}/ann"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
  const form = '<x xmlns="jabber:x:data" type="submit"/>';
  c.send(`<iq from="${ANN}" to="${ROOM}" type="set" id="1"><query xmlns="http://jabber.org/protocol/muc#owner">${form}</query></iq>`);
  c.forget();
  return c;
}

const info = (c: Conversation): string => {
  c.send(`<iq from="${BOB}" to="${ROOM}" type="get" id="i"><query xmlns="http://jabber.org/protocol/disco#info"/></iq>`);
  return c.take().join();
};

const enters = (c: Conversation, nick: string): string => {
  c.send(`<presence from="${BOB}" to="${ROOM}/${nick}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
  return c.take().join();
};

test('what differs is named by key, room defaults as one', () => {
  const fields = { 'muc#roomconfig_roomname': 'x' };
  const next = config({ limits: { nick: 5, history: 1 }, roomDefaults: fields, log: { level: 'debug' }, server: { secret: 't', port: 1 } });
  expect(changesOf(config(), next).sort()).toEqual([
    'limits.history',
    'limits.nick',
    'log.level',
    'roomDefaults',
    'server.port',
    'server.secret',
  ]);
  expect(changesOf(next, next)).toEqual([]);
  // Whether the folder is made follows from whether it is named, and is no key.
  expect(changesOf(config(), config({ backups: { folder: 'x' } }))).toEqual(['backups.folder']);
});

test('a room in memory takes new limits, defaults and administrators with its next input', () => {
  const rules = rulesOf();
  const c = room(rules);
  expect(info(c)).not.toContain('muc_membersonly');
  const next = config({
    limits: { nick: 5 },
    roomDefaults: { 'muc#roomconfig_membersonly': true },
    service: { admins: ['bob@example.com'] },
  });
  expect(rules.take(next, level)).toEqual({ taken: ['service.admins', 'roomDefaults', 'limits.nick'], restart: [] });
  expect(info(c)).toContain('muc_membersonly');
  expect(enters(c, 'longer')).toContain('<not-acceptable');
  expect(enters(c, 'short')).toContain('affiliation="owner"');
});

test('what needs a restart is named, and goes on as it was', () => {
  const rules = rulesOf();
  const next = config({
    limits: { nick: 5, stanzaBytes: 20_000 },
    server: { secret: 's', port: 1 },
    database: { path: 'b.db' },
    log: { format: 'pretty' },
  });
  const { taken, restart } = rules.take(next, level);
  expect(taken).toEqual(['limits.nick']);
  expect([...restart].sort()).toEqual(['database.path', 'limits.stanzaBytes', 'log.format', 'server.port']);
  const { limits, server } = rules.current;
  expect([limits.nick, limits.stanzaBytes, server.port]).toEqual([5, 262_144, 5347]);
  // Taken a second time nothing is new, and the restart is still due.
  expect(rules.take(next, level)).toEqual({ taken: [], restart });
});

test('rates, trust, retention, the trail and what the service says of itself hold at once', () => {
  const running = rulesOf();
  // As the running parts hold them.
  const { rates, info, retention, auditKept } = running.live;
  expect(running.live.isTrusted(asBare('bridge@example.com'))).toBe(false);
  running.take(
    config({
      limits: { messagesPerSecond: null, trusted: ['bridge@example.com'] },
      service: { name: 'Rooms' },
      archive: { days: { max: 30 } },
      audit: { days: 7 },
      log: { level: 'debug' },
    }),
    level,
  );
  expect(rates.message).toBeNull();
  expect(info.name).toBe('Rooms');
  expect(retention.days).toEqual({ default: null, max: 30 });
  expect(auditKept.days).toBe(7);
  expect(running.live.isTrusted(asBare('bridge@example.com'))).toBe(true);
  expect(level.mock.calls).toEqual([['debug']]);
});

test('room defaults that no room can have change nothing', () => {
  const rules = rulesOf();
  const before = { ...rules.live.env };
  expect(() => rules.take(config({ limits: { nick: 5 }, roomDefaults: { nonsense: '1' } }), level)).toThrow(ConfigRefused);
  expect(rules.live.env).toEqual(before);
  expect(rules.current.limits.nick).toBe(64);
});

describe('the file', () => {
  let folder: string;
  let file: string;
  const log = { debug: jest.fn(), info: jest.fn(), warn: jest.fn(), error: jest.fn() };
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'parlour-reload-'));
    file = path.join(folder, 'component.json');
    log.error.mockReset();
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const write = (raw: object | string): void => writeFileSync(file, typeof raw === 'string' ? raw : JSON.stringify(raw));
  const running = (rules: Rules): Reloading => ({ config: rules.current, reload: (next) => rules.take(next, level) });
  const sound = { server: { secret: 's' }, component: { domain: 'rooms.example.com' } };

  test('is taken as it is now', () => {
    write({ ...sound, limits: { nick: 9 } });
    const rules = rulesOf();
    expect(reloadFile(file, running(rules), log).taken).toContain('limits.nick');
    expect(rules.current.limits.nick).toBe(9);
  });

  test('what fails by a mistake in the program is a line of the log too', () => {
    write(sound);
    const broken: Reloading = {
      config: rulesOf().current,
      reload: () => {
        throw new RangeError('Lost');
      },
    };
    expect(() => reloadFile(file, broken, log)).toThrow('Lost');
    expect(log.error.mock.calls).toEqual([[expect.objectContaining({ event: 'config.failed' }), expect.anything()]]);
  });

  test.each([
    ['{', 'not valid JSON'],
    [{ ...sound, limits: { nick: 0 } }, 'limits.nick: found 0'],
    [
      { ...sound, component: { domain: 'chat.example.com' } },
      'component.domain: found "chat.example.com"; Parlour runs with "rooms.example.com"',
    ],
    [{ ...sound, server: { secret: 's', domain: 'other.example' } }, 'server.domain: found "other.example"'],
  ])('with a mistake changes nothing, and the line says where: %j', (raw, where) => {
    setOwnDomains(['rooms.example.com', 'example.com'].map(asDomain));
    write(raw);
    const rules = rulesOf();
    expect(() => reloadFile(file, running(rules), log)).toThrow(ConfigRefused);
    const [fields] = log.error.mock.calls[0] as [{ mistakes: string[] }];
    expect(fields.mistakes.join()).toContain(where);
    expect(rules.current.limits.nick).toBe(64);
    expect([isOwnDomain('rooms.example.com'), isOwnDomain('other.example'), isOwnDomain('chat.example.com')]).toEqual([true, false, false]);
  });
});
