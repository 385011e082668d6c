/** Requests from one occupant to another, which the room passes on: XEP-0045 §17.4. */
import type { RelayIq } from '../../src/room/contract/machine';
import { conversation, type Conversation } from '../support/conversation';
import { coven, crone, hag, hecate, iq, join, refusal, result, ROOM, wicca } from './expected';
import { asRoom } from '../support/jids';

const VERSION = '<query xmlns="jabber:iq:version"/>';
const VCARD = '<vCard xmlns="vcard-temp"/>';
const SECOND = asRoom(`${ROOM}/secondwitch`);
const THIRD = asRoom(`${ROOM}/thirdwitch`);

/** A request as the one who is asked gets it. */
const passed = (to: string, payload: string, n = 1, type = 'get', from = THIRD): string =>
  `<iq from="${from}" to="${to}" type="${type}" id="relay-${n}">${payload}</iq>`;

const answer = (c: Conversation, from: string, payload: string, n = 1, type = 'result'): void => {
  c.send(`<iq from="${from}" to="${THIRD}" type="${type}" id="relay-${n}">${payload}</iq>`);
};

const errorXml = (type: string, condition: string, text = '', by = ''): string =>
  `<error type="${type}"${by}><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>${text}</error>`;

describe('§17.4 requests to occupants', () => {
  test('neither learns the other’s JID, nor the id the other uses', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, hag, 'get', 'v1', VERSION, SECOND);
    c.expect(passed(wicca, VERSION));
    answer(c, wicca, '<query xmlns="jabber:iq:version"><name>Cauldron</name></query>');
    c.expect(result(hag, 'v1', '<query xmlns="jabber:iq:version"><name>Cauldron</name></query>', SECOND));
  });

  test.each(['info', 'items'])('§6.6 %s of an occupant: their client is asked, and its answer comes back', (kind) => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const query = `<query xmlns="http://jabber.org/protocol/disco#${kind}"/>`;
    iq(c, hag, 'get', 'disco6', query, SECOND);
    c.expect(passed(wicca, query));
    answer(c, wicca, query);
    c.expect(result(hag, 'disco6', query, SECOND));
  });

  test('§6.7 which rooms an occupant is in: their client is asked, and its answer comes back', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const rooms = (items: string): string =>
      `<query xmlns="http://jabber.org/protocol/disco#items" node="http://jabber.org/protocol/muc#rooms">${items}</query>`;
    iq(c, hag, 'get', 'rooms1', rooms(''), SECOND);
    c.expect(passed(wicca, rooms('')));
    const heath = '<item jid="heath@chat.shakespeare.lit"/>';
    answer(c, wicca, rooms(heath));
    c.expect(result(hag, 'rooms1', rooms(heath), SECOND));
  });

  test('§14.5, of the kind of D: an answer that names the real JID names the occupant instead, in attributes and texts, however it is spelt', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const items = (publisher: string, text: string): string =>
      `<pubsub xmlns="http://jabber.org/protocol/pubsub"><items node="n"><item id="1" publisher="${publisher}"><jid>${text}</jid></item></items></pubsub>`;
    const ask = '<pubsub xmlns="http://jabber.org/protocol/pubsub"><items node="n"/></pubsub>';
    iq(c, hag, 'get', 'p1', ask, SECOND);
    c.forget();
    const account = wicca.slice(0, wicca.indexOf('/'));
    answer(c, account, items(wicca, account.toUpperCase()));
    c.expect(result(hag, 'p1', items(SECOND, SECOND), SECOND));
  });

  test('a set is passed on too', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const offer = '<offer xmlns="urn:example:offer"><eye of="newt"/></offer>';
    iq(c, hag, 'set', 's1', offer, SECOND);
    c.expect(passed(wicca, offer, 1, 'set'));
    answer(c, wicca, '');
    c.expect(result(hag, 's1', '', SECOND));
  });

  test('two requests at once, answered in the other order', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, hag, 'get', 'same', VERSION, SECOND);
    iq(c, hag, 'get', 'same', VERSION, asRoom(`${ROOM}/firstwitch`));
    c.expect(passed(wicca, VERSION, 1), passed(crone, VERSION, 2));
    answer(c, crone, '<one xmlns="urn:x"/>', 2);
    answer(c, wicca, '<two xmlns="urn:x"/>', 1);
    c.expect(
      result(hag, 'same', '<one xmlns="urn:x"/>', asRoom(`${ROOM}/firstwitch`)),
      result(hag, 'same', '<two xmlns="urn:x"/>', SECOND),
    );
  });

  test.each([
    ['a vCard', VCARD],
    ['a vCard4', '<vcard xmlns="urn:ietf:params:xml:ns:vcard-4.0"/>'],
    ['a node of personal eventing', '<pubsub xmlns="http://jabber.org/protocol/pubsub"><items node="urn:xmpp:avatar:data"/></pubsub>'],
  ])('%s is asked of the account: its bare JID', (_what, payload) => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, hag, 'get', 'v1', payload, SECOND);
    c.expect(passed('wiccarocks@shakespeare.lit', payload));
    answer(c, 'wiccarocks@shakespeare.lit', payload);
    c.expect(result(hag, 'v1', payload, SECOND));
    iq(c, hag, 'set', 'v2', payload, SECOND);
    c.expect(refusal('iq', SECOND, hag, 'v2', 'cancel', 'not-allowed'));
  });

  test('everything else is asked of the most available session', () => {
    const c = coven(['thirdwitch']);
    const phone = 'wiccarocks@shakespeare.lit/phone';
    join(c, wicca, 'secondwitch', '', '<priority>1</priority>');
    join(c, phone, 'secondwitch', '', '<priority>5</priority>');
    c.forget();
    iq(c, hag, 'get', 'v1', VERSION, SECOND);
    c.expect(passed(phone, VERSION, 1));
    c.send(`<presence from="${phone}" to="${SECOND}"><priority>-1</priority></presence>`);
    c.forget();
    iq(c, hag, 'get', 'v2', VERSION, SECOND);
    c.expect(passed(wicca, VERSION, 2));
  });

  test('an error is passed on by its condition and type; its words name nobody’s real JID', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, hag, 'get', 'v1', VERSION, SECOND);
    c.forget();
    const text = `<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">${wicca} of wiccarocks@shakespeare.lit is away</text>`;
    answer(c, wicca, VERSION + errorXml('wait', 'recipient-unavailable', text, ' by="wiccarocks@shakespeare.lit"'), 1, 'error');
    const [reply] = c.take();
    expect(reply).not.toContain('wiccarocks');
    expect(reply).toContain(`<error type="wait" by="${ROOM}"><recipient-unavailable`);
    expect(reply).toContain(`${SECOND} of ${SECOND} is away`);
    expect(reply).toContain(`from="${SECOND}" to="${hag}" type="error" id="v1"`);
  });

  test('nor does a nick that means something in replacing', () => {
    const c = coven(['thirdwitch']);
    const odd = asRoom(`${ROOM}/the $& witch`);
    c.send(`<presence from="${hag}" to="${odd}"/>`);
    iq(c, crone, 'get', 'v1', VERSION, odd);
    c.forget();
    answer(
      c,
      hag,
      errorXml('wait', 'recipient-unavailable', `<text xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">${hag} is away</text>`),
      1,
      'error',
    );
    expect(c.take()[0]).toContain('>coven@chat.shakespeare.lit/the $&amp; witch is away<');
  });

  test.each([
    ['a client that does not know it', errorXml('cancel', 'service-unavailable'), 'cancel', 'service-unavailable'],
    ['an error that says nothing', '', 'cancel', 'undefined-condition'],
    ['a type that is none', errorXml('sudden', 'forbidden'), 'auth', 'forbidden'],
    ['a redirect, whose address is left out', errorXml('modify', 'redirect').replace('/></error>', '>xmpp:wiccarocks@shakespeare.lit</redirect></error>'), 'modify', 'redirect'], // prettier-ignore
  ])('%s', (_what, content, type, condition) => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, hag, 'get', 'v1', VERSION, SECOND);
    c.forget();
    answer(c, wicca, content, 1, 'error');
    c.expect(refusal('iq', SECOND, hag, 'v1', type, condition));
  });

  test('no answer in time: remote-server-timeout', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, hag, 'get', 'v1', VERSION, SECOND);
    c.forget();
    c.timeOut('relay-1');
    c.expect(refusal('iq', SECOND, hag, 'v1', 'wait', 'remote-server-timeout'));
  });

  test('too many under way: resource-constraint; the link lost meanwhile: remote-server-timeout', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    const effect: RelayIq = {
      kind: 'relay-iq',
      from: THIRD,
      to: wicca,
      type: 'get',
      payload: VERSION,
      asker: hag,
      id: 'v1',
      asked: SECOND,
    };
    c.input(ROOM, { kind: 'relayed', effect, answer: { type: 'busy' } });
    c.expect(refusal('iq', SECOND, hag, 'v1', 'wait', 'resource-constraint'));
    c.input(ROOM, { kind: 'relayed', effect, answer: { type: 'offline' } });
    c.expect(refusal('iq', SECOND, hag, 'v1', 'wait', 'remote-server-timeout'));
  });

  test('the person asked may have left meanwhile, and the asker changed nick: the answer still comes', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, hag, 'get', 'v1', VERSION, SECOND);
    c.send(`<presence from="${hag}" to="${ROOM}/oldhag"/>`);
    c.send(`<presence from="${wicca}" to="${SECOND}" type="unavailable"/>`);
    c.forget();
    answer(c, wicca, VERSION);
    c.expect(result(hag, 'v1', VERSION, SECOND));
  });

  test('muc#roomconfig_allowqueryusers off: not-allowed, but for vCards and avatars', () => {
    const c = coven(['secondwitch', 'thirdwitch'], { 'muc#roomconfig_allowqueryusers': '0' });
    iq(c, hag, 'get', 'v1', VERSION, SECOND);
    c.expect(refusal('iq', SECOND, hag, 'v1', 'cancel', 'not-allowed'));
    iq(c, hag, 'get', 'v2', VCARD, SECOND);
    c.expect(passed('wiccarocks@shakespeare.lit', VCARD));
  });

  test('from somebody outside: not-acceptable; to nobody: item-not-found', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, hecate, 'get', 'v1', VERSION, SECOND);
    c.expect(refusal('iq', SECOND, hecate, 'v1', 'cancel', 'not-acceptable'));
    iq(c, hag, 'get', 'v2', VERSION, asRoom(`${ROOM}/pistol`));
    c.expect(refusal('iq', `${ROOM}/pistol`, hag, 'v2', 'cancel', 'item-not-found'));
  });

  test('to one’s own nick: passed on like any other, a ping answered by the room (XEP-0410)', () => {
    const c = coven(['thirdwitch']);
    iq(c, hag, 'get', 'v1', VERSION, THIRD);
    c.expect(passed(hag, VERSION));
    answer(c, hag, VERSION);
    c.expect(result(hag, 'v1', VERSION, THIRD));
    iq(c, hag, 'get', 'p1', '<ping xmlns="urn:xmpp:ping"/>', THIRD);
    c.expect(result(hag, 'p1', '', THIRD));
  });

  test('without payload, or with two: bad-request', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    iq(c, hag, 'get', 'v1', '', SECOND);
    iq(c, hag, 'get', 'v2', VERSION + VERSION, SECOND);
    c.expect(refusal('iq', SECOND, hag, 'v1', 'modify', 'bad-request'), refusal('iq', SECOND, hag, 'v2', 'modify', 'bad-request'));
  });

  test('to somebody in a room that does not exist: not-acceptable, as for any who is not in', () => {
    const c = conversation();
    iq(c, hag, 'get', 'v1', VERSION, SECOND);
    c.expect(refusal('iq', SECOND, hag, 'v1', 'cancel', 'not-acceptable'));
  });
});
