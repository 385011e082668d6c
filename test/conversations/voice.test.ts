/** Voice requests and their approval (XEP-0045 §7.13, §8.6), and messages that wait for a moderator (§18.1). */
import type { Conversation } from '../support/conversation';
import { answerTo, ask } from './archive-stanzas';
import { coven, crone, hag, iq, join, message, presence, refusal, ROOM, submit, wicca } from './expected';

const REQUEST = 'http://jabber.org/protocol/muc#request';
const fieldXml = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
const form = (type: string, fields: string, formType = REQUEST): string =>
  `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${formType}</value></field>${fields}</x>`.replace('submit', type);
const send = (c: Conversation, from: string, inner: string, id = 'yd53c486'): void =>
  c.send(`<message from="${from}" id="${id}" to="${ROOM}">${inner}</message>`);
const VOICE = form('submit', fieldXml('muc#role', 'participant'));
const ANSWER = (allow: string): string =>
  form(
    'submit',
    fieldXml('muc#role', 'participant') +
      fieldXml('muc#jid', hag) +
      fieldXml('muc#roomnick', 'thirdwitch') +
      fieldXml('muc#request_allow', allow),
  );
const shown = (to: string): string =>
  `<message from="${ROOM}" to="${to}"><x xmlns="jabber:x:data" type="form"><title>{text}</title><instructions>{text}</instructions>` +
  `<field var="FORM_TYPE" type="hidden"><value>${REQUEST}</value></field>` +
  '<field var="muc#role" type="list-single" label="Requested role"><value>participant</value><option label="{text}"><value>participant</value></option></field>' +
  `<field var="muc#jid" type="jid-single" label="User ID"><value>${hag}</value></field>` +
  '<field var="muc#roomnick" type="text-single" label="Room nickname"><value>thirdwitch</value></field>' +
  '<field var="muc#request_allow" type="boolean" label="Grant voice to this person?"><value>0</value></field></x>' +
  '<no-permanent-store xmlns="urn:xmpp:hints"/></message>';
const moderated = (more: Record<string, string> = {}): Conversation =>
  coven(['thirdwitch'], { 'muc#roomconfig_moderatedroom': '1', 'muc#roomconfig_persistentroom': '1', ...more });

describe('§7.13, §8.6 voice requests', () => {
  test('Examples 79, 108, 109: asked by a visitor, shown to moderators, granted', () => {
    const c = moderated();
    send(c, hag, VOICE);
    c.expect(shown(crone));
    send(c, crone, ANSWER('true'), 'approve');
    const inItem = '<actor nick="firstwitch"/>';
    const item = { affiliation: 'none', role: 'participant' };
    c.expect(presence('thirdwitch', crone, { ...item, jid: hag }, { inItem }), presence('thirdwitch', hag, item, { inItem, codes: [110] }));
  });

  test('a moderator who comes later is shown what waits, also after a restart', () => {
    const c = moderated();
    send(c, hag, VOICE);
    c.restart();
    c.forget();
    join(c, wicca, 'secondwitch');
    expect(c.take().filter((stanza) => stanza.includes(REQUEST))).toHaveLength(1);
  });

  test('denied: the asker is told; answered twice: nothing more happens', () => {
    const c = moderated();
    send(c, hag, VOICE);
    c.forget();
    send(c, crone, ANSWER('0'));
    c.expect(`<message from="${ROOM}" to="${hag}"><body>{text}</body></message>`);
    send(c, crone, ANSWER('0'));
    c.expect();
  });

  test('too soon again: resource-constraint, wait; later it is passed on', () => {
    const c = moderated({ 'muc#roomconfig_voicerequestmininterval': '60' });
    send(c, hag, VOICE);
    c.forget();
    send(c, hag, VOICE);
    c.expect(refusal('message', ROOM, hag, 'yd53c486', 'wait', 'resource-constraint', VOICE));
    c.advance(60_000);
    send(c, hag, VOICE);
    c.expect(shown(crone));
  });

  test('where the room takes none: forbidden; from those with voice: conflict; from outside: not-acceptable; another role: bad-request', () => {
    const c = moderated({ 'muc#roomconfig_allowvoicerequests': '0' });
    send(c, hag, VOICE);
    c.expect(refusal('message', ROOM, hag, 'yd53c486', 'auth', 'forbidden', VOICE));
    send(c, crone, VOICE);
    c.expect(refusal('message', ROOM, crone, 'yd53c486', 'cancel', 'conflict', VOICE));
    send(c, wicca, VOICE);
    c.expect(refusal('message', ROOM, wicca, 'yd53c486', 'modify', 'not-acceptable', VOICE));
    const moderator = form('submit', fieldXml('muc#role', 'moderator'));
    send(c, hag, moderator);
    c.expect(refusal('message', ROOM, hag, 'yd53c486', 'modify', 'bad-request', moderator));
  });

  test('granted after the asker has left: not to somebody else who uses the nick by then', () => {
    const c = moderated();
    send(c, hag, VOICE);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    join(c, wicca, 'thirdwitch');
    c.forget();
    send(c, crone, ANSWER('1'));
    c.expect(refusal('message', ROOM, crone, 'yd53c486', 'cancel', 'item-not-found', ANSWER('1')));
  });

  test('granted after the asker’s session has left: to the asker, if another of their sessions is in', () => {
    const c = moderated();
    send(c, hag, VOICE);
    join(c, 'hag66@shakespeare.lit/phone', 'thirdwitch');
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.send(`<presence from="hag66@shakespeare.lit/phone" to="${ROOM}/crookback"/>`);
    c.forget();
    send(c, crone, ANSWER('1'));
    const item = { affiliation: 'none', role: 'participant', jid: 'hag66@shakespeare.lit/phone' };
    c.expectTo(crone, presence('crookback', crone, item, { inItem: '<actor nick="firstwitch"/>' }));
  });

  test('an answer from somebody who is no moderator: forbidden, and no voice', () => {
    const c = moderated();
    send(c, hag, VOICE);
    c.forget();
    send(c, hag, ANSWER('1'));
    c.expect(refusal('message', ROOM, hag, 'yd53c486', 'auth', 'forbidden', ANSWER('1')));
  });

  test('a cancelled form need not say which it was; from others, and of another type, it is no answer: bad-request', () => {
    const c = moderated();
    const bare = '<x xmlns="jabber:x:data" type="cancel"/>';
    send(c, crone, bare);
    c.expect();
    send(c, hag, bare);
    c.expect(refusal('message', ROOM, hag, 'yd53c486', 'modify', 'bad-request', bare));
    const result = form('result', fieldXml('muc#role', 'participant'));
    send(c, hag, result);
    c.expect(refusal('message', ROOM, hag, 'yd53c486', 'modify', 'bad-request', result));
  });

  test('a cancelled form leaves the request to others', () => {
    const c = moderated();
    send(c, hag, VOICE);
    c.forget();
    send(c, crone, form('cancel', ''));
    c.expect();
    send(c, crone, ANSWER('1'));
    expect(c.take()).toHaveLength(2);
  });
});

