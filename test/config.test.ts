/** The configuration: mistakes are all told at once, with path, found and allowed; the example and the manual know every key. */
import { MOST_STAYS } from '../src/room/contract/rows';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ConfigRefused, configJsonSchema, loadConfig, parseConfig, socketOf } from '../src/config';
import { parseConfigText } from '../src/config-file';
import { createFeatures } from '../src/features';
import { policyOf, roomDefaultMistakes } from '../src/policy';
import { packageRoot } from './support/package-root';
import { asBare } from './support/jids';

const MINIMAL = { server: { secret: 's3cret' }, component: { domain: 'rooms.example.com' } };

function mistakes(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigRefused) return error.mistakes;
    throw error;
  }
  return [];
}

const refused = (raw: unknown, env: NodeJS.ProcessEnv = {}): readonly string[] => mistakes(() => parseConfig(raw, '/srv', env));

/** Paths of all keys in a JSON Schema, `a.b.c`. */
function schemaKeys(schema: { properties?: object }, at = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]: [string, { properties?: object }]) => [
    `${at}${key}`,
    ...schemaKeys(inner, `${at}${key}.`),
  ]);
}

/** Paths of all keys in a value. */
function valueKeys(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [`${at}${key}`, ...valueKeys(inner, `${at}${key}.`)]);
}

test.each(['localhost:5347', '127.0.0.1:5347', '[::1]:5347'])(
  'issue Operators, 4: %s is no host: the port has a key of its own',
  (host) => {
    expect(refused({ ...MINIMAL, server: { secret: 's', host } })).toEqual([
      `server.host: found ${JSON.stringify(host)}; allowed: a host name or an IP address alone; its port is the key server.port.`,
    ]);
  },
);

test('an address of IPv6 is a host', () => {
  expect(refused({ ...MINIMAL, server: { secret: 's', host: '::1' } })).toEqual([]);
});

describe('a sound configuration', () => {
  test('needs only a secret and a domain; all else has defaults', () => {
    const config = parseConfig(MINIMAL, '/srv/parlour', {});
    expect(config.server).toEqual({ host: '127.0.0.1', port: 5347, domain: 'example.com', secret: 's3cret' });
    expect(config.database).toEqual({ path: '/srv/parlour/parlour.db', durability: 'full' });
    expect(config.service).toMatchObject({ admins: [], createRooms: 'local', contact: {} });
    expect(config.limits).toMatchObject({ rooms: null, stanzaBytes: 262_144, stanzaDepth: 64 });
    const none = { default: null, max: null };
    expect(config.archive).toMatchObject({ ownersTrim: true, days: none, messages: none });
    expect(config.log).toEqual({ level: 'info', format: 'json' });
  });

  test.each([
    [{}, { socket: '/srv/parlour/parlour.sock', listen: null }],
    [{ listen: 8080 }, { listen: { host: '127.0.0.1', port: 8080 } }],
    [{ listen: '8080' }, { listen: { host: '127.0.0.1', port: 8080 } }],
    [{ listen: '[::1]:8080' }, { listen: { host: '::1', port: 8080 } }],
    [{ listen: 'localhost:1' }, { listen: { host: 'localhost', port: 1 } }],
    [{ socket: 'a.sock' }, { socket: '/srv/parlour/a.sock' }],
    [{ socket: `/${'s'.repeat(106)}` }, { socket: `/${'s'.repeat(106)}` }],
  ])('where the API is: %j', (api, wanted) => {
    expect(parseConfig({ ...MINIMAL, api }, '/srv/parlour', {}).api).toMatchObject(wanted);
  });

  test('the socket is beside the database unless it is named, and the command line needs no secret to find it', () => {
    expect(parseConfig({ ...MINIMAL, database: { path: '/var/lib/p/p.db' } }, '/srv', {}).api.socket).toBe('/var/lib/p/parlour.sock');
    const folder = mkdtempSync(path.join(tmpdir(), 'parlour-config-'));
    const file = path.join(folder, 'component.json');
    writeFileSync(file, JSON.stringify({ ...MINIMAL, server: { secretFile: 'nobody-may-read-it' } }));
    expect(socketOf(file)).toBe(path.join(folder, 'parlour.sock'));
    // What is wrong elsewhere keeps nobody from asking the Parlour that runs.
    writeFileSync(file, JSON.stringify({ ...MINIMAL, limits: { subject: 'long' }, colour: 1 }));
    expect(socketOf(file)).toBe(path.join(folder, 'parlour.sock'));
    writeFileSync(file, JSON.stringify({ ...MINIMAL, api: { socket: 5 } }));
    expect(mistakes(() => socketOf(file))[0]).toMatch(/^api\.socket: found 5/);
    rmSync(folder, { recursive: true });
  });

  test('prepares JIDs and turns room defaults into what a form would submit', () => {
    const config = parseConfig(
      {
        ...MINIMAL,
        component: { domain: 'Rooms.Example.COM' },
        service: { admins: ['Ada@Example.com'], createRooms: ['EXAMPLE.org', 'Ben@example.net'] },
        roomDefaults: {
          'muc#roomconfig_persistentroom': true,
          'muc#roomconfig_maxusers': 20,
          'muc#roomconfig_whois': 'anyone',
          x: ['a', 'b'],
        },
      },
      '/srv',
      {},
    );
    expect(config.component.domain).toBe('rooms.example.com');
    expect(config.service.admins).toEqual(['ada@example.com']);
    expect(config.service.createRooms).toEqual(['example.org', 'ben@example.net']);
    expect([...config.roomDefaults]).toEqual([
      ['muc#roomconfig_persistentroom', ['1']],
      ['muc#roomconfig_maxusers', ['20']],
      ['muc#roomconfig_whois', ['anyone']],
      ['x', ['a', 'b']],
    ]);
  });
});

