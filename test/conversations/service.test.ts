/** What the service itself says: XEP-0045 §6.2-6.3, §7.12, §16.4, §18.1.1, XEP-0307, 0054, 0077, 0030. */
import type { AdHoc } from '../../src/service/answers/ad-hoc';
import { NO_BOUNDS, type Retention } from '../../src/room/configuring/retention';
import type { ServiceInfo } from '../../src/service/answers/discovery';
import { SeenLanguages } from '../../src/service/answers/languages';
import { answerServiceIq } from '../../src/service/answers/service-iq';
import { stanzaError } from '../../src/xmpp/stanza-error';
import { toXml } from '../../src/xmpp/outgoing';
import { canonical, matchStanza } from '../support/canonical';
import { parse } from '../support/conversation';
import { MemoryStore } from '../support/memory-store';
import { dataPolicy } from './expected';
import { affiliation, batch, create, occupant, session } from '../store/batches';
import { asBare, asDomain, asFull, asRoom } from '../support/jids';
import { asNick, asOccupantId } from '../support/ids';

const DOMAIN = asDomain('chat.shakespeare.lit');
const hag = 'hag66@shakespeare.lit/pda';
const crone = 'crone1@shakespeare.lit/desktop';
const INFO = 'http://jabber.org/protocol/disco#info';
const ITEMS = 'http://jabber.org/protocol/disco#items';
const RSM = 'http://jabber.org/protocol/rsm';
const COMMANDS = 'http://jabber.org/protocol/commands';

/** One command, for the crone. */
const adHoc: AdHoc = {
  list: (from) => (from === crone ? [{ node: 'brew', name: 'Brew' }] : []),
  find: (node, from) => (node !== 'brew' ? undefined : from === crone ? { node, name: 'Brew' } : stanzaError('forbidden', 'Not for you.')),
  execute: () => Promise.resolve(`<command xmlns="${COMMANDS}" node="brew" sessionid="1" status="completed"/>`),
};

class Service {
  readonly store = new MemoryStore();
  awake = new Set<string>();
  private drawn = 0;
  private readonly languages = new SeenLanguages();
  private batches = 0;

  constructor(
    private readonly info: ServiceInfo = { name: 'Shakespearean Chat Service', contact: {} },
    private readonly retention: Retention = NO_BOUNDS,
  ) {}

  /** Rooms with these names, by local part. */
  async rooms(names: Record<string, string>, over: Parameters<typeof create>[1] = {}): Promise<void> {
    const parts = Object.entries(names).map(([local, name]) => {
      const room = `${local}@${DOMAIN}`;
      return { room, changes: [create(room, { name, ...over })] };
    });
    await this.store.commit(batch(++this.batches, ...parts));
  }

  async change(local: string, ...changes: NonNullable<Parameters<typeof batch>[1]>['changes'] & object): Promise<void> {
    await this.store.commit(batch(++this.batches, { room: `${local}@${DOMAIN}`, changes }));
  }

  async ask(stanza: string): Promise<string> {
    const out = await answerServiceIq(parse(stanza), {
      domain: DOMAIN,
      languages: this.languages,
      store: this.store,
      clock: { now: () => 0, elapsed: () => 0, after: () => () => undefined },
      begun: 0,
      random: { bytes: (count) => Buffer.alloc(count, ++this.drawn) },
      info: this.info,
      retention: this.retention,
      version: '1',
      adHoc,
      execute: () => Promise.reject(new Error('no room is asked here')),
      isAwake: (room) => this.awake.has(room),
    });
    return toXml(out, out.to as string);
  }

  /** The answer is exactly this. */
  async expect(asked: string, wanted: string): Promise<void> {
    const actual = await this.ask(asked);
    if (!matchStanza(wanted, actual, new Map())) expect(canonical(actual)).toBe(canonical(wanted));
  }
}

const get = (id: string, payload: string, from = hag): string => `<iq from="${from}" id="${id}" to="${DOMAIN}" type="get">${payload}</iq>`;
const set = (id: string, payload: string, from = hag): string => `<iq from="${from}" id="${id}" to="${DOMAIN}" type="set">${payload}</iq>`;
const result = (id: string, payload: string, to = hag): string =>
  `<iq from="${DOMAIN}" id="${id}" to="${to}" type="result">${payload}</iq>`;
const error = (id: string, type: string, condition: string, to = hag): string =>
  `<iq from="${DOMAIN}" id="${id}" to="${to}" type="error"><error type="${type}" by="${DOMAIN}">` +
  `<${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/><text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas" xml:lang="en">{text}</text></error></iq>`;
const query = (namespace: string, inner = '', node?: string): string =>
  `<query xmlns="${namespace}"${node === undefined ? '' : ` node="${node}"`}>${inner}</query>`;
