/** Asking a room’s archive: what a result is, the form, metadata and discovery (XEP-0313 §4, §5, §7; XEP-0431). */
import { coven, crone, hag, hecate, iq, refusal, result as iqResult, ROOM, submit, wicca } from './expected';
import { answerTo, ask, fin, MAM, query, result, says, stanzaIdOf } from './archive-stanzas';

const refuses = (to: string, type: string, condition: string, id = 'q'): string => refusal('iq', ROOM, to, id, type, condition);

describe('XEP-0313 §4 a query and its results', () => {
  test('XEP-0313 §4 Examples 2-4, 17 and 27: each message as it was said, wrapped, in order; then the end', () => {
    const c = coven(['thirdwitch']);
    const [one, two] = says(c, hag, 'Thrice the brinded cat hath mew’d.', 'Thrice and once the hedge-pig whined.') as [string, string];
    ask(c, hag, { queryid: 'g27' });
    c.expect(
      result(hag, {
        nick: 'thirdwitch',
        id: one,
        payload: '<body>Thrice the brinded cat hath mew’d.</body>',
        clientId: 'c0',
        queryid: 'g27',
      }),
      result(hag, {
        ...{ nick: 'thirdwitch', id: two, payload: '<body>Thrice and once the hedge-pig whined.</body>', clientId: 'c1' },
        queryid: 'g27',
      }),
      fin(hag, { complete: true, first: one, index: 0, last: two, count: 2 }),
    );
  });

  test('without queryid the results have none; an archive with nothing in it is no error (§4.1)', () => {
    const c = coven();
    ask(c, hecate);
    c.expect(fin(hecate, { complete: true, count: 0 }));
    const [id] = says(c, crone, 'x') as [string];
    ask(c, hecate);
    c.expect(
      result(hecate, { nick: 'firstwitch', id, payload: '<body>x</body>', clientId: 'c0' }),
      fin(hecate, { complete: true, first: id, index: 0, last: id, count: 1 }),
    );
  });

  test('§4.2 the stamp is when it was said; language, client’s id and any payload are there; the client’s own muc#user and ids of the room are not', () => {
    const c = coven(['thirdwitch']);
    c.advance(86_400_000);
    const payload = '<body>Grüße &amp; &lt;more&gt; 😀</body><future xmlns="urn:example:future"><deep>x</deep></future>';
    const forged =
      `<stanza-id xmlns="urn:xmpp:sid:0" id="forged" by="${ROOM}"/><occupant-id xmlns="urn:xmpp:occupant-id:0" id="forged"/>` +
      `<x xmlns="http://jabber.org/protocol/muc#user"><item jid="wiccarocks@shakespeare.lit/laptop"/></x>`;
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="a1" xml:lang="de">${payload}${forged}</message>`);
    const id = stanzaIdOf(c.take()[0] as string);
    ask(c, wicca);
    const [found, end] = c.take() as [string, string];
    expect(/stamp="([^"]*)"/.exec(found)?.[1]).toMatch(/^2026-01-02T00:00:00(\.\d+)?Z$/);
    // The admin, who is not even in the room, sees whose it was.
    expect(found).toContain(`<x xmlns="http://jabber.org/protocol/muc#user"><item jid="${hag}"/></x>`);
    expect(found).not.toContain('forged');
    expect(end).toContain('complete="true"');
    ask(c, hecate);
    c.expect(
      result(hecate, { nick: 'thirdwitch', id, payload, clientId: 'a1', lang: 'de' }),
      fin(hecate, { complete: true, first: id, index: 0, last: id, count: 1 }),
    );
  });

  test('§6.1.2 subjects are in it; private messages, chat states and refused messages are not', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_moderatedroom': '0', 'muc#roomconfig_changesubject': '1' });
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="s"><subject>Fire burn</subject></message>`);
    c.send(`<message from="${hag}" to="${ROOM}/firstwitch" type="chat" id="p"><body>psst</body></message>`);
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat"><composing xmlns="http://jabber.org/protocol/chatstates"/></message>`);
    c.send(`<message from="${hecate}" to="${ROOM}" type="groupchat" id="o"><body>from outside</body></message>`);
    says(c, hag, 'kept');
    ask(c, hag);
    const said = c.take().join('');
    expect(said).toContain('<subject>Fire burn</subject>');
    expect(said).toContain('<body>kept</body>');
    expect(said).toContain('<count>2</count>');
  });

  test('§9 history that an owner brought keeps its own time, beside that of its archiving', () => {
    const c = coven();
    c.send(
      `<message from="${crone}" to="${ROOM}" type="groupchat" id="old"><body>long ago</body>` +
        `<delay xmlns="urn:xmpp:delay" from="friend@shakespeare.lit" stamp="2001-01-01T00:00:00Z"/></message>`,
    );
    c.forget();
    ask(c, crone);
    const [found] = c.take() as [string];
    expect(found.match(/stamp="20(26|01)/g)).toEqual(['stamp="2026', 'stamp="2001']);
  });

  test('§6.1.3 a node is for pubsub: item-not-found', () => {
    const c = coven();
    iq(c, crone, 'set', 'q', `<query xmlns="${MAM}" node="news"/>`);
    c.expect(refuses(crone, 'cancel', 'item-not-found'));
  });

  test('a queryid that is longer than any client needs is not repeated with every result', () => {
    const c = coven();
    ask(c, crone, { queryid: 'x'.repeat(1001) });
    c.expect(refuses(crone, 'modify', 'not-acceptable'));
  });

  test('XEP-0441 preferences: a room has none of anybody’s own', () => {
    const c = coven();
    iq(c, crone, 'get', 'p', `<prefs xmlns="${MAM}"/>`);
    c.expect(refuses(crone, 'cancel', 'feature-not-implemented', 'p'));
  });
});

describe('XEP-0313 §4.1.4-4.1.5, XEP-0431 the form', () => {
  test('XEP-0313 §4.1.5 Examples 14-15 its fields, none required, ids open to any value', () => {
    const c = coven();
    iq(c, hecate, 'get', 'form1', `<query xmlns="${MAM}"/>`);
    const field = (name: string, type: string, label: string, inner = ''): string =>
      `<field var="${name}" type="${type}" label="${label}">${inner}</field>`;
    c.expect(
      iqResult(
        hecate,
        'form1',
        `<query xmlns="${MAM}"><x xmlns="jabber:x:data" type="form"><field var="FORM_TYPE" type="hidden"><value>${MAM}</value></field>` +
          field('with', 'jid-single', 'From this person') +
          field('start', 'text-single', 'Not before this time') +
          field('end', 'text-single', 'Not after this time') +
          field('before-id', 'text-single', 'Before the message with this id') +
          field('after-id', 'text-single', 'After the message with this id') +
          field(
            'ids',
            'list-multi',
            'Messages with these ids',
            '<validate xmlns="http://jabber.org/protocol/xdata-validate" datatype="xs:string"><open/></validate>',
          ) +
          ['{urn:xmpp:fulltext:0}fulltext', 'fulltext', 'withtext', 'search', 'full-text-search']
            .map((name) => field(name, 'text-single', 'With these words'))
            .join('') +
          '</x></query>',
      ),
    );
  });

  test('XEP-0313 §4.1.5 Example 16 a discovered field: words, by its name here and elsewhere, with other filters', () => {
    const c = coven(['thirdwitch']);
    says(c, crone, 'Where art thou, my Juliet?', 'Where is the cat?');
    says(c, hag, 'The cat is here.');
    for (const field of ['{urn:xmpp:fulltext:0}fulltext', 'fulltext', 'withtext', 'search', 'full-text-search']) {
      expect(answerTo(c, hecate, { fields: { [field]: 'CAT' } })).toMatchObject({
        bodies: ['Where is the cat?', 'The cat is here.'],
        count: 2,
      });
    }
    expect(answerTo(c, hag, { fields: { search: 'cat', with: `${ROOM}/thirdwitch` } }).bodies).toEqual(['The cat is here.']);
    expect(answerTo(c, hag, { fields: { search: 'cat', withtext: 'where' } }).bodies).toEqual(['Where is the cat?']);
    expect(answerTo(c, hag, { fields: { search: 'cat', withtext: 'cat' } }).bodies).toHaveLength(2);
    expect(answerTo(c, hag, { fields: { search: 'dog' } })).toMatchObject({ bodies: [], complete: true, count: 0 });
    // XEP-0431 §2.2: only "if non-empty".
    expect(answerTo(c, hag, { fields: { '{urn:xmpp:fulltext:0}fulltext': '' } }).bodies).toHaveLength(3);
  });

  test.each(['include-groupchat', '{http://example.com/}stanza-content', 'order'])(
    'a field that is not in it (%s): feature-not-implemented',
    (field) => {
      const c = coven();
      ask(c, crone, { fields: { [field]: 'true' } });
      c.expect(refuses(crone, 'cancel', 'feature-not-implemented'));
    },
  );

  test.each([
    ['two values where one may be', { start: ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'] }, 'start'],
    ['two people', { with: ['a@shakespeare.lit', 'b@shakespeare.lit'] }, 'with'],
  ])('%s: bad-request, which names the field', (_, fields, name) => {
    const c = coven();
    ask(c, crone, { fields });
    const [reply] = c.take() as [string];
    expect(reply).toContain('<bad-request');
    expect(reply).toContain(name);
  });

  test.each([
    ['another FORM_TYPE', query({ fields: {} }).replace(`<value>${MAM}`, '<value>urn:xmpp:mam:1')],
    ['no FORM_TYPE', query({ fields: {} }).replace(/<field var="FORM_TYPE".*?<\/field>/, '')],
    ['a form that is not submitted', query({ fields: {} }).replace('type="submit"', 'type="cancel"')],
    ['a form without a type', query({ fields: {} }).replace(' type="submit"', '')],
    ['a field twice', query({ fields: {} }).replace('</x>', '<field var="start"/><field var="start"/></x>')],
  ])('%s: bad-request', (_, payload) => {
    const c = coven();
    iq(c, crone, 'set', 'q', payload);
    c.expect(refuses(crone, 'modify', 'bad-request'));
  });

  test('more words than anybody types', () => {
    const c = coven();
    ask(c, crone, { fields: { search: 'x'.repeat(1001) } });
    c.expect(refuses(crone, 'modify', 'not-acceptable'));
  });
});

describe('XEP-0313 §5 metadata', () => {
  test('XEP-0313 §5 Examples 25-26 the first and the last message; nothing of an empty archive', () => {
    const c = coven();
    iq(c, hecate, 'get', 'm', `<metadata xmlns="${MAM}"/>`);
    c.expect(iqResult(hecate, 'm', `<metadata xmlns="${MAM}"/>`));
    const ids = says(c, crone, 'a', 'b', 'c');
    iq(c, hecate, 'get', 'm', `<metadata xmlns="${MAM}"/>`);
    const end = (name: string, id: string): string => `<${name} id="${id}" timestamp="{stamp}"/>`;
    c.expect(iqResult(hecate, 'm', `<metadata xmlns="${MAM}">${end('start', ids[0] as string)}${end('end', ids[2] as string)}</metadata>`));
  });

  test('it cannot be set', () => {
    const c = coven();
    iq(c, crone, 'set', 'm', `<metadata xmlns="${MAM}"/>`);
    c.expect(refuses(crone, 'modify', 'bad-request', 'm'));
  });
});

describe('XEP-0313 §7, XEP-0431 §2.1, XEP-0059 §4 discovery', () => {
  const RSM = 'http://jabber.org/protocol/rsm';
  const FEATURES = ['urn:xmpp:mam:2', 'urn:xmpp:mam:2#extended', 'urn:xmpp:fulltext:0', RSM];
  const INFO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';
  const announced = (c: ReturnType<typeof coven>): string[] => {
    iq(c, hecate, 'get', 'd', INFO);
    const reply = c.take().join('');
    return FEATURES.filter((feature) => reply.includes(`<feature var="${feature}"/>`));
  };

  test('XEP-0313 §7 Examples 28-29 the features, where something is kept or was', () => {
    const off = { 'muc#roomconfig_enablearchiving': '0' };
    expect(announced(coven())).toEqual(FEATURES);
    // The list of occupants comes in pages in any room.
    expect(announced(coven([], off))).toEqual([RSM]);
    const c = coven();
    says(c, crone, 'kept');
    iq(c, crone, 'set', 'o', submit(off));
    expect(announced(c)).toEqual(FEATURES);
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="n"><body>not kept</body></message>`);
    expect(c.take().join('')).not.toContain('stanza-id');
    expect(answerTo(c, crone).bodies).toEqual(['kept']);
  });
});