describe('the secret', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'parlour-config-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const withServer = (server: object): unknown => ({ ...MINIMAL, server });

  test('comes from a file beside the configuration, without its line end', () => {
    writeFileSync(path.join(folder, 'secret.txt'), 'from a file\n');
    expect(parseConfig(withServer({ secretFile: 'secret.txt' }), folder, {}).server.secret).toBe('from a file');
  });

  test('found H21: a byte order mark is not part of it; a file in another encoding is refused', () => {
    writeFileSync(path.join(folder, 'secret.txt'), '\uFEFFfrom Notepad\r\n');
    expect(parseConfig(withServer({ secretFile: 'secret.txt' }), folder, {}).server.secret).toBe('from Notepad');
    writeFileSync(path.join(folder, 'secret.txt'), '\uFEFF');
    expect(mistakes(() => parseConfig(withServer({ secretFile: 'secret.txt' }), folder, {}))[0]).toContain('which is empty');
    for (const bytes of [Buffer.from('pässwort', 'latin1'), Buffer.from('\uFEFFsecret', 'utf16le')]) {
      writeFileSync(path.join(folder, 'secret.txt'), bytes);
      expect(mistakes(() => parseConfig(withServer({ secretFile: 'secret.txt' }), folder, {}))).toEqual([
        expect.stringMatching(/^server\.secretFile: found .*secret\.txt, which is not UTF-8/),
      ]);
    }
  });

  test('comes from the environment', () => {
    expect(parseConfig(withServer({ secretEnv: 'PARLOUR_SECRET' }), folder, { PARLOUR_SECRET: 'from outside' }).server.secret).toBe(
      'from outside',
    );
  });

  test('is missing from file or environment', () => {
    expect(mistakes(() => parseConfig(withServer({ secretFile: 'none' }), folder, {}))).toEqual([
      `server.secretFile: found ${folder}/none, which is not there; name a file that holds the secret.`,
    ]);
    expect(refused(withServer({ secretEnv: 'NO_SUCH' }))).toEqual([
      'server.secretEnv: found "NO_SUCH", but that environment variable is not set or empty; set it to the secret.',
    ]);
    writeFileSync(path.join(folder, 'two'), 'one\ntwo\n');
    expect(mistakes(() => parseConfig(withServer({ secretFile: 'two' }), folder, {}))[0]).toMatch(/longer than one line/);
  });

  test('is given exactly once', () => {
    expect(refused(withServer({}))).toEqual(['server: found none of them; allowed: exactly one of secret, secretFile and secretEnv.']);
    expect(refused(withServer({ secret: 'hush', secretEnv: 'X' }))).toEqual([
      'server: found secret and secretEnv; allowed: exactly one of secret, secretFile and secretEnv.',
    ]);
  });

  test('is not repeated in a mistake', () => {
    const [sentence] = refused(withServer({ secret: 123456 }));
    expect(sentence).toBe('server.secret: found a value that is not shown; allowed: text of 1 to 1024 characters.');
  });
});