const features = (...names: string[]): string => names.map((name) => `<feature var="${name}"/>`).join('');

test('§6.2 Examples 3 and 4: identity and features of the service', async () => {
  await new Service().expect(
    get('lx09df27', query(INFO)),
    result(
      'lx09df27',
      query(
        INFO,
        '<identity category="conference" name="Shakespearean Chat Service" type="text"/>' +
          features(
            'http://jabber.org/protocol/muc',
            'http://jabber.org/protocol/muc#unique',
            'http://jabber.org/protocol/muc#stable_id',
            INFO,
            ITEMS,
            'jabber:x:data',
            RSM,
            'urn:xmpp:ping',
            'jabber:iq:version',
            'urn:xmpp:time',
            'jabber:iq:register',
            'jabber:iq:search',
            'urn:xmpp:channel-search:0:search',
            'jabber:iq:last',
            'urn:xmpp:noreply:0',
            'vcard-temp',
            'urn:xmpp:rai:0',
            'jid\\20escaping',
            COMMANDS,
          ) +
          dataPolicy('infinite'),
      ),
    ),
  );
});

describe('XEP-0504: what happens to people’s data', () => {
  const policyOf = async (info: Partial<ServiceInfo>, retention: Retention): Promise<string> => {
    const xml = await new Service({ name: 'S', contact: {}, ...info }, retention).ask(get('p', query(INFO)));
    return /<x [^>]*><field[^>]*><value>urn:xmpp:data-policy:0<\/value>.*?<\/x>/.exec(xml)?.[0] ?? xml;
  };
  const same = (actual: string, wanted: string): void => expect(canonical(actual)).toBe(canonical(wanted));
  const none = { default: null, max: null };

  test('the service keeps messages for as long as owners may have them kept', async () => {
    same(await policyOf({}, { days: { default: 7, max: 30 }, messages: none }), dataPolicy('720'));
    same(await policyOf({}, { days: { default: 7, max: null }, messages: none }), dataPolicy('infinite'));
    // Bounded by number only, nobody knows when they go.
    same(await policyOf({}, { days: none, messages: { default: 5, max: 1000 } }), dataPolicy('unknown'));
  });

  test('what the operator states stands beside it', async () => {
    const dataPolicyStated = {
      tos: 'https://example.com/terms',
      encryptionAtRest: true,
      dataExport: false,
      fullErasure: true,
      access: ['government', 'partners'],
      backupEvery: 0,
      backupKept: 'unknown',
      location: 'Verona',
      extra: 'Two lines\nof it',
    } as const;
    same(
      await policyOf({ dataPolicy: dataPolicyStated }, NO_BOUNDS),
      dataPolicy('infinite', {
        encryption_at_rest: ['boolean', '1'],
        tos: ['text-single', 'https://example.com/terms'],
        data_export: ['boolean', '0'],
        access_policy: ['list-multi', 'admins', 'moderators', 'government', 'partners'],
        full_erasure: ['boolean', '1'],
        backup_frequency: ['text-single', '0'],
        backup_retention: ['text-single', 'unknown'],
        extra_info: ['text-multi', 'The data are in: Verona', 'Two lines', 'of it'],
      }),
    );
  });
});

test('§6.3 Examples 5 and 6: the public rooms, in order; hidden and locked ones are not shown', async () => {
  const s = new Service();
  await s.rooms({ heath: 'A Lonely Heath', coven: 'A Dark Cave', forres: 'The Palace', inverness: "Macbeth's Castle" });
  await s.rooms({ cellar: 'Nobody knows' }, { listed: false });
  await s.rooms({ tower: 'Being built' }, { state: 'locked' });
  await s.expect(
    get('zb8q41f4', query(ITEMS)),
    result(
      'zb8q41f4',
      query(
        ITEMS,
        `<item jid="coven@${DOMAIN}" name="A Dark Cave"/><item jid="forres@${DOMAIN}" name="The Palace"/>` +
          `<item jid="heath@${DOMAIN}" name="A Lonely Heath"/><item jid="inverness@${DOMAIN}" name="Macbeth's Castle"/>`,
      ),
    ),
  );
});

test('§6.3 Example 7: a part of the list, with the set that says so', async () => {
  const s = new Service();
  await s.rooms(Object.fromEntries(Array.from({ length: 37 }, (_, i) => [`play${i + 10}`, ''])));
  const room = (i: number): string => `play${i + 10}@${DOMAIN}`;
  const items = Array.from({ length: 10 }, (_, i) => `<item jid="${room(i)}" name="play${i + 10}"/>`).join('');
  await s.expect(
    get('hx51v49s', query(ITEMS, `<set xmlns="${RSM}"><max>10</max></set>`)),
    result(
      'hx51v49s',
      query(ITEMS, `${items}<set xmlns="${RSM}"><first index="0">${room(0)}</first><last>${room(9)}</last><count>37</count></set>`),
    ),
  );
});

