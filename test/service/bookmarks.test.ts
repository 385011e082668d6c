/** Rooms among people's bookmarks (XEP-0402), written in their name where their server allows it (XEP-0356 0.4): with a server that is played here. */
import type { Answer, Request } from '../../src/link/link';
import type { AccountAnswer, AskSettings, Bookmark } from '../../src/room/contract/machine';
import { Bookmarks } from '../../src/service/bookmarks';
import { setOwnDomains } from '../../src/xmpp/fold';
import { parse } from '../support/conversation';
import { asBare, asDomain, asRoom } from '../support/jids';
import { FakeClock, settle } from './fake-clock';

const ROOM = asRoom('coven@rooms.lit');
const HAG = asBare('hag@x.lit');
const GRANT = '<perm access="iq"><namespace ns="http://jabber.org/protocol/pubsub" type="both"/></perm>';
const ERROR = (condition: string): string => `<error type="cancel"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error>`;

function setUp(alike = false) {
  /** What each account has published, by room. */
  const published = new Map<string, Map<string, string>>();
  const asked: Request[] = [];
  const logged: string[] = [];
  const told: AccountAnswer[] = [];
  const clock = new FakeClock();
  let isOnline = true;
  let broken: 'set' | 'wait' | 'refused' | 'silent' | null = null;
  /** Runs while a server has a request. */
  let meanwhile: () => void = () => undefined;
  const log = (fields: { readonly event: string }): void => void logged.push(fields.event);

  /** As a server answers: what is inside is done as if the account had sent it. */
  function answer({ to, from, type, payload }: Request): Answer {
    const outer = parse(`<iq xmlns="jabber:client" type="${type}" from="${from}" to="${to}" id="p">${payload}</iq>`);
    const iq = outer.getChild('privileged_iq')?.getChild('iq');
    // §"IQ permission": the same type, and no other sender.
    expect([iq?.attrs['type'], iq?.attrs['from'], iq?.attrs['xmlns']]).toEqual([type, undefined, 'jabber:client']);
    if (broken === 'refused') return { type: 'error', stanza: parse(`<iq type="error" id="p">${ERROR('forbidden')}</iq>`) };
    const items = published.get(to) ?? new Map<string, string>();
    published.set(to, items);
    const inner = inside(iq?.getChild('pubsub'), items);
    const result = /<error/.test(inner) ? 'error' : 'result';
    // ejabberd 26.07 has the type of the answer inside also outside.
    const outside = alike ? result : 'result';
    return {
      type: outside,
      stanza: parse(
        `<iq type="${outside}" id="p"><privilege xmlns="urn:xmpp:privilege:2"><forwarded xmlns="urn:xmpp:forward:0">` +
          `<iq xmlns="jabber:client" type="${result}" id="bookmark" from="${to}">${inner}</iq></forwarded></privilege></iq>`,
      ),
    };
  }
  function inside(pubsub: ReturnType<typeof parse> | undefined, items: Map<string, string>): string {
    const asks = pubsub?.getChild('items')?.getChild('item')?.attrs['id'] as string | undefined;
    if (asks !== undefined) {
      const known = items.get(asks);
      if (known === undefined) return ERROR('item-not-found');
      return `<pubsub xmlns="http://jabber.org/protocol/pubsub"><items node="urn:xmpp:bookmarks:1"><item id="${asks}">${known}</item></items></pubsub>`;
    }
    if (broken === 'set') return ERROR('conflict');
    if (broken === 'wait') return ERROR('resource-constraint').replace('cancel', 'wait');
    const item = pubsub?.getChild('publish')?.getChild('item');
    items.set(item?.attrs['id'] as string, String(item?.getChild('conference')));
    return '';
  }
  const bookmarks = new Bookmarks({
    link: {
      get online() {
        return isOnline;
      },
      request: (request) => {
        asked.push(request);
        meanwhile();
        if (broken === 'silent' && request.to.endsWith('@x.lit')) return Promise.resolve({ type: 'timeout' });
        return Promise.resolve(isOnline ? answer(request) : { type: 'offline' });
      },
    },
    log: { debug: log, info: log, warn: log, error: log },
    domain: asDomain('rooms.lit'),
    clock,
    told: (_, answer) => void told.push(answer),
  });
  const grants = (perms = GRANT, from = 'x.lit'): boolean =>
    bookmarks.privileged(
      parse(`<message from="${from}" to="rooms.lit"><privilege xmlns="urn:xmpp:privilege:2">${perms}</privilege></message>`),
    );
  const add = async (more: Partial<Bookmark> = {}, room = ROOM): Promise<void> => {
    bookmarks.add(room, { kind: 'bookmark', jid: HAG, isWanted: true, name: 'Cave & more', nick: null, ...more });
    await settle();
  };
  const ask = async (more: Partial<AskSettings> = {}): Promise<void> => {
    bookmarks.askSettings(ROOM, { kind: 'ask-settings', jid: HAG, belongs: true, nick: null, ...more });
    await settle();
  };
  return {
    ...{ bookmarks, published, asked, logged, told, grants, add, ask },
    later: (ms: number) => clock.pass(ms),
    during: (run: () => void) => void (meanwhile = run),
    breaks: (how: typeof broken) => void (broken = how),
    connected: (now: boolean) => {
      isOnline = now;
      if (!now) bookmarks.offline();
    },
    of: (jid: string = HAG) => Object.fromEntries(published.get(jid) ?? []),
  };
}

