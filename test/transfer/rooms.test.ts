/** A room is exported, and brought along by another service: everything that travels is there, and nothing of it before it is whole. */
import Sqlite from 'better-sqlite3';
import { BY_ITSELF, type By } from '../../src/room/contract/audit';
import type { ImportOutcome } from '../../src/transfer/contract';
import { affiliate, enter, instant } from '../service/real-rooms';
import { ANN, BOB, DOMAIN, ROOM } from '../service/rig';
import { House } from '../store/house';
import { ROWS as DECLARED, TempDatabase } from '../store/temp';
import { LIMITS } from '../room/limits';
import { exportPerson, type PersonStore } from '../../src/transfer/export-person';
import { asHtml } from '../../src/transfer/person-page';
import { asBare, asDomain, asRoom } from '../support/jids';
import { asOccupantId } from '../support/ids';

const ELSEWHERE = asDomain('talk.y.lit');
const THERE = asRoom(`a@${ELSEWHERE}`);
const OPERATOR: By = { kind: 'operator', name: 'root', face: 'command-line', claimed: true };

interface Exported {
  readonly room: Record<string, unknown>;
  readonly rows: readonly Record<string, Record<string, unknown>>[];
}

async function text(stream: AsyncIterable<string> | null): Promise<string> {
  let whole = '';
  for await (const piece of stream ?? []) whole += piece;
  return whole;
}

async function* pieces(document: string, bytes: number): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(document);
  for (let from = 0; from < all.length; from += bytes) yield await Promise.resolve(all.subarray(from, from + bytes));
}

const groupchat = (from: string, id: string, inner: string): string =>
  `<message from="${from}" to="${ROOM}" type="groupchat" id="${id}">${inner}</message>`;

let databases: TempDatabase[];
let houses: House[];
let here: House;
let there: House;

async function open(domain = DOMAIN): Promise<House> {
  const database = new TempDatabase();
  databases.push(database);
  const house = new House(await database.open({ durability: 'normal' }), domain);
  houses.push(house);
  await house.open();
  return house;
}

beforeEach(async () => {
  [databases, houses] = [[], []];
  [here, there] = [await open(), await open(ELSEWHERE)];
  await here.play(
    enter(ANN, ROOM, 'ann'),
    instant(ANN, ROOM),
    enter(BOB, ROOM, 'Bob ☕ &quot;x&quot;'),
    `<iq from="${ANN}" to="${ROOM}" type="set" id="o"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit">` +
      `<field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field>` +
      '<field var="{urn:parlour:room}archiveaccess"><value>stays</value></field><field var="{urn:parlour:room}search"><value>1</value></field><field var="muc#roomconfig_roomname"><value>Tea</value></field></x></query></iq>',
    affiliate(ANN, ROOM, '<item affiliation="member" jid="cat@x.lit" nick="Cat"/>'),
    affiliate(ANN, ROOM, '<item affiliation="outcast" jid="eve@x.lit"><reason>spam</reason></item>'),
    groupchat(ANN, 's', '<subject>Tea</subject>'),
    ...Array.from({ length: 210 }, (_, i) => groupchat(i % 2 === 0 ? ANN : BOB, `m${i}`, `<body>word ${i} ☕ &lt;"\\</body>`)),
    groupchat(BOB, 'd', '<displayed xmlns="urn:xmpp:chat-markers:0" id="m3"/>'),
    groupchat(BOB, 'c', '<body>word 1 put right</body><replace xmlns="urn:xmpp:message-correct:0" id="m1"/>'),
  );
});
afterEach(async () => {
  for (const house of houses) await house.close();
  for (const database of databases) await database.dispose();
});

const bring = (document: AsyncIterable<string | Uint8Array>, to = THERE, house = there): Promise<ImportOutcome> =>
  house.transfers.importRoom(document, { to, by: OPERATOR });

const parsed = (document: string): Exported => JSON.parse(document) as Exported;

/** As it would be, had it always been at its new address. */
const moved = ({ room, rows }: Exported): Exported => ({
  // Nobody is in it yet, and so it would end at once.
  room: { ...room, jid: THERE, options: { ...(room.options as object), 'muc#roomconfig_persistentroom': ['1'] } },
  rows: rows
    .filter(({ feature }) => feature?.['feature'] !== 'former-names')
    .map(({ stay, ...row }) => (stay ? { stay: { ...stay, end: 0 } } : row)),
});

