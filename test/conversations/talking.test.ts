/** Messages to everybody, to one, and the subject: XEP-0045 §7.4, §7.5, §8.1; XEP-0421, XEP-0359. */
import { admin, coven, crone, hag, hecate, iq, message, refusal, ROOM, wicca } from './expected';

const say = (from: string, payload: string, id = 'hysf1v37'): string =>
  `<message from="${from}" to="${ROOM}" type="groupchat" id="${id}">${payload}</message>`;
const BODY = "<body>Harpier cries: 'tis time, 'tis time.</body>";

describe('§7.4 messages to everybody', () => {
  test('Examples 44-45 reflected to all with the sender’s id, one stanza-id and the sender’s occupant-id', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    c.send(say(hag, BODY));
    c.expect(...[crone, wicca, hag].map((to) => message('thirdwitch', to, BODY, 'tis-time', { id: 'hysf1v37' })));
  });

  test('a body in any script, mark-up characters and unknown extensions pass unchanged', () => {
    const c = coven();
    const payload =
      '<body>a &lt;b&gt; &amp; "c" 😀 Привет 日本</body><future xmlns="urn:example:future" a="1&quot;2"><deep>x</deep></future>';
    c.send(say(crone, payload));
    c.expect(message('firstwitch', crone, payload, 'script', { id: 'hysf1v37' }));
  });

  test('chat states are passed on and not archived: no stanza-id', () => {
    const c = coven();
    const composing = '<composing xmlns="http://jabber.org/protocol/chatstates"/>';
    c.send(say(crone, composing));
    c.expect(message('firstwitch', crone, composing, null, { id: 'hysf1v37' }));
  });

  test('XEP-0359 §3, XEP-0421 §4: forged ids of the room are taken away, foreign ones stay', () => {
    const c = coven();
    const foreign = '<stanza-id xmlns="urn:xmpp:sid:0" id="x" by="elsewhere.example"/><origin-id xmlns="urn:xmpp:sid:0" id="o"/>';
    c.send(
      say(
        crone,
        `${BODY}<stanza-id xmlns="urn:xmpp:sid:0" id="forged" by="${ROOM}"/>${foreign}<occupant-id xmlns="urn:xmpp:occupant-id:0" id="forged"/><x xmlns="http://jabber.org/protocol/muc#user"><status code="110"/></x>`,
      ),
    );
    c.expect(message('firstwitch', crone, `${BODY}${foreign}`, 'forged', { id: 'hysf1v37' }));
  });

  test('from somebody outside: not-acceptable; to a room that does not exist: item-not-found', () => {
    const c = coven();
    c.send(say(hecate, BODY));
    c.expect(refusal('message', ROOM, hecate, 'hysf1v37', 'modify', 'not-acceptable', BODY));
    c.send(`<message from="${hecate}" to="nowhere@chat.shakespeare.lit" type="groupchat" id="1"/>`);
    const [reply] = c.take();
    expect(reply).toContain('<item-not-found');
  });

  test('a visitor in a moderated room: forbidden, and nobody gets it', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_moderatedroom': '1' });
    c.send(say(hag, BODY));
    c.expect(refusal('message', ROOM, hag, 'hysf1v37', 'auth', 'forbidden', BODY));
  });

  test('an error is never answered', () => {
    const c = coven();
    c.send(
      `<message from="${hecate}" to="${ROOM}" type="error" id="e"><error type="cancel"><gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></message>`,
    );
    c.expect();
  });
});

