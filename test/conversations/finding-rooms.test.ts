/** Finding rooms: XEP-0433 0.1.0 (channel search), XEP-0055, the list of rooms in which somebody is, and what the service says of itself by XEP-0012 and XEP-0506. */
import { coven, ROOM } from './expected';
import { realRooms } from '../service/real-rooms';
import { settle } from '../service/fake-clock';
import { ANN, BOB, DOMAIN, rig, type Rig } from '../service/rig';
import { canonical, matchStanza } from '../support/canonical';
import { escapeText } from '../../src/xmpp/xml';

const SEARCH = 'urn:xmpp:channel-search:0:search';
const PARAMS = 'urn:xmpp:channel-search:0:search-params';
const ERROR = 'urn:xmpp:channel-search:0:error';
const BY_ADDRESS = '{urn:xmpp:channel-search:0:order}address';
const BY_USERS = '{urn:xmpp:channel-search:0:order}nusers';
const RSM = 'http://jabber.org/protocol/rsm';
const MUC = 'http://jabber.org/protocol/muc';
const FOUND = { '{urn:parlour:room}search': '1' };

const field = (name: string, ...values: string[]): string =>
  `<field var="${name}">${values.map((value) => `<value>${escapeText(value)}</value>`).join('')}</field>`;
const form = (formType: string, fields: string): string =>
  `<x xmlns="jabber:x:data" type="submit">${field('FORM_TYPE', formType)}${fields}</x>`;
const search = (fields: string, page = ''): string => `<search xmlns="${SEARCH}">${rsm(page)}${form(PARAMS, fields)}</search>`;
const rsm = (page: string): string => (page === '' ? '' : `<set xmlns="${RSM}">${page}</set>`);

/** What is said to these stanzas. */
async function said(r: Rig, ...stanzas: string[]): Promise<readonly string[]> {
  r.link.take();
  r.feed(...stanzas);
  await settle();
  const { xml } = r.link;
  r.link.take();
  return xml;
}

/** Asks the service; the answer is what stands in the result, or the whole error. */
async function ask(r: Rig, payload: string, type = 'get', from = ANN): Promise<string> {
  const [answer = '', ...others] = await said(r, `<iq from="${from}" to="${DOMAIN}" type="${type}" id="q">${payload}</iq>`);
  expect(others).toEqual([]);
  return /^<iq [^>]*type="result"[^>]*>(.*)<\/iq>$/s.exec(answer)?.[1] ?? answer;
}

const same = (actual: string, wanted: string): void => {
  if (!matchStanza(wanted, actual, new Map())) expect(canonical(actual)).toBe(canonical(wanted));
};
const refused = (actual: string, type: string, condition: string, own: string): void =>
  same(
    actual,
    `<iq from="${DOMAIN}" to="${ANN}" type="error" id="q"><error type="${type}" by="${DOMAIN}"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>` +
      `<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas" xml:lang="en">{text}</text>${own}</error></iq>`,
  );
const addresses = (xml: string): string[] => [...xml.matchAll(/<item address="([^"]*)@/g)].map(([, local = '']) => local);

const address = (local: string): string => `${local}@${DOMAIN}`;
const enter = (who: string, local: string): string =>
  `<presence from="${who}" to="${address(local)}/${who.split('@')[0] as string}"><x xmlns="${MUC}"/></presence>`;
const configure = (local: string, options: Readonly<Record<string, string>>): string =>
  `<iq from="${ANN}" to="${address(local)}" type="set" id="c"><query xmlns="${MUC}#owner">` +
  form(
    `${MUC}#roomconfig`,
    Object.entries(options)
      .map(([name, value]) => field(name, value))
      .join(''),
  ) +
  '</query></iq>';

/** A service with these rooms of Ann's. */
async function service(rooms: Readonly<Record<string, Readonly<Record<string, string>>>> = {}): Promise<Rig> {
  const r = await rig({ makeRoom: realRooms(true) });
  for (const [local, options] of Object.entries(rooms)) {
    await r.play(enter(ANN, local));
    expect((await said(r, configure(local, options))).join('')).toContain('type="result"');
  }
  return r;
}