test.each(['stamp', 'used', 'createdAt'])(
  'a document whose %s is days ahead of the clock is refused: its archive would go on in the future',
  async (of) => {
    const document = JSON.parse(await text(await here.transfers.exportRoom(ROOM))) as Exported;
    const ahead = (ms: number): string =>
      JSON.stringify({ ...document, room: { ...document.room, [of]: (document.room[of] as number) + ms } });
    const refused = await bring(pieces(ahead(3 * 86_400_000), 65_536));
    expect(refused.ok ? '' : String(refused.error.text)).toMatch(/used at .*, more than a day ahead of the clock/);
    expect(await bring(pieces(ahead(3_600_000), 65_536))).toMatchObject({ ok: true });
  },
);

test('issue The house, 4: an export that is imported elsewhere exports again as the same, whatever pieces it comes in', async () => {
  const document = await text(await here.transfers.exportRoom(ROOM));
  const { rows } = parsed(document);
  expect(rows.filter(({ message }) => message)).toHaveLength(212);
  const outcome = await bring(pieces(document, 1_000));
  expect(outcome.ok ? '' : String(outcome.error.text)).toBe('');
  expect(outcome).toEqual({ ok: true, room: THERE, messages: 212, left: [] });
  const again = await text(await there.transfers.exportRoom(THERE));
  expect(moved(parsed(again))).toEqual(moved(parsed(document)));
  // Who searches finds it there too (XEP-0433).
  const { channels } = await there.store.findChannels({ words: ['tea'], within: ['name'], by: 'address', max: 5 });
  expect(channels.map(({ jid }) => jid)).toEqual([THERE]);
  // Laid out by another program, a byte at a time, at its own address in a third service.
  const third = await open();
  expect(await bring(pieces(JSON.stringify(parsed(document), null, 2), 1), ROOM, third)).toMatchObject({ ok: true, messages: 212 });
  const whole = parsed(await text(await third.transfers.exportRoom(ROOM)));
  const kinds = (exported: Exported, kind: string): unknown[] => exported.rows.filter((row) => kind in row);
  for (const kind of ['affiliation', 'feature', 'message']) expect(kinds(whole, kind)).toEqual(kinds(parsed(document), kind));
}, 60_000);

test('people keep their occupant-ids and rights, ids of messages stay, corrections are found, and what is said goes on behind', async () => {
  const document = await text(await here.transfers.exportRoom(ROOM));
  await bring(pieces(document, 4_096));
  const id = /<occupant-id [^>]*id="([^"]*)"/.exec(here.link.xml.find((xml) => xml.includes('<occupant-id')) ?? '')?.[1] ?? '';
  const enterThere = (from: string, nick: string): string => enter(from, THERE, nick);
  await there.play(enterThere(ANN, 'ann'), enterThere('eve@x.lit/1', 'eve'));
  expect(there.link.xml.some((xml) => xml.includes(`id="${id}"`) && xml.includes('affiliation="owner"'))).toBe(true);
  expect(there.link.xml.some((xml) => xml.includes('to="eve@x.lit/1"') && xml.includes('<forbidden'))).toBe(true);
  await there.play(`<message from="${ANN}" to="${THERE}" type="groupchat" id="new"><body>here now</body></message>`);
  const before = parsed(document).rows.flatMap(({ message }) => (message ? [message['id']] : []));
  const messages = await there.store.messages(THERE, { limit: 1_000 });
  expect(messages.slice(0, -1).map((row) => row.id)).toEqual(before);
  expect(messages.at(-1)?.payload).toContain('here now');
  const versions = await there.store.archive(THERE, {
    want: 'versions',
    filter: { upToSeq: Infinity },
    occupantId: asOccupantId(messages.at(-2)?.occupantId ?? ''),
    name: 'm1',
  });
  expect(versions).toMatchObject({ kind: 'versions', rows: [{ clientId: 'm1' }, { clientId: 'c' }] });
  // Its deadlines are found again (what wakes somebody is over a year after their visit), and the act is in the trail.
  expect((await there.store.rowsOf(THERE))?.room.deadline).toBeGreaterThan(Date.now());
  expect(await there.store.audit({ room: THERE, limit: 5 })).toEqual([
    expect.objectContaining({ act: 'import', by: OPERATOR, items: [{ object: '', before: ROOM, after: '212', reason: null }] }),
  ]);
}, 60_000);