describe('§16.4 well-known nodes', () => {
  const ROOMS = 'http://jabber.org/protocol/muc#rooms';

  test('muc#rooms: the rooms in which the full JID that asks is an occupant, hidden ones too, with the nick', async () => {
    const s = new Service();
    await s.rooms({ coven: 'A Dark Cave', heath: '' }, { listed: false });
    const enter = (jid: string, id: string, nick: string) =>
      [
        { table: 'occupant', id: asOccupantId(id), row: occupant(id, { nick: asNick(nick) }) },
        { table: 'session', jid: asFull(jid), row: session(jid, { occupantId: asOccupantId(id) }) },
      ] as const;
    await s.change('coven', ...enter(hag, 'h', 'thirdwitch'), ...enter(crone, 'c', 'firstwitch'));
    await s.change('heath', ...enter(crone, 'c', 'crone'));
    await s.expect(
      get('r1', query(ITEMS, '', ROOMS)),
      result('r1', query(ITEMS, `<item jid="coven@${DOMAIN}" name="thirdwitch"/>`, ROOMS)),
    );
    const other = 'hag66@shakespeare.lit/broom';
    await s.expect(get('r2', query(ITEMS, '', ROOMS), other), result('r2', query(ITEMS, '', ROOMS), other));
    await s.expect(
      get('r3', query(INFO, '', ROOMS)),
      result(
        'r3',
        query(
          INFO,
          `<identity category="conference" type="text" name="Rooms you are in"/>${features(INFO, ITEMS, 'http://jabber.org/protocol/rsm')}`,
          ROOMS,
        ),
      ),
    );
  });

  test('§18.1.1 Example 220: nothing is discarded, so muc#traffic is service-unavailable', async () => {
    const asked = get('allow1', query(INFO, '', 'http://jabber.org/protocol/muc#traffic'));
    await new Service().expect(asked, error('allow1', 'cancel', 'service-unavailable'));
  });

  test('§7.12 x-roomuser-item: feature-not-implemented at the service', async () => {
    await new Service().expect(get('getnick1', query(INFO, '', 'x-roomuser-item')), error('getnick1', 'cancel', 'feature-not-implemented'));
  });

  test.each([INFO, ITEMS])('an unknown node of %s: item-not-found', async (namespace) => {
    await new Service().expect(get('n', query(namespace, '', 'urn:x')), error('n', 'cancel', 'item-not-found'));
  });
});

describe('XEP-0050 §2.1-2.2 commands', () => {
  test('the list has what the asker may run', async () => {
    const s = new Service();
    const items = `<item jid="${DOMAIN}" node="brew" name="Brew"/>`;
    await s.expect(get('l', query(ITEMS, '', COMMANDS), crone), result('l', query(ITEMS, items, COMMANDS), crone));
    await s.expect(get('l', query(ITEMS, '', COMMANDS)), result('l', query(ITEMS, '', COMMANDS)));
    const about = `<identity category="automation" type="command-list" name="Commands"/>${features(COMMANDS)}`;
    await s.expect(get('i', query(INFO, '', COMMANDS)), result('i', query(INFO, about, COMMANDS)));
  });

  test('a command’s node: identity and features for those who may run it, forbidden for others', async () => {
    const s = new Service();
    const about = `<identity category="automation" type="command-node" name="Brew"/>${features(COMMANDS, 'jabber:x:data')}`;
    await s.expect(get('b', query(INFO, '', 'brew'), crone), result('b', query(INFO, about, 'brew'), crone));
    await s.expect(get('b', query(ITEMS, '', 'brew'), crone), result('b', query(ITEMS, '', 'brew'), crone));
    await s.expect(get('b', query(INFO, '', 'brew')), error('b', 'auth', 'forbidden'));
    await s.expect(get('b', query(ITEMS, '', 'brew')), error('b', 'auth', 'forbidden'));
  });

  test('execution is a set', async () => {
    const s = new Service();
    const command = `<command xmlns="${COMMANDS}" node="brew"/>`;
    const done = `<command xmlns="${COMMANDS}" node="brew" sessionid="1" status="completed"/>`;
    await s.expect(set('e', command, crone), result('e', done, crone));
    await s.expect(get('e', command, crone), error('e', 'cancel', 'service-unavailable', crone));
  });
});

