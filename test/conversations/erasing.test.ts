/** Erasing a person and a room, as the service's administrators do it (commands `erase-person` and `erase`). */
import type { Command, CommandOutcome } from '../../src/room/contract/commands';
import { NS } from '../../src/xmpp/ns';
import type { Conversation } from '../support/conversation';
import { admin, announced, coven, crone, gone, hag, hecate, iq, join, noSubject, owner, refusal, ROOM, submit, wicca } from './expected';
import { said, shown } from './history-shown';
import { asBare, asRoom } from '../support/jids';

const OPEN = { 'muc#roomconfig_persistentroom': '1' };

/** Runs a command; answers what came of it, which must be certain by then. */
function run(c: Conversation, command: Command, room: string = ROOM): CommandOutcome | undefined {
  let outcome: CommandOutcome | undefined;
  c.input(room, { kind: 'command', command, done: (came) => (outcome = came) });
  return outcome;
}
const erase = (c: Conversation, jid = 'hag66@shakespeare.lit'): CommandOutcome | undefined =>
  run(c, { name: 'erase-person', jid: asBare(jid) });
const word = (text: string): string => `<body>${text}</body>`;

describe('erasing a person', () => {
  test('their messages become tombstones without a name; others’ messages stay', () => {
    const c = coven(['thirdwitch'], OPEN);
    said(c, hag, word('cauldron'), 'h1');
    said(c, crone, word('hello thirdwitch'), 'c1');
    said(c, hag, word('newt'), 'h2');
    expect(erase(c)).toEqual({ ok: true, erased: 2 });
    const [first = '', second = '', third = ''] = shown(c);
    for (const tombstone of [first, third]) {
      expect(tombstone).toMatch(
        new RegExp(`^<message from="${ROOM}/-[\\w-]{22}" to="[^"]*" type="groupchat"><retracted xmlns="${NS.retract}"`),
      );
      expect(tombstone).not.toMatch(/thirdwitch|hag66|cauldron|newt|id="h/);
    }
    expect(second).toContain('hello thirdwitch');
    // Once more: there is nothing left to erase.
    expect(erase(c)).toEqual({ ok: true, erased: 0 });
  });

  test('more than a page of it, also what was retracted or moderated before', () => {
    const c = coven(['thirdwitch'], { ...OPEN, 'muc#maxhistoryfetch': '100' });
    const moderated = said(c, hag, word('moderated'));
    for (let i = 0; i < 230; i++) said(c, i % 2 === 0 ? hag : crone, word(`number ${i}`));
    iq(c, crone, 'set', 'm', `<moderate xmlns="urn:xmpp:message-moderate:1" id="${moderated}"><retract xmlns="${NS.retract}"/></moderate>`);
    expect(erase(c)).toEqual({ ok: true, erased: 116 });
    const all = shown(c).join();
    expect(all).not.toContain('thirdwitch');
    expect(all.match(/<body>/g)).toHaveLength(50);
  });

  test('they are removed, and so are their affiliation, their nick and what waited; the others see them go', () => {
    const c = coven(['thirdwitch'], { ...OPEN, '{urn:parlour:room}registration': 'anyone' });
    iq(c, hag, 'set', 'r', `<query xmlns="${NS.register}"><username>thirdwitch</username></query>`);
    c.forget();
    expect(erase(c)).toEqual({ ok: true, erased: 0 });
    const reason = '<reason>{text}</reason>';
    c.expect(
      gone('thirdwitch', hag, { affiliation: 'member' }, { codes: [110, 307], inItem: reason }),
      gone('thirdwitch', crone, { affiliation: 'member', jid: hag }, { codes: [307], inItem: reason }),
      announced(crone, 'hag66@shakespeare.lit', 'none'),
      `<message from="${ROOM}" to="hag66@shakespeare.lit"><x xmlns="${NS.mucUser}"><item affiliation="none" jid="hag66@shakespeare.lit" role="none"/><status code="101"/></x></message>`,
    );
    for (const list of ['owner', 'admin', 'member', 'outcast']) {
      iq(c, crone, 'get', 'l', admin(`<item affiliation="${list}"/>`));
      expect(c.take()[0]).not.toContain('hag66');
    }
    // The nick is free.
    join(c, hecate, 'thirdwitch');
    expect(c.take().join()).not.toContain('type="error"');
  });

  test('a ban stays, since it keeps them out', () => {
    const c = coven(['thirdwitch'], OPEN);
    said(c, hag, word('cauldron'));
    iq(c, crone, 'set', 'b', admin('<item jid="hag66@shakespeare.lit" affiliation="outcast"/>'));
    c.forget();
    expect(erase(c)).toEqual({ ok: true, erased: 1 });
    c.expect();
    join(c, hag, 'thirdwitch');
    c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'auth', 'forbidden', `<x xmlns="${NS.muc}"/>`));
  });

  test('acts as a moderator, values they set and their name among the contacts: no trace in any row', () => {
    const c = coven(['secondwitch', 'thirdwitch'], {
      ...OPEN,
      '{urn:parlour:room}contactjid': ['wiccarocks@shakespeare.lit', 'crone1@shakespeare.lit'],
    });
    const spam = said(c, hag, word('spam'));
    iq(
      c,
      wicca,
      'set',
      'm',
      `<moderate xmlns="urn:xmpp:message-moderate:1" id="${spam}"><retract xmlns="${NS.retract}"/><reason>spam</reason></moderate>`,
    );
    iq(c, wicca, 'set', 'a', admin('<item jid="hecate@shakespeare.lit" affiliation="member" nick="broom"/>'));
    c.send(`<message from="${wicca}" to="${ROOM}"><x xmlns="${NS.mucUser}"><invite to="guest@shakespeare.lit"/></x></message>`);
    c.send(`<message from="${wicca}" to="${ROOM}" type="groupchat"><subject>Brewing</subject></message>`);
    c.restart();
    expect(erase(c, 'wiccarocks@shakespeare.lit')).toMatchObject({ ok: true });
    c.restart();
    expect(c.rows(ROOM)).not.toMatch(/wicca|secondwitch|Brewing/);
    expect(c.rows(ROOM)).toContain('hecate');
  });

  test('what the room noted about them, where changes of affiliations are archived: before they spoke, after it, and of the erasing itself', () => {
    const c = coven(['thirdwitch'], OPEN, { kept: { events: true } });
    iq(c, crone, 'set', 'a', admin('<item jid="hag66@shakespeare.lit" affiliation="member" nick="Member"/>'));
    iq(c, crone, 'set', 'a', admin('<item jid="hag66@shakespeare.lit" affiliation="none"/>'));
    iq(c, crone, 'set', 'a', admin('<item jid="hecate@shakespeare.lit" affiliation="member" nick="broom"/>'));
    said(c, hag, word('cauldron'));
    c.send(`<presence from="${hag}" to="${ROOM}/oldhag"/>`);
    said(c, hag, word('cauldron'));
    iq(c, crone, 'set', 'a', admin('<item jid="hag66@shakespeare.lit" affiliation="admin"/>'));
    expect(c.rows(ROOM)).toMatch(/thirdwitch.*oldhag/);
    expect(erase(c)).toEqual({ ok: true, erased: 2 });
    c.restart();
    expect(c.rows(ROOM)).not.toMatch(/hag66|thirdwitch|oldhag|cauldron/);
    // Another's stays.
    expect(c.rows(ROOM)).toContain('nick=\\"broom\\"');
  });

  test('the same when it was cut off in the middle and begins anew', () => {
    const c = coven(['thirdwitch'], OPEN, { kept: { events: true } });
    said(c, hag, word('cauldron'));
    c.send(`<presence from="${hag}" to="${ROOM}/oldhag"/>`);
    for (let i = 0; i < 120; i++) said(c, crone, word(`number ${i}`));
    for (const nick of ['thirdwitch', 'oldhag'])
      iq(c, crone, 'set', 'a', admin(`<item jid="hag66@shakespeare.lit" affiliation="member" nick="${nick}"/>`));
    expect(c.rows(ROOM)).toMatch(/thirdwitch.*oldhag/);
    c.holdArchive(1);
    expect(erase(c)).toBeUndefined();
    c.restart();
    c.answerArchive({ kind: 'failed' });
    erase(c);
    c.restart();
    expect(c.rows(ROOM)).not.toMatch(/hag66|thirdwitch|oldhag|cauldron/);
  });

  test('the present subject, if they set it, is cleared for all; another’s stays', () => {
    const c = coven(['thirdwitch'], { ...OPEN, 'muc#roomconfig_changesubject': '1' });
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat"><subject>Mine</subject></message>`);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.forget();
    erase(c, 'hecate@shakespeare.lit');
    c.expect();
    erase(c);
    c.expect(
      `<message from="${ROOM}" to="${crone}" type="groupchat"><subject/><stanza-id xmlns="${NS.stanzaId}" id="{sid:none}" by="${ROOM}"/></message>`,
    );
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><subject>Hers</subject></message>`);
    c.forget();
    erase(c);
    c.expect();
  });

  test('also where nothing is archived: by the nick, while they are there', () => {
    const c = coven(['thirdwitch'], { ...OPEN, 'muc#roomconfig_changesubject': '1', 'muc#roomconfig_enablearchiving': '0' });
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat"><subject>Mine</subject></message>`);
    c.forget();
    erase(c);
    expect(c.take().at(-1)).toBe(noSubject(crone));
    expect(c.rows(ROOM)).not.toContain('Mine');
  });

  test.each([
    ['nothing is archived', { 'muc#roomconfig_enablearchiving': '0' }],
    ['the archive was trimmed', {}],
  ])('also when they have left and %s, and another’s under their present nick stays', (_, fields) => {
    const c = coven(['thirdwitch'], { ...OPEN, 'muc#roomconfig_changesubject': '1', ...fields });
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat"><subject>Mine</subject></message>`);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    join(c, hecate, 'thirdwitch');
    iq(c, crone, 'set', 't', '<trim xmlns="urn:xmpp:mamtrim:0"/>');
    erase(c, 'hecate@shakespeare.lit');
    expect(c.rows(ROOM)).toContain('Mine');
    erase(c);
    expect(c.rows(ROOM)).not.toContain('Mine');
  });

  test('the last owner too: the room is the service administrators’ from then on', () => {
    const c = coven(['secondwitch'], OPEN, { isServiceAdmin: (jid) => jid === 'chief@shakespeare.lit' });
    expect(erase(c, 'crone1@shakespeare.lit')).toMatchObject({ ok: true });
    c.restart();
    expect(c.rows(ROOM)).not.toContain('crone1');
    iq(c, 'chief@shakespeare.lit/x', 'get', 'f', owner(''));
    expect(c.take().join()).toContain('type="result"');
  });

  test('their stays are erased too', () => {
    const c = coven(['thirdwitch'], { ...OPEN, '{urn:parlour:room}archiveaccess': 'stays' });
    said(c, crone, word('one'));
    erase(c);
    c.restart();
    expect(c.rows(ROOM)).not.toContain('hag66');
  });

  test('a temporary room ends with its last occupant; nothing is erased from a room that never existed', () => {
    const c = coven();
    expect(erase(c, 'crone1@shakespeare.lit')).toEqual({ ok: true, erased: 0 });
    join(c, hag, 'thirdwitch');
    expect(c.take().join()).toContain('code="201"');
    expect(run(c, { name: 'erase-person', jid: asBare('x@shakespeare.lit') }, asRoom('other@chat.shakespeare.lit'))).toEqual({
      ok: true,
      erased: 0,
    });
  });

  test('an archive whose pages go away again and again is no success: the asker is told to come again', () => {
    const c = coven(['thirdwitch'], OPEN);
    said(c, hag, word('cauldron'), 'h1');
    const outcomes: CommandOutcome[] = [];
    c.holdArchive();
    c.input(ROOM, {
      kind: 'command',
      command: { name: 'erase-person', jid: asBare('hag66@shakespeare.lit') },
      done: (came) => outcomes.push(came),
    });
    for (let i = 0; i < 6; i++) {
      expect(outcomes).toEqual([]);
      // What comes of the answer waits again.
      c.answerArchive({ kind: 'item-not-found', id: 'gone' }, true);
    }
    expect(outcomes).toMatchObject([{ ok: false, error: { condition: 'resource-constraint' } }]);
  });
});