test('a temporary room that is brought along stays when whoever came first leaves: nobody is in it at first', async () => {
  expect((await here.store.rowsOf(ROOM))?.room.options).not.toContain('persistentroom');
  await bring(pieces(await text(await here.transfers.exportRoom(ROOM)), 65_536));
  await there.play(enter(BOB, THERE, 'Bob'), `<presence from="${BOB}" to="${THERE}/Bob" type="unavailable"/>`);
  expect((await there.store.rowsOf(THERE))?.room.state).toBe('open');
});

describe('what is refused leaves nothing', () => {
  const leaves = (): Record<string, number> => {
    const db = new Sqlite((databases[1] as TempDatabase).file, { readonly: true });
    const counts = ['room', 'room_import', 'affiliation', 'feature', 'stay'].map((table): [string, number] => [
      table,
      db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number,
    ]);
    db.close();
    return Object.fromEntries(counts);
  };
  const EMPTY = { room: 0, room_import: 0, affiliation: 0, feature: 0, stay: 0 };

  test('an address of another service, or one that a room has, also while the import is under way', async () => {
    const document = await text(await here.transfers.exportRoom(ROOM));
    expect(await bring(pieces(document, 4_096), ROOM)).toMatchObject({ ok: false, error: { condition: 'not-acceptable' } });
    expect(leaves()).toEqual(EMPTY);
    async function* late(): AsyncGenerator<Uint8Array> {
      for await (const piece of pieces(document, 4_096)) yield piece;
      await there.play(enter(BOB, THERE, 'bob'), instant(BOB, THERE));
    }
    expect(await bring(late())).toMatchObject({ ok: false, error: { condition: 'conflict' } });
    expect(leaves()).toMatchObject({ room: 1, room_import: 0, affiliation: 1 });
    expect(await bring(pieces(document, 4_096))).toMatchObject({ ok: false, error: { condition: 'conflict' } });
    // The room that is there goes on.
    await there.play(`<message from="${BOB}" to="${THERE}" type="groupchat" id="g"><body>still here</body></message>`);
    expect(there.link.xml.some((xml) => xml.includes('still here'))).toBe(true);
  }, 60_000);

  test('documents that are none, of another version, cut off, or with rows that cannot be', async () => {
    const document = await text(await here.transfers.exportRoom(ROOM));
    const change = (by: (exported: Exported) => unknown): string => JSON.stringify(by(parsed(document)));
    const withRow = (row: unknown): string => change((exported) => ({ ...exported, rows: [...exported.rows, row] }));
    const wrong: readonly [string, RegExp][] = [
      ['', /empty|no rows/],
      ['[]', /no rows/],
      ['{"format":"parlour-room"', /no rows/],
      [change(({ rows, ...rest }) => ({ ...rest, version: 2, rows })), /version 2/],
      [change(({ rows, ...rest }) => ({ ...rest, format: 'other', rows })), /no export/],
      [change(({ room, rows, ...rest }) => ({ ...rest, room: { ...room, secret: 'zz' }, rows })), /secret/],
      [change(({ room, rows, ...rest }) => ({ ...rest, room: { ...room, jid: 'y.lit' }, rows })), /jid/],
      [document.slice(0, document.length / 2), /ends early/],
      [`${document}{`, /ends early|brackets/],
      [withRow({ other: 1 }), /kind of row/],
      [withRow({ affiliation: { jid: 'cat@@x' } }), /affiliation/],
      [withRow(parsed(document).rows.find(({ message }) => message)), /order/],
      [withRow({ feature: { feature: 'markers', key: 'x', value: { more: 1 } } }), /markers/],
      [
        change(({ rows, ...rest }) => ({
          ...rest,
          rows: [...['1', '2'].map((key) => ({ feature: { feature: 'visited', key, value: true } })), ...rows],
        })),
        /more than 1 rows of visited/,
      ],
      [document.replace('<body>word 7 ', '<body><b>word 7 '), /well-formed/],
      // What no parser of a server takes would end the stream for every room.
      [document.replace('<body>word 7 ', '&none;<body>word 7 '), /well-formed/],
      [document.replace('<body>word 7 ', '</content><content><body>word 7 '), /well-formed/],
      // Each bracket costs a look back, and whoever made the document chooses how many there are.
      [`{"format":"parlour-room"${',"x":[]'.repeat(160_000)}}`, /no rows/],
    ];
    for (const [text, problem] of wrong) {
      const outcome = await bring(pieces(text, 4_096));
      expect(outcome).toMatchObject({ ok: false, error: { condition: 'bad-request' } });
      expect(outcome.ok ? '' : String(outcome.error.text)).toMatch(problem);
    }
    await expect(
      bring(
        (async function* (): AsyncGenerator<string> {
          yield document.slice(0, 3_000);
          await Promise.reject(new Error('the line broke'));
        })(),
      ),
    ).rejects.toThrow('the line broke');
    expect(leaves()).toEqual(EMPTY);
  }, 60_000);

  test('an import that a crash cut off is gone when the store is opened next', async () => {
    const key = await there.store.beginImport();
    const ids = (await here.store.messages(ROOM, { limit: 10 })).map(({ rev, ...row }) => (rev >= 0 ? row : row));
    await there.store.importSlice(key, { messages: ids, stays: [{ jid: 'cat@x.lit' as never, begin: 0, end: null }] });
    await there.close();
    houses.pop();
    const database = databases[1] as TempDatabase;
    const next = await database.open();
    expect(leaves()).toEqual(EMPTY);
    for (let tries = 0; tries < 100 && (await next.counts()).messages > 0; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await next.counts()).messages).toBe(0);
  });
});

