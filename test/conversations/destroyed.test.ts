/** What is left of a room that was destroyed: XEP-0045 §10.9, RFC 6120 §8.3.3.5 (`gone`). */
import { conversation, type Conversation } from '../support/conversation';
import { coven, crone, gone, hag, hecate, iq, join, noSubject, owner, presence, refusal, result, ROOM, submit, X } from './expected';

const HEATH = 'heath@chat.shakespeare.lit';
const DAY = 86_400_000;
const PERSISTENT = { 'muc#roomconfig_persistentroom': '1' };
const INFO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';
const created = (nick: string, to: string): string =>
  presence(nick, to, { affiliation: 'owner', role: 'moderator', jid: to }, { id: 'n13mt3l', codes: [110, 201], occupant: 'new' });

/** The error that says where the people went; without `uri` only that the room is no more. */
const goneError = (name: string, from: string, to: string, id: string, content = '', uri = `xmpp:${HEATH}?join`): string =>
  refusal(name, from, to, id, 'cancel', 'gone', content).replace(
    '<gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>',
    `<gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">${uri}</gone>`,
  );

/** Somebody was there: without that nothing is remembered. */
function visit(c: Conversation): void {
  join(c, hag, 'thirdwitch');
  c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
  c.forget();
}

/** A persistent room, destroyed. */
function destroyed(destroy = `<destroy jid="${HEATH}"><reason>Macbeth doth come.</reason></destroy>`): Conversation {
  const c = coven([], PERSISTENT, { isServiceAdmin: (jid) => jid === 'hecate@shakespeare.lit' });
  visit(c);
  iq(c, crone, 'set', 'begone', owner(destroy));
  c.forget();
  return c;
}

/** Whether it is still remembered. */
function isGone(c: Conversation): boolean {
  c.forget();
  iq(c, hag, 'get', 'i', INFO);
  return c.take().join('').includes('<gone');
}

describe('§10.9 a destroyed room is remembered', () => {
  test('joins, messages and requests get gone, with the new venue', () => {
    const c = destroyed();
    join(c, hag, 'thirdwitch');
    c.expect(goneError('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', X));
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m"><body>Hail</body></message>`);
    c.expect(goneError('message', ROOM, hag, 'm', '<body>Hail</body>'));
    c.send(`<message from="${hag}" to="${ROOM}/firstwitch" type="chat" id="m"><body>Hail</body></message>`);
    c.expect(goneError('message', `${ROOM}/firstwitch`, hag, 'm', '<body>Hail</body>'));
    c.send(`<message from="${hag}" to="${ROOM}" id="m"><body>Hail</body></message>`);
    c.expect(goneError('message', ROOM, hag, 'm', '<body>Hail</body>'));
    iq(c, hag, 'get', 'i', INFO);
    c.expect(goneError('iq', ROOM, hag, 'i'));
    iq(c, crone, 'get', 'i', owner(''));
    c.expect(goneError('iq', ROOM, crone, 'i'));
  });

  test('the sentence names venue and reason, and never the password', () => {
    const c = destroyed(`<destroy jid="${HEATH}"><password>cauldronburn</password><reason>Macbeth doth come.</reason></destroy>`);
    join(c, hag, 'thirdwitch');
    const [reply] = c.take();
    expect(reply).toContain(HEATH);
    expect(reply).toContain('Macbeth doth come.');
    expect(reply).not.toContain('cauldronburn');
  });

  test('without a venue: gone without an address', () => {
    const c = destroyed('<destroy/>');
    join(c, hag, 'thirdwitch');
    c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'cancel', 'gone', X));
  });

  test('a venue with characters that a URI does not take is escaped', () => {
    const c = destroyed('<destroy jid="böse?100%#heide@chat.shakespeare.lit"/>');
    iq(c, hag, 'get', 'i', INFO);
    expect(c.take()[0]).toContain('>xmpp:b%C3%B6se%3F100%25%23heide@chat.shakespeare.lit?join<');
  });

  test('presence that does not join: not in the room; leaving: nothing', () => {
    const c = destroyed();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.expect();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch"/>`);
    const reason = '<reason>{text}</reason>';
    c.expect(gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110, 307, 333], inItem: reason, occupant: null }));
  });

  test('its former owner cannot make it again, a service admin can', () => {
    const c = destroyed();
    join(c, crone, 'firstwitch');
    c.expect(goneError('presence', `${ROOM}/firstwitch`, crone, 'n13mt3l', X));
    join(c, hecate, 'hecate');
    c.expect(created('hecate', hecate), noSubject(hecate));
    iq(c, hecate, 'set', 'create', submit({}));
    c.expect(result(hecate, 'create'));
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).not.toContain('<gone');
    // The tombstone does not come back with the end of the new room, which is a temporary one.
    iq(c, hecate, 'set', 'begone', owner('<destroy/>'));
    expect(isGone(c)).toBe(false);
  });

  test('after a restart too', () => {
    const c = destroyed();
    c.restart();
    join(c, hag, 'thirdwitch');
    c.expect(goneError('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', X));
  });

  test('after a crash the farewells are said again, and it is remembered', () => {
    const c = coven([], PERSISTENT);
    visit(c);
    c.restart();
    c.forget();
    const destroy = `<destroy jid="${HEATH}"/>`;
    iq(c, crone, 'set', 'begone', owner(destroy));
    c.forget();
    c.restart(false);
    c.expect(gone('firstwitch', crone, { affiliation: 'none' }, { codes: [110], destroy }));
    expect(isGone(c)).toBe(true);
  });

  test('for as many days as the operator says; then the name is free', () => {
    const c = destroyed();
    c.advance(30 * DAY - 1000);
    c.input(ROOM, { kind: 'timer' });
    expect(isGone(c)).toBe(true);
    c.advance(1000);
    c.input(ROOM, { kind: 'timer' });
    iq(c, hag, 'get', 'i', INFO);
    c.expect(refusal('iq', ROOM, hag, 'i', 'cancel', 'item-not-found'));
    join(c, hag, 'thirdwitch');
    c.expect(created('thirdwitch', hag), noSubject(hag));
  });

  test('its time counts from the destruction, also if the timer is late', () => {
    const c = destroyed();
    c.advance(30 * DAY);
    join(c, hag, 'thirdwitch');
    c.expect(created('thirdwitch', hag), noSubject(hag));
  });

  test('0 days: not at all', () => {
    const c = coven([], PERSISTENT, { limits: { destroyedDays: 0 } });
    visit(c);
    iq(c, crone, 'set', 'begone', owner('<destroy/>'));
    expect(isGone(c)).toBe(false);
  });
});