test.each([
  ['the answer is a result, whatever is inside (§"Sending IQ Stanzas")', false],
  ['the answer has the type of what is inside, as ejabberd has it', true],
])('written in the name of the account, joined by itself, in a node that nobody else reads: %s', async (_, alike) => {
  const { grants, add, of, asked } = setUp(alike);
  expect(grants()).toBe(true);
  await add({ nick: 'Third Witch' as Bookmark['nick'] });
  expect(of()).toEqual({
    [ROOM]: expect.stringMatching(
      /^<conference xmlns="urn:xmpp:bookmarks:1" name="Cave &amp; more" autojoin="true"><nick>Third Witch<\/nick><\/conference>$/,
    ) as string,
  });
  expect(asked.map(({ from, to, type }) => [from, to, type])).toEqual([
    ['rooms.lit', HAG, 'get'],
    ['rooms.lit', HAG, 'set'],
  ]);
  expect(asked[1]?.payload).toMatch(/<field var="pubsub#access_model"[^>]*><value>whitelist<\/value>/);
});

test('merged with what is there: other bookmarks stay, and one of the same room as the person has it', async () => {
  const { grants, add, of, published, asked } = setUp();
  grants();
  const own = '<conference xmlns="urn:xmpp:bookmarks:1" name="Mine"><extensions><x xmlns="urn:example"/></extensions></conference>';
  published.set(
    HAG,
    new Map([
      ['heath@rooms.lit', own],
      [ROOM, own],
    ]),
  );
  await add();
  expect(of()).toEqual({ 'heath@rooms.lit': own, [ROOM]: own });
  expect(asked.map(({ type }) => type)).toEqual(['get']);
  await add({}, asRoom('cave@rooms.lit'));
  expect(Object.keys(of())).toEqual(['heath@rooms.lit', ROOM, 'cave@rooms.lit']);
});

test('only for accounts of a server that has granted it, since the connection was made; the log says once what is missing', async () => {
  const { grants, add, asked, logged, connected } = setUp();
  for (const perms of ['', '<perm access="roster" type="both"/>', GRANT.replace('both', 'get'), GRANT.replace('pubsub', 'disco')]) {
    grants(perms);
    await add();
  }
  await add();
  expect([asked, logged]).toEqual([[], ['bookmark.not-allowed']]);
  // What waited is written as soon as it may be, once.
  grants();
  await settle();
  expect(asked.map(({ type }) => type)).toEqual(['get', 'set']);
  connected(false);
  connected(true);
  await add({ jid: asBare('cat@x.lit') });
  expect(asked).toHaveLength(2);
  grants();
  await settle();
  expect(asked.slice(2).map(({ to }) => to)).toEqual(['cat@x.lit', 'cat@x.lit']);
});

