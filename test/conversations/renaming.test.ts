/** Renaming a room: XEP-0045 §10.9 for who is in it, XEP-0249 for who belongs to it, and everything else goes along. */
import { Sentence } from '../../src/words';
import type { CommandOutcome } from '../../src/room/contract/commands';
import type { Conversation } from '../support/conversation';
import { asRoom } from '../support/jids';
import {
  admin,
  coven,
  crone,
  gone,
  hag,
  hecate,
  iq,
  join,
  message,
  noSubject,
  presence,
  refusal,
  ROOM,
  submit,
  wicca,
  X,
} from './expected';

const NEW = asRoom('heath@chat.shakespeare.lit');
const NEWER = asRoom('moor@chat.shakespeare.lit');
const DAY = 86_400_000;
const PERSISTENT = { 'muc#roomconfig_persistentroom': '1' };
const INFO = '<query xmlns="http://jabber.org/protocol/disco#info"/>';
const SENTENCE = `The room ${ROOM} is ${NEW} now.`;

function rename(c: Conversation, to = NEW, more: { from?: string; reason?: string } = {}): CommandOutcome | undefined {
  let outcome: CommandOutcome | undefined;
  const { from = ROOM, ...reason } = more;
  c.input(from, { kind: 'command', command: { name: 'rename', to, ...reason }, done: (came) => (outcome = came) });
  return outcome;
}