describe('§10.9 a temporary room with a new venue (found E14)', () => {
  const moved = (): Conversation => {
    const c = coven();
    visit(c);
    iq(c, crone, 'set', 'begone', owner(`<destroy jid="${HEATH}"/>`));
    c.forget();
    return c;
  };

  test('a bookmark that comes is led to it', () => {
    const c = moved();
    join(c, hag, 'thirdwitch');
    c.expect(goneError('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', X));
    c.restart();
    expect(isGone(c)).toBe(true);
  });

  test('for an hour; then its name is free', () => {
    const c = moved();
    c.advance(3_599_000);
    expect(isGone(c)).toBe(true);
    c.advance(1_000);
    join(c, hag, 'thirdwitch');
    c.expect(created('thirdwitch', hag), noSubject(hag));
  });

  test('without a venue nothing is left of it', () => {
    const c = coven();
    visit(c);
    iq(c, crone, 'set', 'begone', owner('<destroy/>'));
    expect(isGone(c)).toBe(false);
  });
});

describe('§10.1.3, §10.9 what leaves nothing', () => {
  test.each([
    ['temporary', {}],
    ['persistent', PERSISTENT],
  ])('found F7: a %s room that nobody but its creator was ever in, though it names a venue', (_kind, fields) => {
    const c = coven([], fields);
    // To list people brings nobody in, nor does the creator's second device.
    join(c, crone.replace('desktop', 'phone'), 'firstwitch');
    iq(c, crone, 'set', 'begone', owner(`<destroy jid="${HEATH}"/>`));
    c.forget();
    iq(c, hag, 'get', 'i', INFO);
    c.expect(refusal('iq', ROOM, hag, 'i', 'cancel', 'item-not-found'));
    join(c, hag, 'thirdwitch');
    c.expect(created('thirdwitch', hag), noSubject(hag));
  });

  test('F7: nor does who was in the former room of that name count for the new one', () => {
    const c = coven([], PERSISTENT, { limits: { destroyedDays: 0 } });
    visit(c);
    iq(c, crone, 'set', 'begone', owner('<destroy/>'));
    join(c, crone, 'firstwitch');
    c.forget();
    iq(c, crone, 'set', 'create', submit(PERSISTENT));
    iq(c, crone, 'set', 'begone', owner(`<destroy jid="${HEATH}"/>`));
    expect(isGone(c)).toBe(false);
  });

  test.each([
    ['destroyed by its owner', owner(`<destroy jid="${HEATH}"/>`)],
    ['whose configuration is cancelled', owner('<x xmlns="jabber:x:data" type="cancel"/>')],
  ])('a locked room %s, though rooms are persistent by default', (_how, payload) => {
    const c = conversation({ defaults: new Map([['muc#roomconfig_persistentroom', ['1']]]) });
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'begone', payload);
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expect(created('thirdwitch', hag), noSubject(hag));
  });
});