describe('§10.9 erasing a room', () => {
  const destroyed = (to: string, nick: string): string => gone(nick, to, { affiliation: 'none' }, { codes: [110], destroy: '<destroy/>' });

  test('it is destroyed, and nothing is remembered of it: anybody may make it anew', () => {
    const c = coven(['thirdwitch'], OPEN);
    said(c, crone, word('one'));
    expect(run(c, { name: 'erase' })).toEqual({ ok: true });
    c.expect(destroyed(crone, 'firstwitch'), destroyed(hag, 'thirdwitch'));
    c.restart();
    join(c, hag, 'first');
    expect(c.take().join()).toContain('code="201"');
    iq(c, hag, 'set', 'o', submit({}));
    expect(shown(c)).toEqual([]);
  });

  test('a destroyed room that is remembered is forgotten', () => {
    const c = coven(['secondwitch'], OPEN);
    iq(c, crone, 'set', 'd', owner('<destroy/>'));
    join(c, hag, 'first');
    expect(c.take().join()).toContain('<gone');
    expect(run(c, { name: 'erase' })).toEqual({ ok: true });
    join(c, hag, 'first');
    expect(c.take().join()).toContain('code="201"');
  });

  test('a room that is not there is not there', () => {
    expect(run(coven(), { name: 'erase' }, asRoom('other@chat.shakespeare.lit'))).toMatchObject({
      ok: false,
      error: { condition: 'item-not-found' },
    });
  });
});