describe('mistakes', () => {
  test('five in one file are five sentences', () => {
    const raw = {
      server: { port: '5347', secret: 'hush' },
      component: { domain: 'rooms example' },
      database: { durability: 'perhaps' },
      service: { admins: ['ada'] },
      limits: { nik: 30 },
    };
    expect(refused(raw)).toEqual([
      'server.port: found "5347"; allowed: a whole number from 1 to 65535.',
      'component.domain: found "rooms example"; allowed: a domain such as "rooms.example.com".',
      'database.durability: found "perhaps"; allowed: one of "full", "normal".',
      'service.admins[0]: found "ada"; allowed: a bare JID such as "ada@example.com".',
      expect.stringMatching(/^limits\.nik: unknown key; allowed here: history, nick, subject, /),
    ]);
  });

  test.each([
    [[], 'the file: found a list of 0; allowed: an object with the keys '],
    // Found H11: the value may be a secret under another name.
    [{ ...MINIMAL, server: { ...MINIMAL.server, passwd: 'hunter2' } }, 'server.passwd: unknown key; allowed here: '],
    [{ ...MINIMAL, colour: 'blue' }, 'colour: unknown key; allowed here: '],
    [{ ...MINIMAL, server: { secret: 'x', port: 0 } }, 'server.port: found 0; allowed: a whole number from 1 to 65535.'],
    [{ ...MINIMAL, server: { secret: 'x', port: 53.5 } }, 'server.port: found 53.5; allowed: a whole number from 1 to 65535.'],
    [{ server: MINIMAL.server }, 'component: found nothing; allowed: an object with the keys domain.'],
    [{ ...MINIMAL, component: { domain: 'a@example.com' } }, 'component.domain: found "a@example.com"; allowed: a domain'],
    [
      { ...MINIMAL, server: { secret: 's', domain: 'Rooms.Example.com' } },
      'server.domain: found "Rooms.Example.com"; allowed: the domain of the server\'s users',
    ],
    [{ ...MINIMAL, component: { domain: 'rooms' } }, "server.domain: found nothing; allowed: the domain of the server's users"],
    [{ ...MINIMAL, service: { createRooms: 'all' } }, 'service.createRooms: found "all"; allowed: "anyone", "local", "admins", or a list'],
    [{ ...MINIMAL, service: { createRooms: ['a b'] } }, 'service.createRooms[0]: found "a b"; allowed: a domain or a bare JID.'],
    [{ ...MINIMAL, service: { contact: { abuse: ['call me'] } } }, 'service.contact.abuse[0]: found "call me"; allowed: a URI'],
    [{ ...MINIMAL, service: { contact: { fax: [] } } }, 'service.contact.fax: unknown key; allowed here: abuse, '],
    [
      { ...MINIMAL, roomDefaults: { 'a#b': null } },
      'roomDefaults["a#b"]: found null; allowed: text, true or false, a number, or a list of texts.',
    ],
    [
      { ...MINIMAL, limits: { rooms: 'many' } },
      'limits.rooms: found "many"; allowed: a whole number from 0 to 100000000, or null for no limit.',
    ],
    [
      { ...MINIMAL, archive: { days: { default: 90, max: 30 } } },
      'archive.days.default: found 90; allowed: at most archive.days.max, which is 30.',
    ],
    [{ ...MINIMAL, archive: { messages: { max: 0 } } }, 'archive.messages.max: found 0; allowed: a whole number from 1 to 999999999.'],
    [{ ...MINIMAL, archive: { ownersTrim: 'no' } }, 'archive.ownersTrim: found "no"; allowed: true or false.'],
    [{ ...MINIMAL, service: { dataPolicy: { tos: 'see above' } } }, 'service.dataPolicy.tos: found "see above"; allowed: a URI'],
    [
      { ...MINIMAL, service: { dataPolicy: { access: ['everybody'] } } },
      'service.dataPolicy.access[0]: found "everybody"; allowed: one of "organization_member", "government", ',
    ],
    [
      { ...MINIMAL, service: { dataPolicy: { backupKept: 'long' } } },
      'service.dataPolicy.backupKept: found "long"; allowed: a whole number, "infinite" or "unknown".',
    ],
    [{ ...MINIMAL, log: { level: 'loud' } }, 'log.level: found "loud"; allowed: one of "fatal", '],
    [{ ...MINIMAL, api: { listen: 70000 } }, 'api.listen: found 70000; allowed: a port such as 8080, an address with a port such as '],
    [{ ...MINIMAL, api: { listen: '127.0.0.1' } }, 'api.listen: found "127.0.0.1"; allowed: a port such as 8080'],
    [{ ...MINIMAL, api: { listen: '[::zz]:80' } }, 'api.listen: found "[::zz]:80"; allowed: a port such as 8080'],
    [{ ...MINIMAL, api: { listen: '::1:80' } }, 'api.listen: found "::1:80"; allowed: a port such as 8080'],
    [{ ...MINIMAL, api: { socket: '' } }, 'api.socket: found ""; allowed: text of 1 to 4096 characters.'],
    [
      { ...MINIMAL, api: { socket: `/run/${'ü'.repeat(52)}` } },
      `api.socket: found /run/${'ü'.repeat(52)}, which has 109 bytes; allowed: a path of at most 107, such as /run/parlour/parlour.sock.`,
    ],
    [
      { ...MINIMAL, database: { path: `/${'d'.repeat(100)}/parlour.db` } },
      `api.socket: found nothing, and /${'d'.repeat(100)}/parlour.sock beside the database has 114 bytes; allowed: a path of at most 107, such as /run/parlour/parlour.sock.`,
    ],
  ])('%j', (raw, sentence) => {
    const found = refused(raw);
    expect(found.filter((line) => line.startsWith(sentence))).toHaveLength(1);
  });

  test('whatever stands in whichever key, it is told in our words', () => {
    const plain = [null, true, 5, -1, 1.5, 1e300, '', 'x y', '\u0000', [], [5], ['x y'], [[]], {}, { more: 1 }, { 'a b': 'groupchat' }];
    const wrong = [...plain, { 'a.b': 'x' }, [{}], [{ module: 5 }], [{ module: 'x', name: '!', more: 1 }]];
    const found = schemaKeys(configJsonSchema()).flatMap((key) =>
      wrong.flatMap((value) => refused(key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value))),
    );
    expect(found.length).toBeGreaterThan(1_000);
    // So a schema's own sentences begin.
    for (const sentence of found) expect(sentence).not.toMatch(/Invalid|Too (big|small)|Unrecognized|expected|undefined/);
  });

  test('room defaults that no room can have', () => {
    const features = createFeatures(parseConfig(MINIMAL, '/srv', {}).limits);
    const found = roomDefaultMistakes(
      features,
      new Map([
        ['muc#roomconfig_persistent', ['1']],
        ['muc#roomconfig_whois', ['everybody']],
        ['muc#roomconfig_publicroom', ['0']],
        ['{urn:parlour:room}archivedays', ['30']],
        ['muc#roomconfig_maxusers', ['10', '20']],
      ]),
    );
    expect(found.map(({ path: at }) => at)).toEqual([
      'roomDefaults["muc#roomconfig_persistent"]',
      'roomDefaults["muc#roomconfig_whois"]',
      'roomDefaults["{urn:parlour:room}archivedays"]',
      'roomDefaults["muc#roomconfig_maxusers"]',
    ]);
    expect(found[3]?.text).toContain('one value');
    expect(found[2]?.text).toContain('archive.days.default');
    expect(found[0]?.text).toContain('muc#roomconfig_persistentroom');
    expect(found[1]?.text).toContain('everybody');
  });
});