test('a server that says of itself that it grants it is no server of ours: nothing of others is lost, and it is never asked', async () => {
  setOwnDomains([asDomain('x.lit'), asDomain('y.lit')]);
  try {
    const { grants, add, asked } = setUp();
    await add({ jid: asBare('owl@y.lit') });
    await add({ jid: asBare('imp@evil.lit') });
    expect(grants(GRANT, 'evil.lit')).toBe(false);
    await add();
    grants();
    await settle();
    expect(asked.map(({ to }) => to)).toEqual([HAG, HAG]);
    grants(GRANT, 'y.lit');
    await settle();
    expect(asked.slice(2).map(({ to }) => to)).toEqual(['owl@y.lit', 'owl@y.lit']);
  } finally {
    setOwnDomains(undefined);
  }
});

test('what is no grant: from an account, to a room, or another message', () => {
  const { bookmarks, grants } = setUp();
  expect(grants(GRANT, 'hag@x.lit')).toBe(false);
  const said = (xml: string): boolean => bookmarks.privileged(parse(xml));
  expect(said(`<message from="x.lit" to="${ROOM}"><privilege xmlns="urn:xmpp:privilege:2">${GRANT}</privilege></message>`)).toBe(false);
  expect(said('<message from="x.lit" to="rooms.lit"><body>hi</body></message>')).toBe(false);
});

test('a node that is otherwise, and a server that refuses: nothing is written, the log says so, and the next one is tried', async () => {
  const { grants, add, of, breaks, logged, told } = setUp();
  grants();
  for (const how of ['wait', 'refused', 'set'] as const) {
    expect(told).toEqual([]);
    breaks(how);
    await add();
  }
  expect([of(), logged]).toEqual([{}, ['bookmark.refused', 'bookmark.refused', 'bookmark.refused']]);
  // What the account does not take is not asked for again; for all else the room asks again.
  expect(told).toEqual([{ about: 'bookmark', jid: HAG }]);
  breaks(null);
  await add();
  expect(Object.keys(of())).toEqual([ROOM]);
});

test('the room is told when a bookmark is there, by whomever, and not before', async () => {
  const { grants, add, told, connected } = setUp();
  await add();
  connected(false);
  connected(true);
  grants();
  connected(false);
  await add();
  expect(told).toEqual([]);
  connected(true);
  grants();
  await settle();
  expect(told).toEqual([{ about: 'bookmark', jid: HAG }]);
  await add();
  expect(told).toHaveLength(2);
});

test('what is not wanted any more while it waits is not written', async () => {
  const { grants, add, asked, told } = setUp();
  await add();
  await add({ isWanted: false });
  grants();
  await settle();
  expect([asked, told]).toEqual([[], []]);
});

test('of a room that is over, or has another address, nothing is asked any more; what others wait for is', async () => {
  const { bookmarks, grants, add, asked, of } = setUp();
  const cave = asRoom('cave@rooms.lit');
  await add();
  await add({}, cave);
  bookmarks.forget(ROOM);
  grants();
  await settle();
  expect([Object.keys(of()), asked.length]).toEqual([[cave], 2]);
});

test.each([
  ['called off', (s: ReturnType<typeof setUp>) => void s.add({ isWanted: false })],
  ['of a room that ends', (s: ReturnType<typeof setUp>) => s.bookmarks.forget(ROOM)],
])('what is %s while the account is asked whether it is there is not written', async (_, ends) => {
  const s = setUp();
  s.grants();
  s.during(() => ends(s));
  await s.add();
  expect([s.of(), s.asked.map(({ type }) => type), s.told]).toEqual([{}, ['get'], []]);
});