/** Says these in a room, and answers their stanza-ids. */
function say(c: Conversation, ...bodies: string[]): string[] {
  return bodies.map((body) => {
    c.forget();
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>${body}</body></message>`);
    return /<stanza-id xmlns="urn:xmpp:sid:0" id="([^"]*)"/.exec(c.take()[0] ?? '')?.[1] ?? '';
  });
}

/** Those who wait are told what they are to be told. */
function slices(c: Conversation, room: string = NEW, count = 1): void {
  for (let i = 0; i < count; i++) {
    c.advance(1000);
    c.input(room, { kind: 'timer' });
  }
}

const invitation = (to: string, room: string = NEW, sentence = SENTENCE, password = ''): string =>
  `<message from="${room}" to="${to}"><x xmlns="jabber:x:conference" jid="${room}"${password} reason="${sentence}">${sentence}</x></message>`;
const destroyXml = (room: string = NEW, inner = ''): string =>
  inner === '' ? `<destroy jid="${room}"/>` : `<destroy jid="${room}">${inner}</destroy>`;
const goneError = (name: string, from: string, to: string, id: string, content = '', room = ROOM, venue: string = NEW): string =>
  refusal(name, from, to, id, 'cancel', 'gone', content)
    .replace(
      '<gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/>',
      `<gone xmlns="urn:ietf:params:xml:ns:xmpp-stanzas">xmpp:${venue}?join</gone>`,
    )
    .replace(`by="${ROOM}"`, `by="${room}"`);
const archive = (c: Conversation, from: string, room: string = NEW): string[] => {
  c.forget();
  iq(c, from, 'set', 'q', '<query xmlns="urn:xmpp:mam:2"/>', room);
  return c.take();
};

describe('§10.9 renaming a room', () => {
  test('who is in it is told that it ended and where it is; who belongs to it and has not followed is invited there', () => {
    const c = coven(['secondwitch', 'thirdwitch'], PERSISTENT);
    expect(rename(c, NEW, { reason: 'Too loud' })).toEqual({ ok: true });
    const destroy = destroyXml(NEW, '<reason>Too loud</reason>');
    const told = (nick: string, to: string): string => gone(nick, to, { affiliation: 'none' }, { codes: [110], destroy });
    c.expect(told('firstwitch', crone), told('secondwitch', wicca), told('thirdwitch', hag));
    c.send(`<presence from="${crone}" to="${NEW}/firstwitch"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    c.forget();
    slices(c);
    c.expect(invitation('wiccarocks@shakespeare.lit', NEW, `${SENTENCE} Too loud`));
    slices(c);
    c.expect();
  });

  test('the old address leads to the new one: presence, messages, requests', () => {
    const c = coven(['thirdwitch'], PERSISTENT);
    rename(c);
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expect(goneError('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', X));
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m"><body>Hail</body></message>`);
    c.expect(goneError('message', ROOM, hag, 'm', '<body>Hail</body>'));
    iq(c, hag, 'get', 'i', INFO);
    c.expect(goneError('iq', ROOM, hag, 'i'));
    c.restart();
    iq(c, hag, 'get', 'i', INFO);
    const [again] = c.take();
    expect(again).toContain(SENTENCE);
  });

  test.each([
    ['limits.destroyedDays', 30, 30 * DAY],
    ['not at all', 0, 0],
  ])('the old address is remembered for as long as the operator says: %s', (_, destroyedDays, ms) => {
    const c = coven([], PERSISTENT, { limits: { destroyedDays } });
    rename(c);
    const isGone = (): boolean => {
      c.forget();
      iq(c, hag, 'get', 'i', INFO);
      return c.take().join('').includes('<gone');
    };
    expect(isGone()).toBe(ms > 0);
    c.advance(ms);
    c.input(ROOM, { kind: 'timer' });
    expect(isGone()).toBe(false);
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toContain('<status code="201"/>');
  });

  test('the room goes on under its new address: affiliations, configuration, subject, archive, and everybody’s id (XEP-0421)', () => {
    const c = coven(['secondwitch', 'thirdwitch'], { ...PERSISTENT, 'muc#roomconfig_roomname': 'Cave' });
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="h"><body>Hail</body></message>`);
    const said = message('thirdwitch', hag, '<body>Hail</body>', 'hail', { id: 'h' });
    c.expectTo(hag, said);
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="s"><subject>Brew</subject></message>`);
    rename(c);
    c.restart();
    c.forget();
    c.send(`<presence from="${hag}" to="${NEW}/thirdwitch"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    const entered = c.take();
    c.forget();
    // In which order stands in the tests of entering.
    expect(entered.find((one) => one.startsWith('<presence'))).toContain('affiliation="none" role="participant"');
    expect(entered.at(-1)).toContain('<subject>Brew</subject>');
    const shown = entered.find((one) => one.includes('<body>Hail</body>')) ?? '';
    expect(shown).toContain(`<stanza-id xmlns="urn:xmpp:sid:0" id="`);
    expect(shown).toContain(` by="${NEW}"/>`);
    expect(shown).not.toContain(ROOM);
    c.send(`<message from="${hag}" to="${NEW}" type="groupchat" id="h2"><body>Hail again</body></message>`);
    c.expect(message('thirdwitch', hag, '<body>Hail again</body>', 'again', { id: 'h2' }).replaceAll(ROOM, NEW));
    iq(c, crone, 'get', 'a', admin('<item affiliation="owner"/>'), NEW);
    expect(c.take().join('')).toContain('jid="crone1@shakespeare.lit"');
    iq(c, hag, 'get', 'i', INFO, NEW);
    expect(c.take()[0]).toContain('name="Cave"');
    const found = archive(c, hag).join('');
    expect(found).toContain('<body>Hail</body>');
    expect(found).not.toContain(ROOM);
  });

  test('ids of messages stay: what was said before can be moderated by the id that it had', () => {
    const c = coven(['thirdwitch'], PERSISTENT);
    const [id = ''] = say(c, 'toil');
    rename(c);
    c.forget();
    const moderate = `<moderate xmlns="urn:xmpp:message-moderate:1" id="${id}"><retract xmlns="urn:xmpp:message-retract:1"/></moderate>`;
    iq(c, crone, 'set', 'm', moderate, NEW);
    expect(c.take().join('')).toContain('type="result"');
    expect(archive(c, crone).join('')).toContain('<retracted ');
    expect(archive(c, crone).join('')).not.toContain('toil');
  });

  test('XEP-0425, §7.9 what the room said of itself under its former address is told with the present one, and nobody forges it', () => {
    const c = coven(['thirdwitch'], PERSISTENT);
    const [moderated = ''] = say(c, 'one');
    const forged = `<delay xmlns="urn:xmpp:delay" from="${NEW}" stamp="2020-01-01T00:00:00Z"/>`;
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat">${forged}<body>forged before</body></message>`);
    c.send(
      `<message from="${crone}" to="${ROOM}" type="groupchat"><body>brought</body><delay xmlns="urn:xmpp:delay" stamp="2019-01-01T00:00:00Z"/></message>`,
    );
    const moderate = (id: string): string =>
      `<moderate xmlns="urn:xmpp:message-moderate:1" id="${id}"><retract xmlns="urn:xmpp:message-retract:1"/></moderate>`;
    iq(c, crone, 'set', 'm', moderate(moderated));
    rename(c);
    c.send(`<presence from="${hag}" to="${NEW}/thirdwitch"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    const later = `<delay xmlns="urn:xmpp:delay" from="${ROOM}" stamp="2018-01-01T00:00:00Z"/>`;
    c.send(`<message from="${hag}" to="${NEW}" type="groupchat">${later}<body>forged after</body></message>`);
    const found = archive(c, crone);
    const of = (what: string): string => found.find((one) => one.includes(what)) ?? '';
    expect(of('<retracted ')).toContain(`<moderated xmlns="urn:xmpp:message-moderate:1" by="${NEW}/firstwitch"`);
    expect(of('<apply-to ')).toContain(`<moderated xmlns="urn:xmpp:message-moderate:0" by="${NEW}/firstwitch"`);
    expect(of('brought')).toContain(`<delay xmlns="urn:xmpp:delay" from="${NEW}" stamp="2019-01-01T00:00:00Z"/>`);
    expect(of('brought')).not.toContain(ROOM);
    // One from the room in each result, beside what they wrote themselves.
    expect(of('forged after')).not.toContain(`from="${NEW}" stamp="2018-01-01T00:00:00Z"`);
    expect(of('forged before')).not.toContain(`from="${NEW}" stamp="2020-01-01T00:00:00Z"`);
    // A tombstone stays one: it is not retracted again.
    c.forget();
    iq(c, crone, 'set', 'again', moderate(moderated), NEW);
    const said = c.take();
    expect(said).toHaveLength(1);
    // And once more.
    rename(c, NEWER, { from: NEW });
    expect(archive(c, crone, NEWER).join('').replaceAll(later, '').replaceAll(forged, '')).not.toMatch(new RegExp(`${ROOM}|${NEW}`));
  });

  test('the password is told to who was in and who belongs', () => {
    const c = coven([], { ...PERSISTENT, 'muc#roomconfig_passwordprotectedroom': '1', 'muc#roomconfig_roomsecret': 'cauldronburn' });
    rename(c);
    const destroy = destroyXml(NEW, '<password>cauldronburn</password>');
    c.expect(gone('firstwitch', crone, { affiliation: 'none' }, { codes: [110], destroy }));
    slices(c);
    const password = ' password="cauldronburn"';
    c.expect(
      invitation('crone1@shakespeare.lit', NEW, SENTENCE, password),
      invitation('wiccarocks@shakespeare.lit', NEW, SENTENCE, password),
    );
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).not.toContain('cauldronburn');
  });

  test('§5.1.3 voice that was given lasts, as it does over leaving', () => {
    const c = coven(['thirdwitch'], { ...PERSISTENT, 'muc#roomconfig_moderatedroom': '1' });
    iq(c, crone, 'set', 'v', admin('<item nick="thirdwitch" role="participant"/>'));
    rename(c);
    c.forget();
    c.send(`<presence from="${hag}" to="${NEW}/thirdwitch"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    expect(c.take().find((one) => one.includes('<status code="110"/>'))).toContain('role="participant"');
  });

  test('after a crash in between both are said again: farewells at the old address, invitations at the new one', () => {
    const c = coven(['thirdwitch'], PERSISTENT);
    c.restart();
    rename(c);
    c.forget();
    c.restart(false);
    const told = (nick: string, to: string): string => gone(nick, to, { affiliation: 'none' }, { codes: [110], destroy: destroyXml() });
    c.expect(told('firstwitch', crone), told('thirdwitch', hag));
    slices(c);
    c.expect(invitation('crone1@shakespeare.lit'), invitation('wiccarocks@shakespeare.lit'));
  });

  test('found F6: many are invited by five a second, over restarts', () => {
    const c = coven([], PERSISTENT);
    const people = Array.from({ length: 12 }, (_, i) => `w${i}@shakespeare.lit`);
    iq(c, crone, 'set', 'a', admin(people.map((jid) => `<item jid="${jid}" affiliation="member"/>`).join('')));
    // A ban is no membership, and a domain reads no mail.
    iq(c, crone, 'set', 'b', admin('<item jid="mac@shakespeare.lit" affiliation="outcast"/><item jid="fife.lit" affiliation="member"/>'));
    rename(c);
    c.forget();
    const counts: number[] = [];
    for (let i = 0; i < 4; i++) {
      slices(c);
      const said = c.take();
      counts.push(said.length);
      expect(said.join('')).not.toMatch(/mac@|fife/);
      c.restart();
    }
    expect(counts).toEqual([5, 5, 4, 0]);
  });

  test('F6: renamed twice in a day, who was invited is not invited again, and who waits is invited to where it is', () => {
    const c = coven([], PERSISTENT);
    const people = Array.from({ length: 5 }, (_, i) => `w${i}@shakespeare.lit`);
    iq(c, crone, 'set', 'a', admin(people.map((jid) => `<item jid="${jid}" affiliation="member"/>`).join('')));
    rename(c);
    slices(c);
    c.forget();
    expect(rename(c, NEWER, { from: NEW })).toEqual({ ok: true });
    slices(c, NEWER, 2);
    const sentence = `The room ${NEW} is ${NEWER} now.`;
    c.expect(invitation('w3@shakespeare.lit', NEWER, sentence), invitation('w4@shakespeare.lit', NEWER, sentence));
    // A chain of addresses leads there step by step.
    iq(c, hag, 'get', 'i', INFO);
    c.expect(goneError('iq', ROOM, hag, 'i'));
    iq(c, hag, 'get', 'i', INFO, NEW);
    c.expect(goneError('iq', NEW, hag, 'i', '', NEW, NEWER));
    c.advance(DAY);
    rename(c, NEW, { from: NEWER });
    slices(c, NEW, 2);
    expect(c.take()).toHaveLength(7);
  });

  test('F6: a notice that waits speaks of the new address', () => {
    const c = coven([], { ...PERSISTENT, '{urn:parlour:room}inviteaffiliated': '1' });
    const people = Array.from({ length: 60 }, (_, i) => `w${i}@shakespeare.lit`);
    iq(c, crone, 'set', 'a', admin(people.map((jid) => `<item jid="${jid}" affiliation="member"/>`).join('')));
    rename(c);
    c.forget();
    slices(c, NEW, 30);
    const said = c.take();
    expect(said.length).toBeGreaterThan(62);
    expect(said.filter((one) => one.includes('jabber:x:conference') && !one.includes(`jid="${NEW}"`))).toEqual([]);
    expect(said.join('').replaceAll(SENTENCE, '')).not.toContain(ROOM);
  });

  test.each([
    ['to its own address', PERSISTENT, ROOM],
    ['to another service', PERSISTENT, asRoom('coven@conference.fife.lit')],
    ['of a temporary room', {}, NEW],
  ])('not %s', (_, fields, to) => {
    const c = coven(['thirdwitch'], fields);
    expect(rename(c, to)).toMatchObject({ ok: false, error: { condition: 'not-acceptable', text: expect.any(Sentence) as Sentence } });
    c.expect();
  });

  test('not of a room that nobody has configured, nor of one that is not there or no more', () => {
    const c = coven([], PERSISTENT);
    c.send(`<presence from="${hecate}" to="${NEW}/hecate"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    expect(rename(c, NEWER, { from: NEW })).toMatchObject({ ok: false, error: { condition: 'not-acceptable' } });
    expect(rename(c, NEWER, { from: 'nowhere@chat.shakespeare.lit' })).toMatchObject({ ok: false, error: { condition: 'item-not-found' } });
    rename(c, NEWER);
    expect(rename(c, asRoom('fen@chat.shakespeare.lit'))).toMatchObject({ ok: false, error: { condition: 'item-not-found' } });
  });

  test.each(['occupant', 'account'] as const)('it is an act of those who run the service: an owner as %s is refused', (kind) => {
    const c = coven([], PERSISTENT);
    let outcome: CommandOutcome | undefined;
    c.input(ROOM, {
      kind: 'command',
      by: { kind, name: crone, face: 'http' },
      command: { name: 'rename', to: NEW },
      done: (came) => (outcome = came),
    });
    expect(outcome).toMatchObject({ ok: false, error: { condition: 'forbidden' } });
    c.expect();
  });

  test('a new room at the old address, made when that is forgotten, has nothing of it', () => {
    const c = coven(['thirdwitch'], PERSISTENT, { limits: { destroyedDays: 0 } });
    say(c, 'toil');
    rename(c);
    c.restart();
    c.forget();
    join(c, hag, 'thirdwitch');
    c.expect(
      presence(
        'thirdwitch',
        hag,
        { affiliation: 'owner', role: 'moderator', jid: hag },
        { id: 'n13mt3l', codes: [110, 201], occupant: 'anew' },
      ),
      noSubject(hag),
    );
    iq(c, hag, 'set', 'create', submit(PERSISTENT));
    expect(archive(c, hag, ROOM).join('')).not.toContain('toil');
    expect(archive(c, crone).join('')).toContain('toil');
  });
});