test('found H19: room defaults with which no room could be made are refused', () => {
  const features = createFeatures(parseConfig(MINIMAL, '/srv', {}).limits);
  const needed: [string, string[]] = ['muc#roomconfig_passwordprotectedroom', ['1']];
  const found = roomDefaultMistakes(features, new Map([needed]));
  expect(found).toEqual([{ path: 'roomDefaults', text: expect.stringContaining('muc#roomconfig_roomsecret') as string }]);
  expect(roomDefaultMistakes(features, new Map([needed, ['muc#roomconfig_roomsecret', ['']]]))).toHaveLength(1);
  expect(roomDefaultMistakes(features, new Map([needed, ['muc#roomconfig_roomsecret', ['s']]]))).toEqual([]);
});

describe('what is not JSON', () => {
  test.each([
    ['', 'line 1, column 1'],
    ['{"a": 1,\n "b" 2}', 'line 2, column 6: a colon'],
    ['{"a": 1,\n "b": 2,\n}', 'line 3, column 1: a key in double quotes'],
    ['{\n  /* note\n  "a": 1}', 'line 2, column 3: a comment has no end'],
    ['{"a": "x\n}', 'line 1, column 7: this text has no closing quote'],
    ["{'a': 1}", 'line 1, column 2: this is not JSON'],
    ['{"a": 1} x', 'line 1, column 10'],
    ['{"a": {"b": 1, "c": 2,\n"b": 3}}', 'a.b: found a second time at line 2; allowed: once.'],
  ])('%j', (text, place) => {
    const found = mistakes(() => parseConfigText(text));
    expect(found).not.toHaveLength(0);
    expect(found[0]).toContain(place);
  });

  test.each([
    ['lists', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['objects', '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)],
  ])('found F16: %s nested too deeply: a sentence', (_what, text) => {
    expect(mistakes(() => parseConfigText(text))[0]).toContain('nested too deeply');
  });

  test('a byte order mark is not a mistake', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'parlour-config-')), 'bom.json');
    writeFileSync(file, `\uFEFF${JSON.stringify(MINIMAL)}`);
    expect(loadConfig(file, {}).server.secret).toBe('s3cret');
    rmSync(path.dirname(file), { recursive: true });
  });

  test('found H21: a configuration in another encoding is refused, with the line', () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'parlour-config-')), 'latin1.json');
    const text = JSON.stringify({ ...MINIMAL, service: { name: 'Räume' } }, null, 1);
    writeFileSync(file, Buffer.from(text, 'latin1'));
    const line = text.split('\n').findIndex((one) => one.includes('Räume')) + 1;
    expect(mistakes(() => loadConfig(file, {}))).toEqual([`${file} is not UTF-8 (line ${line}); save it in that encoding.`]);
    writeFileSync(file, Buffer.from(`\uFEFF${text}`, 'utf16le'));
    expect(mistakes(() => loadConfig(file, {}))).toEqual([`${file} is not UTF-8 (line 1); save it in that encoding.`]);
    writeFileSync(file, text);
    expect(loadConfig(file, {}).service.name).toBe('Räume');
    rmSync(path.dirname(file), { recursive: true });
  });

  test('a file that is not there', () => {
    expect(mistakes(() => loadConfig('/no/such/component.json'))).toEqual([
      '/no/such/component.json cannot be read: there is no such file; "parlour init" writes one.',
    ]);
  });
});