describe('§18.1 messages that wait for approval', () => {
  const APPROVAL = 'urn:parlour:message-approval';
  const room = (): Conversation => moderated({ '{urn:parlour:room}approvemessages': '1' });
  const speak = (c: Conversation): void =>
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="h1"><body>May I?</body></message>`);
  /** The number of the message that a moderator is asked about. */
  const asked = (c: Conversation): string => {
    const all = c.take();
    expect(all.filter((stanza) => stanza.includes(`to="${hag}"`))).toHaveLength(1);
    const question = all.find((stanza) => stanza.includes(`to="${crone}"`)) ?? '';
    expect(question).toContain('<value>May I?</value>');
    return /var="message" type="hidden"><value>(.*?)</.exec(question)?.[1] ?? '';
  };
  const answer = (id: string, allow: string): string => form('submit', fieldXml('message', id) + fieldXml('allow', allow), APPROVAL);

  test('let through: everybody reads it as the visitor said it, with the visitor’s id, and it is archived', () => {
    const c = room();
    speak(c);
    const id = asked(c);
    c.restart();
    c.forget();
    send(c, crone, answer(id, '1'));
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, '<body>May I?</body>', 'held', { id: 'h1' })));
    send(c, crone, answer(id, '1'));
    c.expect(refusal('message', ROOM, crone, 'yd53c486', 'cancel', 'item-not-found', answer(id, '1')));
  });

  test('what moderators are not shown is not let through: other forms of the text, pictures, and what changes earlier messages', () => {
    const c = room();
    const html =
      '<html xmlns="http://jabber.org/protocol/xhtml-im"><body xmlns="http://www.w3.org/1999/xhtml"><p>SPAM</p></body></html>' +
      '<x xmlns="jabber:x:oob"><url>http://evil.example/</url></x><replace xmlns="urn:xmpp:message-correct:0" id="older"/>';
    const origin = '<origin-id xmlns="urn:xmpp:sid:0" id="h1"/>';
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="h1"><body>May I?</body>${html}${origin}</message>`);
    send(c, crone, answer(asked(c), '1'));
    c.expect(...[crone, hag].map((to) => message('thirdwitch', to, `<body>May I?</body>${origin}`, 'held', { id: 'h1' })));
  });

  test('XEP-0313 let through, it is shown with the full JID of who said it (MUC archives), and found by that client', () => {
    const c = room();
    speak(c);
    send(c, crone, answer(asked(c), '1'));
    expect(answerTo(c, crone, { fields: { with: hag } }).bodies).toEqual(['May I?']);
    expect(answerTo(c, crone, { fields: { with: 'hag66@shakespeare.lit/other' } }).bodies).toEqual([]);
    ask(c, crone);
    expect(c.take()[0]).toContain(`<item jid="${hag}"/>`);
  });

  test('not let through: only the sender hears of it', () => {
    const c = room();
    speak(c);
    send(c, crone, answer(asked(c), '0'));
    c.expect(`<message from="${ROOM}" to="${hag}"><body>{text}</body></message>`);
  });

  test('not by somebody who is no moderator', () => {
    const c = room();
    speak(c);
    const mine = answer(asked(c), '1');
    send(c, hag, mine);
    c.expect(refusal('message', ROOM, hag, 'yd53c486', 'auth', 'forbidden', mine));
  });

  test('what has no body is refused as everywhere; without the option so is every message', () => {
    const c = room();
    c.send(
      `<message from="${hag}" to="${ROOM}" type="groupchat" id="t"><composing xmlns="http://jabber.org/protocol/chatstates"/></message>`,
    );
    c.expect(refusal('message', ROOM, hag, 't', 'auth', 'forbidden', '<composing xmlns="http://jabber.org/protocol/chatstates"/>'));
    iq(c, crone, 'set', 'off', submit({ '{urn:parlour:room}approvemessages': '0' }));
    c.forget();
    speak(c);
    c.expect(refusal('message', ROOM, hag, 'h1', 'auth', 'forbidden', '<body>May I?</body>'));
  });
});