test('XEP-0307 Examples 1 and 2: a name that no room has, asleep or awake', async () => {
  const s = new Service();
  const unique = '<unique xmlns="http://jabber.org/protocol/muc#unique"/>';
  await s.rooms({ ['01'.repeat(16)]: 'asleep' }, { listed: false });
  s.awake.add(`${'02'.repeat(16)}@${DOMAIN}`);
  await s.expect(
    get('unique1', unique, crone),
    result('unique1', `<unique xmlns="http://jabber.org/protocol/muc#unique">${'03'.repeat(16)}</unique>`, crone),
  );
  expect(await s.store.hasRoom(asRoom(`${'03'.repeat(16)}@${DOMAIN}`))).toBe(false);
});

describe('XEP-0054 the card of the service', () => {
  const card = '<vCard xmlns="vcard-temp"/>';

  test('has what the configuration says', async () => {
    await new Service().expect(get('v1', card), result('v1', '<vCard xmlns="vcard-temp"><FN>Shakespearean Chat Service</FN></vCard>'));
    const info = {
      name: 'Chat & more',
      description: 'Rooms for the players',
      contact: {
        abuse: ['mailto:abuse@shakespeare.lit'],
        admin: ['xmpp:bard@shakespeare.lit', 'https://shakespeare.lit/'],
        sales: undefined,
      },
    };
    await new Service(info).expect(
      get('v2', card),
      result(
        'v2',
        '<vCard xmlns="vcard-temp"><FN>Chat &amp; more</FN><DESC>Rooms for the players</DESC><URL>https://shakespeare.lit/</URL>' +
          '<EMAIL><INTERNET/><USERID>abuse@shakespeare.lit</USERID></EMAIL></vCard>',
      ),
    );
  });

  test('is nobody’s to set', async () => {
    await new Service().expect(set('v3', '<vCard xmlns="vcard-temp"><FN>Mine</FN></vCard>'), error('v3', 'auth', 'forbidden'));
  });
});

describe('XEP-0077 registrations at the service (§7.10 is per room)', () => {
  const ask = query('jabber:iq:register');
  const cell = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
  const row = (room: string, nick: string, aff: string): string =>
    `<item>${cell('room', `${room}@${DOMAIN}`)}${cell('nick', nick)}${cell('affiliation', aff)}</item>`;
  const table = (rows: string): string =>
    '<x xmlns="jabber:x:data" type="result"><reported><field var="room" type="jid-single" label="Room"/>' +
    '<field var="nick" type="text-single" label="Registered nickname"/><field var="affiliation" type="text-single" label="Affiliation"/></reported>' +
    `${rows}</x>`;
  const know = (over: Parameters<typeof affiliation>[1]) =>
    ({ table: 'affiliation', jid: asBare('hag66@shakespeare.lit'), row: affiliation('hag66@shakespeare.lit', over) }) as const;

  test('get lists the rooms that know the asker, hidden ones included', async () => {
    const s = new Service();
    await s.rooms({ coven: 'A Dark Cave', heath: '' }, { listed: false });
    await s.change('coven', know({ nick: asNick('thirdwitch') }));
    await s.change('heath', know({ affiliation: 'owner' }));
    const text = '<instructions>{text}</instructions>';
    const rows = row('coven', 'thirdwitch', 'member') + row('heath', '', 'owner');
    await s.expect(get('g', ask), result('g', query('jabber:iq:register', `<registered/>${text}${table(rows)}`)));
    await s.change('coven', know({ affiliation: 'outcast' }));
    await s.expect(get('g', ask), result('g', query('jabber:iq:register', `${text}${table(row('heath', '', 'owner'))}`)));
    await s.expect(get('g', ask, crone), result('g', query('jabber:iq:register', text), crone));
  });

  test('a long list is cut, and says so', async () => {
    const s = new Service();
    const names = Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`r${i + 100}`, '']));
    await s.rooms(names);
    for (const local of Object.keys(names)) await s.change(local, know({}));
    const answer = await s.ask(get('g', ask));
    expect(answer.split('<item>')).toHaveLength(501);
    expect(answer).toContain('500 of the rooms that know you');
  });

  test('a registration is the room’s to take: not-allowed', async () => {
    const form = '<x xmlns="jabber:x:data" type="submit"/>';
    await new Service().expect(set('s', query('jabber:iq:register', form)), error('s', 'cancel', 'not-allowed'));
    await new Service().expect(set('s', query('jabber:iq:register', '<username>hag</username>')), error('s', 'cancel', 'not-allowed'));
  });

  test('remove: alone in the request, and by somebody who has a nick somewhere', async () => {
    const s = new Service();
    await s.rooms({ heath: '' });
    await s.change('heath', know({ affiliation: 'owner' }));
    await s.expect(set('x', query('jabber:iq:register', '<remove/>')), error('x', 'auth', 'registration-required'));
    await s.expect(set('x', query('jabber:iq:register', '<remove/><key/>')), error('x', 'modify', 'bad-request'));
  });
});