describe('who may create rooms', () => {
  const creators = (createRooms: unknown): string[] => {
    const policy = policyOf(parseConfig({ ...MINIMAL, service: { createRooms, admins: ['root@elsewhere.org'] } }, '/srv', {}));
    return ['ada@example.com', 'ben@other.net', 'eve@other.net', 'root@elsewhere.org'].filter((jid) => policy.mayCreate(asBare(jid)));
  };

  test('each setting lets in whom it names, and service admins always', () => {
    expect(creators('anyone')).toHaveLength(4);
    expect(creators('local')).toEqual(['ada@example.com', 'root@elsewhere.org']);
    expect(creators('admins')).toEqual(['root@elsewhere.org']);
    expect(creators(['other.net'])).toEqual(['ben@other.net', 'eve@other.net', 'root@elsewhere.org']);
    expect(creators(['ben@other.net', 'example.com'])).toEqual(['ada@example.com', 'ben@other.net', 'root@elsewhere.org']);
  });

  test('found H20: the words mean the same in a list', () => {
    expect(creators(['local', 'x.example'])).toEqual(['ada@example.com', 'root@elsewhere.org']);
    expect(creators(['ben@other.net', 'local'])).toEqual(['ada@example.com', 'ben@other.net', 'root@elsewhere.org']);
    expect(creators(['admins', 'eve@other.net'])).toEqual(['eve@other.net', 'root@elsewhere.org']);
    expect(creators(['x.example', 'anyone'])).toHaveLength(4);
  });
});

