/** Found B9: reactions, markers and retractions take no message's place in a joiner's history (XEP-0045 §7.2.14). */
import type { Conversation } from '../support/conversation';
import { coven, crone, hag, hecate, iq, ROOM, submit, wicca } from './expected';

const say = (c: Conversation, from: string, payload: string): string => {
  c.forget();
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="q">${payload}</message>`);
  return /<stanza-id xmlns="urn:xmpp:sid:0" id="([^"]*)"/.exec(c.take().join(''))?.[1] ?? '';
};
const body = (text: string): string => `<body>${text}</body>`;
const react = (id: string, with_ = '+'): string =>
  `<reactions xmlns="urn:xmpp:reactions:0" id="${id}"><reaction>${with_}</reaction></reactions>`;
/** What hecate is shown: bodies, and `+` for each reaction. */
const shown = (c: Conversation, history = ''): string[] => {
  c.forget();
  c.send(`<presence from="${hecate}" to="${ROOM}/hecate"><x xmlns="http://jabber.org/protocol/muc">${history}</x></presence>`);
  const messages = c.take().filter((xml) => xml.startsWith('<message') && xml.includes('<delay '));
  c.send(`<presence from="${hecate}" to="${ROOM}/hecate" type="unavailable"/>`);
  return messages.map((xml) => /<body>([^<]*)/.exec(xml)?.[1] ?? /<reaction>([^<]*)/.exec(xml)?.[1] ?? 'other');
};
const room = (): Conversation => {
  const c = coven(['secondwitch', 'thirdwitch'], { 'muc#roomconfig_enablelogging': '1' });
  iq(c, crone, 'set', 'c', submit({ 'muc#maxhistoryfetch': '3' }));
  return c;
};

describe('found B9', () => {
  test('a hundred reactions at the end, maxstanzas=2: the two newest messages', () => {
    const c = room();
    say(c, crone, body('one'));
    say(c, crone, body('two'));
    const id = say(c, crone, body('three'));
    for (let i = 0; i < 100; i++) say(c, [crone, wicca, hag][i % 3] as string, react(id, `r${i}`));
    expect(shown(c, '<history maxstanzas="2"/>')).toEqual(['two', 'three']);
  });

  test('in what the joiner left, the newest of them', () => {
    const c = room();
    const id = say(c, crone, body('one'));
    say(c, wicca, react(id, 'r1'));
    say(c, hag, react(id, 'r2'));
    expect(shown(c, '<history maxstanzas="2"/>')).toEqual(['one', 'r2']);
  });

  test('where only the room limits it they ride along uncounted: the latest of each person', () => {
    const c = room();
    for (const text of ['one', 'two', 'three']) say(c, crone, body(text));
    const id = say(c, crone, body('four'));
    for (let i = 0; i < 6; i++) say(c, [wicca, hag][i % 2] as string, react(id, `r${i}`));
    expect(shown(c)).toEqual(['two', 'three', 'four', 'r4', 'r5']);
  });
});

describe('of its kind', () => {
  test('at most five for a message', () => {
    const c = room();
    const id = say(c, crone, body('one'));
    const people = Array.from({ length: 8 }, (_, i) => `p${i}@shakespeare.lit/x`);
    for (const [i, one] of people.entries())
      c.send(`<presence from="${one}" to="${ROOM}/p${i}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    for (const [i, one] of people.entries()) say(c, one, react(id, `r${i}`));
    expect(shown(c)).toEqual(['one', 'r3', 'r4', 'r5', 'r6', 'r7']);
  });

  test('maxchars: messages first', () => {
    const c = room();
    say(c, crone, body('one'));
    const id = say(c, crone, body('two'));
    for (let i = 0; i < 3; i++) say(c, [crone, wicca, hag][i] as string, react(id, `r${i}`));
    const all = shown(c, '<history maxchars="900"/>');
    expect(all.slice(0, 2)).toEqual(['one', 'two']);
  });

  test('a retraction takes no place either, and reaches who was shown the message before', () => {
    const c = room();
    const id = say(c, wicca, body('gone'));
    say(c, crone, body('one'));
    say(c, crone, body('two'));
    say(c, wicca, `<retract xmlns="urn:xmpp:message-retract:1" id="${id}"/>`);
    expect(shown(c, '<history maxstanzas="2"/>')).toEqual(['one', 'two']);
    expect(shown(c)).toEqual(['other', 'one', 'two', 'other']);
  });
});