describe('§7.5 private messages', () => {
  const to = `${ROOM}/firstwitch`;
  const pm = (from: string, type = 'chat', address = to): string =>
    `<message from="${from}" to="${address}" type="${type}" id="hgn27af1"><body>I'll give thee a wind.</body></message>`;
  const body = "<body>I'll give thee a wind.</body>";

  test('Examples 46-47 to all sessions of one occupant, with muc#user and occupant-id', () => {
    const c = coven(['secondwitch']);
    // As clients mark it themselves (Example 46): the recipient gets one mark, not two.
    c.send(pm(wicca).replace('</body>', '</body><x xmlns="http://jabber.org/protocol/muc#user"/>'));
    c.expect(
      `<message from="${ROOM}/secondwitch" to="${crone}" type="chat" id="hgn27af1">${body}<x xmlns="http://jabber.org/protocol/muc#user"/><occupant-id xmlns="urn:xmpp:occupant-id:0" id="{occ:secondwitch}"/></message>`,
    );
  });

  test('Example 48 of type groupchat: bad-request; to nobody: item-not-found; from outside: not-acceptable', () => {
    const c = coven(['secondwitch']);
    c.send(pm(wicca, 'groupchat'));
    c.expect(refusal('message', to, wicca, 'hgn27af1', 'modify', 'bad-request', body));
    c.send(pm(wicca, 'chat', `${ROOM}/nobody`));
    c.expect(refusal('message', `${ROOM}/nobody`, wicca, 'hgn27af1', 'cancel', 'item-not-found', body));
    c.send(pm(hecate));
    c.expect(refusal('message', to, hecate, 'hgn27af1', 'modify', 'not-acceptable', body));
  });

  test('muc#roomconfig_allowpm: forbidden to those it leaves out', () => {
    const c = coven(['secondwitch', 'thirdwitch'], { 'muc#roomconfig_allowpm': 'moderators' });
    c.send(pm(hag));
    c.expect(refusal('message', to, hag, 'hgn27af1', 'auth', 'forbidden', body));
    c.send(pm(wicca));
    expect(c.take()).toHaveLength(1);
  });
});

describe('§8.1 the subject', () => {
  const FIRE = '<subject>Fire Burn and Cauldron Bubble!</subject>';

  test('Examples 84-85 a moderator’s is reflected to all from their occupant JID', () => {
    const c = coven(['secondwitch']);
    c.send(say(wicca, FIRE, 'lh2bs617'));
    c.expect(...[crone, wicca].map((to) => message('secondwitch', to, FIRE, 'fire', { id: 'lh2bs617' })));
  });

  test('Example 87 without the right: forbidden, with the subject in the error', () => {
    const c = coven(['thirdwitch']);
    c.send(say(hag, FIRE, 'lh2bs617'));
    c.expect(refusal('message', ROOM, hag, 'lh2bs617', 'auth', 'forbidden', FIRE));
  });

  test('muc#roomconfig_changesubject lets participants, but not visitors', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_changesubject': '1' });
    c.send(say(hag, FIRE));
    expect(c.take()).toHaveLength(2);
    iq(c, crone, 'set', 'v', admin('<item nick="thirdwitch" role="visitor"/>'));
    c.forget();
    c.send(say(hag, FIRE));
    c.expect(refusal('message', ROOM, hag, 'hysf1v37', 'auth', 'forbidden', FIRE));
  });

  test('Example 88 an empty one clears it; with a body or thread it is no change of subject', () => {
    const c = coven();
    c.send(say(crone, FIRE));
    c.send(say(crone, '<subject>x</subject><body>y</body>'));
    c.send(say(crone, '<subject>x</subject><thread>y</thread>'));
    c.forget();
    c.send(
      `<presence from="${hag}" to="${ROOM}/thirdwitch"><x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x></presence>`,
    );
    expect(c.take().at(-1)).toContain(FIRE);
    c.send(say(crone, '<subject/>'));
    c.expect(...[crone, hag].map((to) => message('firstwitch', to, '<subject/>', 'clear', { id: 'hysf1v37' })));
  });

  test('a joiner is told its language too', () => {
    const c = coven();
    c.send(
      `<message from="${crone}" to="${ROOM}" type="groupchat" xml:lang="de"><subject>Feuer</subject><subject xml:lang="en">Fire</subject></message>`,
    );
    c.forget();
    c.send(
      `<presence from="${hag}" to="${ROOM}/thirdwitch"><x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x></presence>`,
    );
    expect(c.take().at(-1)).toContain('type="groupchat" xml:lang="de"><subject>Feuer</subject><subject xml:lang="en">Fire</subject>');
  });

  test('survives a restart', () => {
    const c = coven();
    c.send(say(crone, FIRE));
    c.restart();
    c.forget();
    c.send(
      `<presence from="${hag}" to="${ROOM}/thirdwitch"><x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x></presence>`,
    );
    expect(c.take().at(-1)).toContain(FIRE);
  });
});