describe('the example and the schema', () => {
  const root = packageRoot();
  const example = JSON.parse(readFileSync(path.join(root, 'component.example.json'), 'utf8')) as { server: object };

  test('the example is valid, its room defaults too', () => {
    const config = parseConfig({ ...example, server: { ...example.server, secretFile: undefined, secret: 'x' } }, root, {});
    expect(roomDefaultMistakes(createFeatures(config.limits), config.roomDefaults)).toEqual([]);
  });

  test('whoever copies the example claims nothing about their data, and changes no default of rooms', () => {
    const keys = valueKeys(example);
    expect(keys.filter((key) => /dataPolicy|roomDefaults/.test(key))).toEqual([]);
    expect(JSON.stringify(example)).not.toMatch(/dataPolicy|roomDefaults|muc#roomconfig/);
  });

  test('every key of the schema is in the example or explained in the manual', () => {
    const manual = ['operating.md', 'configuration.md'].map((page) => readFileSync(path.join(root, 'docs', page), 'utf8')).join('\n');
    const inExample = new Set(valueKeys(example));
    const keys = schemaKeys(configJsonSchema());
    expect(keys).toEqual(expect.arrayContaining(['$schema', 'server.secretEnv', 'limits.queueBytes', 'service.contact.abuse']));
    expect(keys.filter((key) => !inExample.has(key) && !manual.includes(key))).toEqual([]);
    // Of a limit people see something: that stands in the manual, whatever the example has. Several of a row share the first one's prefix.
    const limits = keys.filter((key) => key.startsWith('limits.'));
    expect(limits.filter((key) => !manual.includes(`\`${key}\``) && !manual.includes(`\`${key.slice('limits.'.length)}\``))).toEqual([]);
  });

  test('found B7: the manual says how many stays of one account a room keeps', () => {
    const manual = readFileSync(path.join(root, 'docs', 'operating.md'), 'utf8');
    const row = /^\| stays of one account in one room[^|]*\| (\d+) \| the oldest are forgotten/m.exec(manual);
    expect(Number(row?.[1])).toBe(MOST_STAYS);
  });

  test('the JSON Schema says what every key means, and refuses others', () => {
    const schema = configJsonSchema() as { $schema: string; additionalProperties: unknown; required: string[] };
    expect(schema.$schema).toContain('json-schema.org');
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(['server', 'component']);
    const undescribed = (inner: { properties?: Record<string, { description?: string; properties?: object }> }, at: string): string[] =>
      Object.entries(inner.properties ?? {}).flatMap(([key, value]) => [
        ...(value.description ? [] : [at + key]),
        ...undescribed(value as { properties?: Record<string, { description?: string }> }, `${at}${key}.`),
      ]);
    expect(undescribed(schema as object, '')).toEqual([]);
  });
});