test('rows of a feature that does not run here are left out, and told', async () => {
  const document = parsed(await text(await here.transfers.exportRoom(ROOM)));
  const rows = [...document.rows, { feature: { feature: 'badges', key: 'ann', value: 'teacher' } }];
  const [features, others] = [rows.filter((row) => !('message' in row)), rows.filter((row) => 'message' in row)];
  const outcome = await bring(pieces(JSON.stringify({ ...document, rows: [...features, ...others] }), 4_096));
  expect(outcome).toMatchObject({ ok: true, left: ['badges'] });
});

test('a room that is not there, or was destroyed, is no document', async () => {
  expect(await here.transfers.exportRoom(asRoom('b@rooms.x.lit'))).toBeNull();
  await here.command({ name: 'destroy' });
  expect(await here.transfers.exportRoom(ROOM)).toBeNull();
  expect(BY_ITSELF.kind).toBe('room');
});

test('what a document has beyond the limits of this service is refused, and the limit is named', async () => {
  const document = parsed(await text(await here.transfers.exportRoom(ROOM)));
  const { room, rows } = document;
  const [first] = rows.filter((row) => 'affiliation' in row).map(({ affiliation }) => affiliation);
  const feature = (name: string, key: string, value: object): object => ({ feature: { feature: name, key, value } });
  const withRow = (more: object): string => JSON.stringify({ ...document, rows: [more, ...rows] });
  const vcard = `<vCard xmlns="vcard-temp"><NOTE>${'x'.repeat(LIMITS.vcardBytes)}</NOTE></vCard>`;
  const long = (limit: number): string => 'é'.repeat(limit + 1);
  const subject = { ...(room['subject'] as object), xml: `<subject>${long(LIMITS.subject)}</subject>` };
  const options = { ...(room['options'] as object), 'muc#roomconfig_roomdesc': [long(LIMITS.description)] };
  const refused: readonly [string, RegExp][] = [
    [
      withRow(feature('vcard', '', { xml: vcard, hashes: [] })),
      /vcard\.xml is longer than \d+, which limits\.vcardBytes of the configuration/,
    ],
    [withRow(feature('reserved-nicks', 'cat@x.lit', { nick: long(LIMITS.nick), seen: 1 })), /reserved-nicks\.nick.*limits\.nick /],
    [withRow({ affiliation: { ...first, jid: 'dan@x.lit', nick: long(LIMITS.nick) } }), /affiliation\.nick.*limits\.nick /],
    [JSON.stringify({ ...document, room: { ...room, name: long(LIMITS.name) } }), /name is longer.*limits\.name /],
    [JSON.stringify({ ...document, room: { ...room, options } }), /description is longer.*limits\.description /],
    [JSON.stringify({ ...document, room: { ...room, subject } }), /subject is longer.*limits\.subject /],
    [JSON.stringify(document).replace('"nick":"ann"', `"nick":"${'x'.repeat(1024)}"`), /longer than any nickname/],
    [withRow(feature('mutes', 'cat@x.lit', { since: 1, voice: 'loud' })), /a row of mutes has in its member "voice" what does not belong/],
  ];
  for (const [changed, sentence] of refused) {
    const outcome = await bring(pieces(changed, 65_536));
    expect(outcome.ok ? 'taken' : String(outcome.error.text)).toMatch(sentence);
    expect(outcome.ok ? 'taken' : outcome.error.text.toString()).not.toMatch(/\bundefined\b/);
  }
  const members = Array.from({ length: LIMITS.affiliationsPerRoom + 1 }, (_, i) => ({
    affiliation: { ...first, affiliation: 'member', jid: `m${i}@x.lit`, nick: null, reason: null },
  }));
  const many = await bring(pieces(JSON.stringify({ ...document, rows: [...members, ...rows] }), 65_536));
  expect(many.ok ? 'taken' : String(many.error.text)).toContain(`more than ${LIMITS.affiliationsPerRoom} rows of member`);
  // A reason that is too long to be kept is cut, as where somebody gives one.
  const reasoned = { affiliation: { ...first, affiliation: 'outcast', jid: 'dan@x.lit', nick: null, reason: 'r'.repeat(5_000) } };
  expect(await bring(pieces(withRow(reasoned), 65_536))).toMatchObject({ ok: true });
  const dan = (await there.store.rowsOf(THERE))?.affiliations.find(({ jid }) => jid === asBare('dan@x.lit'));
  expect(dan?.reason).toBe('r'.repeat(200));
}, 60_000);