test('a server that does not answer is asked nothing for ten minutes, others are; what waits is asked for then, or when it grants anew', async () => {
  setOwnDomains([asDomain('x.lit'), asDomain('y.lit')]);
  try {
    const { grants, add, ask, asked, breaks, later, logged, told, connected } = setUp();
    const people = (): string[] => asked.splice(0).map(({ to }) => to);
    grants();
    grants(GRANT, 'y.lit');
    breaks('silent');
    await add();
    for (let i = 0; i < 20; i++) await add({ jid: asBare(`cat${i}@x.lit`) });
    await ask({ jid: asBare('toad@x.lit') });
    await add({ jid: asBare('owl@y.lit') });
    expect([people(), logged]).toEqual([
      [HAG, 'owl@y.lit', 'owl@y.lit'],
      ['bookmark.silent', 'bookmark.refused', 'bookmark.written'],
    ]);
    await later(599_000);
    expect(people()).toEqual([]);
    await later(1_000);
    // One more in vain: the pause begins again.
    expect(people()).toEqual(['cat0@x.lit']);
    breaks(null);
    grants();
    await settle();
    expect([people().length, told.length]).toEqual([2 * 19 + 1, 1 + 19 + 1]);
    breaks('silent');
    await add();
    connected(false);
    connected(true);
    breaks(null);
    grants();
    people();
    await add();
    expect(people()).toEqual([HAG, HAG]);
    await later(600_000);
    expect(people()).toEqual([]);
  } finally {
    setOwnDomains(undefined);
  }
});

const NOTIFY = (settings: string, ns = 'urn:xmpp:notification-settings:1'): string =>
  `<conference xmlns="urn:xmpp:bookmarks:1"><extensions><notify xmlns="${ns}">${settings}</notify></extensions></conference>`;

test.each([
  ['always', NOTIFY('<always/>'), 'all'],
  ['on-mention', NOTIFY('<on-mention/>'), 'mentions'],
  ['never', NOTIFY('<never/>'), 'nothing'],
  [
    'for phones before for clients',
    NOTIFY('<never identity-category="client"/><always identity-category="client" identity-type="phone"/>'),
    'all',
  ],
  ['for clients before for all', NOTIFY('<always/><never identity-category="client"/>'), 'nothing'],
  ['for others only', NOTIFY('<never identity-category="client" identity-type="pc"/><always identity-category="gateway"/>'), null],
  ['the first of several', NOTIFY('<on-mention/><never/>'), 'mentions'],
  ['finer settings in it', NOTIFY('<always><advanced><x xmlns="urn:example"/></advanced></always>'), 'all'],
  ['another namespace', NOTIFY('<never/>', 'urn:xmpp:notification-settings:0'), null],
  ['a setting of another namespace', NOTIFY('<never xmlns="urn:example"/>'), null],
  ['no setting', '<conference xmlns="urn:xmpp:bookmarks:1"/>', null],
  ['no bookmark', undefined, null],
])('what an account has set for a room (XEP-0492): %s', async (_, bookmark, wake) => {
  const { grants, ask, published, told, asked } = setUp();
  grants(GRANT.replace('both', 'get'));
  if (bookmark !== undefined) published.set(HAG, new Map([[ROOM, bookmark]]));
  await ask();
  expect(told).toEqual([{ about: 'settings', asked: { kind: 'ask-settings', jid: HAG, belongs: true, nick: null }, wake }]);
  expect(asked.map(({ to, type }) => [to, type])).toEqual([[HAG, 'get']]);
});

test('settings are read where the server lets us only, once an hour for each room and person, and nothing is made of what could not be read', async () => {
  const { grants, ask, asked, told, breaks, later } = setUp();
  await ask();
  expect(asked).toEqual([]);
  grants(GRANT.replace('both', 'get'));
  await ask();
  await ask();
  expect(asked).toHaveLength(1);
  await later(3_600_000);
  breaks('refused');
  await ask();
  expect([asked.length, told.length]).toEqual([2, 1]);
});