const name = (text: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  ...FOUND,
  'muc#roomconfig_roomname': text,
  ...more,
});

describe('XEP-0433', () => {
  test('§4.1 support is announced', async () => {
    expect(await ask(await service(), '<query xmlns="http://jabber.org/protocol/disco#info"/>')).toContain(`<feature var="${SEARCH}"/>`);
  });

  test('§4.2.1 the form: no field is required, and where to search has no value', async () => {
    const option = (label: string, value: string): string => `<option label="${label}"><value>${value}</value></option>`;
    same(
      await ask(await service(), `<search xmlns="${SEARCH}"/>`),
      `<search xmlns="${SEARCH}"><x xmlns="jabber:x:data" type="form"><field var="FORM_TYPE" type="hidden"><value>${PARAMS}</value></field>` +
        '<field var="q" type="text-single" label="Words to search for"/>' +
        '<field var="all" type="boolean" label="All rooms, whatever the words"/>' +
        '<field var="sinname" type="boolean" label="Search in names"/>' +
        '<field var="sindescription" type="boolean" label="Search in descriptions"/>' +
        '<field var="sinaddress" type="boolean" label="Search in addresses"/>' +
        `<field var="types" type="list-multi" label="Kinds of rooms"><value>xep-0045</value>${option('Rooms (XEP-0045)', 'xep-0045')}</field>` +
        `<field var="key" type="list-single" label="In which order"><value>${BY_USERS}</value>` +
        `${option('Number of people in the room', BY_USERS)}${option('Address', BY_ADDRESS)}</field></x></search>`,
    );
  });

  test('§4.2.2.1, §6.2 what is found: name, description, language, people, kind, whether it is open, and who sees addresses', async () => {
    const r = await service({
      tea: name('Tea & more', { 'muc#roomconfig_roomdesc': 'About <tea>', 'muc#roomconfig_lang': 'en-GB' }),
      closed: name('Tea of members', { 'muc#roomconfig_membersonly': '1', 'muc#roomconfig_whois': 'anyone' }),
      secret: name('Tea by password', { 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'hush' }),
    });
    await r.play(enter(BOB, 'tea'));
    const item = (local: string, shown: string, people: number, more: string): string =>
      `<item address="${address(local)}"><name>${shown}</name>${more.replace('{n}', `<nusers>${people}</nusers><service-type>xep-0045</service-type>`)}</item>`;
    const semi = '<anonymity-mode>muc_semianonymous</anonymity-mode>';
    same(
      await ask(r, search(field('q', 'tea'))),
      `<result xmlns="${SEARCH}">` +
        item(
          'tea',
          'Tea &amp; more',
          2,
          `<description>About &lt;tea&gt;</description><language>en-GB</language>{n}<is-open>true</is-open>${semi}`,
        ) +
        item('closed', 'Tea of members', 1, '{n}<anonymity-mode>{urn:xmpp:channel-search:0:anonymity}none</anonymity-mode>') +
        item('secret', 'Tea by password', 1, `{n}${semi}`) +
        `<set xmlns="${RSM}"><first index="0">2 ${address('tea')}</first><last>1 ${address('secret')}</last><count>3</count></set></result>`,
    );
  });

  test('of a long description the first 4,000 bytes are shown and looked through: an answer has a hundred', () => {
    const described = { ...FOUND, 'muc#roomconfig_roomdesc': `${'ü'.repeat(2_500)} cauldron` };
    const c = coven([], described, { limits: { description: 65_536 } });
    expect(/description[\\":]+(ü*)/.exec(c.rows(ROOM))?.[1]).toHaveLength(2_000);
  });

  test('what is not to be found: rooms of owners who do not want it, hidden ones, locked ones, destroyed ones; each as soon as it is so', async () => {
    const r = await service({
      tea: name('Tea'),
      quiet: { 'muc#roomconfig_roomname': 'Tea' },
      hidden: name('Tea', { 'muc#roomconfig_publicroom': '0' }),
    });
    await r.play(enter(ANN, 'locked'));
    const all = async (): Promise<string[]> => addresses(await ask(r, search(field('all', 'true') + field('key', BY_ADDRESS))));
    expect(await all()).toEqual(['tea']);
    await r.play(configure('quiet', FOUND), configure('hidden', { 'muc#roomconfig_publicroom': '1' }));
    expect(await all()).toEqual(['hidden', 'quiet', 'tea']);
    await r.play(configure('quiet', { '{urn:parlour:room}search': '0' }));
    await r.play(`<iq from="${ANN}" to="${address('tea')}" type="set" id="d"><query xmlns="${MUC}#owner"><destroy/></query></iq>`);
    expect(await all()).toEqual(['hidden']);
  });

  test('§6.1 both orders, of what is searched and of all, in pages (XEP-0059)', async () => {
    const r = await service({ a: name('Tea'), b: name('Tea'), c: name('Coffee'), d: name('Tea') });
    await r.play(enter(BOB, 'd'), enter(BOB, 'c'), enter('cat@x.lit/1', 'c'));
    const pages = async (fields: string): Promise<string[]> => {
      const found: string[] = [];
      let page = '<max>1</max>';
      for (let i = 0; i < 9; i++) {
        const xml = await ask(r, search(fields, page));
        if (addresses(xml).length === 0) return found;
        found.push(...addresses(xml));
        page = `<max>1</max><after>${/<last>(.*)<\/last>/.exec(xml)?.[1] as string}</after>`;
      }
      return found;
    };
    expect(await pages(field('all', '1') + field('key', BY_ADDRESS))).toEqual(['a', 'b', 'c', 'd']);
    expect(await pages(field('all', '1') + field('key', BY_USERS))).toEqual(['c', 'd', 'a', 'b']);
    expect(await pages(field('q', 'tea') + field('key', BY_ADDRESS))).toEqual(['a', 'b', 'd']);
    expect(await pages(field('q', 'tea'))).toEqual(['d', 'a', 'b']);
    expect(addresses(await ask(r, search(field('q', 'tea'), '<max>2</max><before/>')))).toEqual(['a', 'b']);
    expect(addresses(await ask(r, search(field('q', 'tea'), `<max>1</max><before>1 ${address('b')}</before>`)))).toEqual(['a']);
    same(
      await ask(r, search(field('q', 'tea'), '<max>0</max>')),
      `<result xmlns="${SEARCH}"><set xmlns="${RSM}"><count>3</count></set></result>`,
    );
    expect(await ask(r, search(field('q', 'tea'), '<index>1</index>'))).toContain('<feature-not-implemented');
    expect(await ask(r, search(field('q', 'tea'), '<after>elsewhere</after>'))).toContain('<item-not-found');
  });

  test('§6.1 where is searched: everywhere, where it is said, or everywhere but there; all words, in whatever case', async () => {
    const r = await service({
      name1: name('Green tea'),
      text1: name('Cups', { 'muc#roomconfig_roomdesc': 'of TEA, green' }),
      tea: name('Leaves'),
    });
    const found = async (fields: string): Promise<string[]> => addresses(await ask(r, search(fields + field('key', BY_ADDRESS))));
    expect(await found(field('q', 'Tea'))).toEqual(['name1', 'tea', 'text1']);
    expect(await found(field('q', 'tea GREEN'))).toEqual(['name1', 'text1']);
    expect(await found(field('q', 'tea') + field('sinname', 'true'))).toEqual(['name1']);
    expect(await found(field('q', 'tea') + field('sindescription', '1') + field('sinaddress', '1'))).toEqual(['tea', 'text1']);
    expect(await found(field('q', 'tea') + field('sinname', '0'))).toEqual(['tea', 'text1']);
    expect(await found(field('q', 'tea') + field('sinname', '0') + field('sindescription', '0') + field('sinaddress', '0'))).toEqual([]);
  });

  test('§4.2.2 the form of the example, with labels and options and in its language, and §4.2.2.1 the pages that follow it', async () => {
    const r = await service({ a: name('xmpp.org A'), b: name('xmpp.org B'), c: name('Other') });
    const asked = (page: string): string =>
      `<search xmlns="${SEARCH}"><set xmlns="${RSM}"><max>1</max>${page}</set><x xmlns="jabber:x:data" type="submit">` +
      `<field type="hidden" var="FORM_TYPE"><value>${PARAMS}</value></field>` +
      '<field var="q" type="text-single" label="Search for"><value>xmpp.org</value></field>' +
      `<field var="key" type="list-single" label="Sort results by"><value>${BY_ADDRESS}</value>` +
      `<option label="Number of online users"><value>${BY_USERS}</value></option><option label="Address"><value>${BY_ADDRESS}</value></option></field></x></search>`;
    const page = async (more: string): Promise<string> => ask(r, asked(more));
    const first = await page('');
    expect([addresses(first), /<count>(\d+)</.exec(first)?.[1]]).toEqual([['a'], '2']);
    const second = await page(`<after>${/<last>(.*)<\/last>/.exec(first)?.[1] as string}</after>`);
    expect(addresses(second)).toEqual(['b']);
    // §5: of nothing more there is an empty result, and no error.
    expect(addresses(await page(`<after>${/<last>(.*)<\/last>/.exec(second)?.[1] as string}</after>`))).toEqual([]);
  });

  test.each([
    ['in names', field('q', 'tea') + field('sinname', '1'), ['d', 'a'], ['a', 'd']],
    ['in descriptions', field('q', 'tea') + field('sindescription', '1'), ['d', 'b'], ['b', 'd']],
    ['in addresses', field('q', 'tea') + field('sinaddress', '1'), ['tea'], ['tea']],
    ['in all of them', field('q', 'tea'), ['d', 'a', 'b', 'tea'], ['a', 'b', 'd', 'tea']],
    ['all rooms, whatever the words', field('all', 'true'), ['d', 'a', 'b', 'c', 'tea'], ['a', 'b', 'c', 'd', 'tea']],
  ])('§6.1 %s: by the number of people, which is what counts without a key, and by address', async (_, fields, byPeople, byAddress) => {
    const text = (words: string) => ({ 'muc#roomconfig_roomdesc': words });
    const r = await service({ a: name('Tea'), b: name('B', text('of tea')), c: name('C'), d: name('Tea', text('tea')), tea: name('T') });
    await r.play(enter(BOB, 'd'));
    expect(addresses(await ask(r, search(fields + field('key', BY_USERS))))).toEqual(byPeople);
    expect(addresses(await ask(r, search(fields)))).toEqual(byPeople);
    expect(addresses(await ask(r, search(fields + field('key', BY_ADDRESS))))).toEqual(byAddress);
  });

  test('§4.2.2.5, §5 all rooms are for everybody who asks: nothing is rejected, and all are in the pages', async () => {
    const rooms = Object.fromEntries(['a', 'b', 'c'].map((local) => [local, name(local)]));
    const answer = await ask(await service(rooms), search(field('all', 'true')), 'get', 'stranger@elsewhere.lit/1');
    expect([addresses(answer), answer.includes('full-set-retrieval-rejected')]).toEqual([['a', 'b', 'c'], false]);
  });

  test('§5 fields that are not known are ignored; nothing found is an empty result; other kinds of rooms are not shown', async () => {
    const r = await service({ tea: name('Tea') });
    expect(addresses(await ask(r, search(field('q', 'tea') + field('min_users', '7') + field('x', 'y'))))).toEqual(['tea']);
    same(await ask(r, search(field('q', 'coffee'))), `<result xmlns="${SEARCH}"/>`);
    same(await ask(r, search(field('all', '1') + field('types', 'xep-0369'))), `<result xmlns="${SEARCH}"/>`);
    expect(addresses(await ask(r, search(field('all', '1') + field('types', 'xep-0369', 'xep-0045'))))).toEqual(['tea']);
  });

  test('§4.2.2.2 an order that is not known', async () => {
    refused(
      await ask(await service(), search(field('q', 'tea') + field('key', 'name'))),
      'modify',
      'feature-not-implemented',
      `<invalid-sort-key xmlns="${ERROR}"/>`,
    );
  });

  test.each([' ', '!? --', 'x'.repeat(201), 'a b c d e f g h i j k'])('§4.2.2.3 no word to search for, or too many: %j', async (q) => {
    refused(await ask(await service(), search(field('q', q))), 'modify', 'bad-request', `<invalid-search-terms xmlns="${ERROR}"/>`);
  });

  test('§4.2.2.4 too fast: told when to try again', async () => {
    const r = await rig({ rates: { requestsPerSecond: 10 } });
    const answers = await said(
      r,
      ...Array.from({ length: 221 }, (_, i) => `<iq from="${ANN}" to="${DOMAIN}" type="get" id="${i}">${search(field('q', 'tea'))}</iq>`),
    );
    refused(
      (answers.find((answer) => answer.includes('type="error"')) as string).replace(/id="\d+"/, 'id="q"'),
      'wait',
      'resource-constraint',
      `<rate-limit xmlns="${ERROR}" retry-after="2"/>`,
    );
  });

  test('§4.2.2.6 words and all rooms exclude each other; an empty field of words does not', async () => {
    const r = await service({ tea: name('Tea') });
    refused(
      await ask(r, search(field('q', 'tea') + field('all', 'true'))),
      'modify',
      'bad-request',
      `<conflicting-fields xmlns="${ERROR}"><var>all</var><var>q</var></conflicting-fields>`,
    );
    expect(addresses(await ask(r, search(field('q', '') + field('all', 'true'))))).toEqual(['tea']);
    expect(addresses(await ask(r, search(field('q', 'tea') + field('all', 'false'))))).toEqual(['tea']);
  });

  test('§4.2.2.7 nothing to search for', async () => {
    const own = `<no-search-conditions xmlns="${ERROR}"/>`;
    for (const fields of ['', field('key', BY_USERS), field('q', ''), field('all', '0'), field('sinname', '1')])
      refused(await ask(await service(), search(fields)), 'cancel', 'bad-request', own);
    refused(await ask(await service(), `<search xmlns="${SEARCH}">${rsm('<max>5</max>')}</search>`), 'cancel', 'bad-request', own);
  });

  test('what is no form of this kind, or says no yes or no: bad-request', async () => {
    const r = await service();
    for (const wrong of [form('jabber:iq:search', field('q', 'tea')), form(PARAMS, field('q', 'tea') + field('all', 'maybe'))])
      expect(await ask(r, `<search xmlns="${SEARCH}">${wrong}</search>`)).toMatch(/type="error".*<bad-request/);
  });
});

describe('XEP-0055', () => {
  const QUERY = 'jabber:iq:search';
  const WORDS = '{urn:parlour:service}words';
  const query = (inner: string): string => `<query xmlns="${QUERY}">${inner}</query>`;

  test('§2.1 the fields: a form, and <nick/> for clients without', async () => {
    const text = 'Find a room by words of its name, its description or its address. Clients without forms search by name.';
    same(
      await ask(await service(), query('')),
      query(
        `<instructions>${text}</instructions><nick/><x xmlns="jabber:x:data" type="form"><instructions>${text}</instructions>` +
          `<field var="FORM_TYPE" type="hidden"><value>${QUERY}</value></field><field var="${WORDS}" type="text-single" label="Words to search for"/></x>`,
      ),
    );
  });

  test('§2.1 without a form: the rooms of that name; nothing found is an empty query', async () => {
    const r = await service({ tea: name('Green tea'), cups: name('Cups', { 'muc#roomconfig_roomdesc': 'of tea' }) });
    same(
      await ask(r, query('<nick>tea</nick>'), 'set'),
      query(`<item jid="${address('tea')}"><first/><last/><nick>Green tea</nick><email/></item>`),
    );
    same(await ask(r, query('<nick>coffee</nick>'), 'set'), query(''));
    expect(await ask(r, query(''), 'set')).toMatch(/type="error".*<bad-request/);
  });

  test('§3 with the form: a table of what is found, most people first, in pages (XEP-0059)', async () => {
    const r = await service({ tea: name('Green tea'), cups: name('Cups', { 'muc#roomconfig_roomdesc': 'of tea' }) });
    await r.play(enter(BOB, 'cups'));
    const head =
      '<reported><field var="jid" type="jid-single" label="Address"/><field var="{urn:parlour:service}name" type="text-single" label="Name"/>' +
      '<field var="{urn:parlour:service}description" type="text-single" label="Description"/>' +
      '<field var="{urn:parlour:service}occupants" type="text-single" label="Occupants"/></reported>';
    const cups =
      `<item><field var="jid"><value>${address('cups')}</value></field><field var="{urn:parlour:service}name"><value>Cups</value></field>` +
      '<field var="{urn:parlour:service}description"><value>of tea</value></field><field var="{urn:parlour:service}occupants"><value>2</value></field></item>';
    same(
      await ask(r, query(form(QUERY, field(WORDS, 'tea')) + rsm('<max>1</max>')), 'set'),
      query(
        `<x xmlns="jabber:x:data" type="result">${head}${cups}</x>` +
          `<set xmlns="${RSM}"><first>2 ${address('cups')}</first><last>2 ${address('cups')}</last><count>2</count></set>`,
      ),
    );
    const next = await ask(r, query(form(QUERY, field(WORDS, 'tea')) + rsm(`<after>2 ${address('cups')}</after>`)), 'set');
    expect(next).toContain(`<value>${address('tea')}</value>`);
    expect(next).not.toContain(address('cups') + '</value>');
    expect(await ask(r, query(form(PARAMS, field(WORDS, 'tea'))), 'set')).toMatch(/type="error".*<bad-request/);
  });
});

describe('the node nonemptyrooms', () => {
  const ITEMS = 'http://jabber.org/protocol/disco#items';
  const items = (page = ''): string => `<query xmlns="${ITEMS}" node="nonemptyrooms">${rsm(page)}</query>`;

  test('listed rooms in which somebody is, in order and in pages', async () => {
    const r = await service({ a: { 'muc#roomconfig_roomname': 'A' }, b: {}, c: {}, d: { 'muc#roomconfig_publicroom': '0' } });
    await r.play(`<presence from="${ANN}" to="${address('b')}/ann" type="unavailable"/>`);
    const item = (local: string, shown: string): string => `<item jid="${address(local)}" name="${shown}"/>`;
    const query = (inner: string): string => `<query xmlns="${ITEMS}" node="nonemptyrooms">${inner}</query>`;
    same(await ask(r, items()), query(item('a', 'A') + item('c', 'c')));
    same(
      await ask(r, items('<max>1</max>')),
      query(
        `${item('a', 'A')}<set xmlns="${RSM}"><first index="0">${address('a')}</first><last>${address('a')}</last><count>2</count></set>`,
      ),
    );
    expect(await ask(r, items(`<after>${address('a')}</after>`))).toContain(`<first index="1">${address('c')}</first>`);
  });

  test('says what it is', async () => {
    same(
      await ask(await service(), '<query xmlns="http://jabber.org/protocol/disco#info" node="nonemptyrooms"/>'),
      '<query xmlns="http://jabber.org/protocol/disco#info" node="nonemptyrooms"><identity category="conference" type="text" name="Rooms with people in them"/>' +
        `<feature var="http://jabber.org/protocol/disco#info"/><feature var="${ITEMS}"/><feature var="${RSM}"/></query>`,
    );
  });
});

test('XEP-0012 §5, §6: how long the service has been running, in seconds; announced', async () => {
  const r = await service();
  same(await ask(r, '<query xmlns="jabber:iq:last"/>'), '<query xmlns="jabber:iq:last" seconds="0"/>');
  await r.clock.pass(90_500);
  same(await ask(r, '<query xmlns="jabber:iq:last"/>'), '<query xmlns="jabber:iq:last" seconds="90"/>');
  expect(await ask(r, '<query xmlns="http://jabber.org/protocol/disco#info"/>')).toContain('<feature var="jabber:iq:last"/>');
});

test('XEP-0506 §4: nobody can write to the service itself, which says so, and answers with an error', async () => {
  const r = await service();
  expect(await ask(r, '<query xmlns="http://jabber.org/protocol/disco#info"/>')).toContain('<feature var="urn:xmpp:noreply:0"/>');
  const [answer] = await said(r, `<message from="${ANN}" to="${DOMAIN}" type="chat" id="m"><body>hello?</body></message>`);
  expect(answer).toMatch(/^<message [^>]*type="error"[^>]*>.*<service-unavailable/);
});