test('a row that cannot be read keeps nobody from what else is held of them, and is named', async () => {
  const { store } = here;
  const bad = [
    { feature: 'reserved-nicks', key: 'bob@x.lit', value: 'null' },
    { feature: 'former-ids', key: 'x', value: '{' },
    { feature: 'mutes', key: 'bob@x.lit', value: '{"since":' },
  ];
  const damaged: PersonStore = {
    roomsKnowing: (...asked) => store.roomsKnowing(...asked),
    rowsOf: async (room) => {
      const rows = await store.rowsOf(room);
      return rows && { ...rows, room: { ...rows.room, options: '{' }, features: [...bad, ...rows.features] };
    },
    staysAfter: (...asked) => store.staysAfter(...asked),
    archive: (...asked) => store.archive(...asked),
    woken: (jid) => store.woken(jid),
    audit: (query) => store.audit(query),
  };
  const declared = new Map(DECLARED.map((declaration) => [declaration.name, declaration]));
  const document = await text(exportPerson(damaged, declared, asBare('bob@x.lit'), 0));
  const { rows } = parsed(document);
  const unreadable = rows.flatMap(({ unreadable: one }) => one ?? []);
  expect(unreadable).toEqual(expect.arrayContaining([{ kind: 'people' }, { kind: 'feature', feature: 'mutes' }]));
  expect(rows.filter(({ message }) => message).length).toBeGreaterThan(100);
  // Of the room alone is said that it cannot be read: whose it is, nobody knows.
  expect(rows.filter((row) => 'unreadable' in row).every(({ room }) => (room as unknown) === ROOM)).toBe(true);
  async function* all(): AsyncGenerator<string> {
    yield await Promise.resolve(document);
  }
  expect(await text(asHtml(all(), 'de'))).toContain('Eine Zeile, die nicht lesbar ist');
}, 60_000);
