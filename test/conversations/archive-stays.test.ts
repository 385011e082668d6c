/** Who is shown messages from before they entered (option `archiveaccess`). The archive itself follows the same rule. */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, hag, hecate, iq, join, ROOM, submit, wicca } from './expected';

const ACCESS = '{urn:parlour:room}archiveaccess';
const OPEN = { 'muc#roomconfig_persistentroom': '1' };

function say(c: Conversation, from: string, body: string): void {
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="m"><body>${body}</body></message>`);
}

function leave(c: Conversation, from: string, nick: string): void {
  c.send(`<presence from="${from}" to="${ROOM}/${nick}" type="unavailable"/>`);
}

const affiliate = (c: Conversation, jid: string, affiliation: string): void => {
  iq(c, crone, 'set', 'a', admin(`<item jid="${jid.split('/')[0]}" affiliation="${affiliation}"/>`));
};

/** The bodies that somebody is shown on entering, before the subject; then leaves again. */
function history(c: Conversation, jid: string, nick = 'reader', inX = '<history maxstanzas="50"/>'): string[] {
  c.forget();
  join(c, jid, nick, inX);
  const told = c.take().filter((xml) => xml.includes(`to="${jid}"`) && xml.startsWith('<message'));
  expect(told.at(-1)).toContain('<subject');
  leave(c, jid, nick);
  c.forget();
  return told.slice(0, -1).map((xml) => /<body>(.*?)<\/body>/.exec(xml)?.[1] ?? xml);
}

describe('§7.2.13 history for members only (archiveaccess: members)', () => {
  test('members, admins and owners are shown it, others enter without', () => {
    const c = coven(['thirdwitch'], { ...OPEN, [ACCESS]: 'members' });
    say(c, crone, 'one');
    affiliate(c, hecate, 'member');
    expect(history(c, hecate)).toEqual(['one']);
    expect(history(c, wicca)).toEqual(['one']);
    expect(history(c, 'stranger@shakespeare.lit/x')).toEqual([]);
    affiliate(c, hecate, 'none');
    expect(history(c, hecate)).toEqual([]);
  });

  test('a domain that is a member brings in its people', () => {
    const c = coven([], { ...OPEN, [ACCESS]: 'members' });
    say(c, crone, 'one');
    affiliate(c, 'school.lit', 'member');
    expect(history(c, 'pupil@school.lit/x')).toEqual(['one']);
  });
});

describe('§7.2.13 history of one’s own stays only (archiveaccess: stays)', () => {
  const stays = (who: Parameters<typeof coven>[0] = []): Conversation => coven(who, { ...OPEN, [ACCESS]: 'stays' });

  test('somebody without affiliation: messages from while they were there', () => {
    const c = stays();
    say(c, crone, 'before');
    expect(history(c, hag)).toEqual([]);
    join(c, hag, 'thirdwitch');
    say(c, crone, 'while');
    say(c, hag, 'me');
    leave(c, hag, 'thirdwitch');
    say(c, crone, 'away');
    expect(history(c, hag)).toEqual(['while', 'me']);
    join(c, hag, 'thirdwitch');
    say(c, crone, 'again');
    expect(history(c, hag)).toEqual(['while', 'me', 'again']);
    // The limits of §7.2.14 count what is shown.
    expect(history(c, hag, 'reader', '<history maxstanzas="2"/>')).toEqual(['me', 'again']);
  });

  test('admins and owners are shown all', () => {
    const c = stays();
    say(c, crone, 'before');
    expect(history(c, wicca)).toEqual(['before']);
  });

  test('a member belongs also while absent, until the membership ends', () => {
    const c = stays();
    say(c, crone, 'before');
    affiliate(c, hecate, 'member');
    say(c, crone, 'member');
    expect(history(c, hecate)).toEqual(['member']);
    affiliate(c, hecate, 'none');
    say(c, crone, 'after');
    expect(history(c, hecate)).toEqual(['member']);
  });

  test('a former admin is shown messages from while they were admin', () => {
    const c = stays();
    say(c, crone, 'admin');
    affiliate(c, wicca, 'none');
    say(c, crone, 'after');
    expect(history(c, wicca)).toEqual(['admin']);
    affiliate(c, wicca, 'member');
    say(c, crone, 'member');
    expect(history(c, wicca)).toEqual(['admin', 'member']);
  });

  test('a stay lasts until the last session has left, over changes of nick and of affiliation', () => {
    const c = stays(['thirdwitch']);
    join(c, 'hag66@shakespeare.lit/second', 'thirdwitch');
    leave(c, hag, 'thirdwitch');
    say(c, crone, 'one');
    c.send(`<presence from="hag66@shakespeare.lit/second" to="${ROOM}/oldhag"/>`);
    say(c, crone, 'two');
    affiliate(c, hag, 'member');
    affiliate(c, hag, 'none');
    say(c, crone, 'three');
    leave(c, 'hag66@shakespeare.lit/second', 'oldhag');
    say(c, crone, 'four');
    expect(history(c, hag)).toEqual(['one', 'two', 'three']);
  });

  test('it ends with a kick, a ban and a lost connection', () => {
    const c = stays(['thirdwitch']);
    say(c, crone, 'one');
    iq(c, crone, 'set', 'k', admin('<item nick="thirdwitch" role="none"/>'));
    say(c, crone, 'kicked');
    join(c, hag, 'thirdwitch');
    say(c, crone, 'two');
    affiliate(c, hag, 'outcast');
    say(c, crone, 'banned');
    affiliate(c, hag, 'none');
    say(c, crone, 'free');
    join(c, hag, 'thirdwitch');
    say(c, crone, 'three');
    c.input(ROOM, { kind: 'gone', jid: hag, text: 'No route.' });
    say(c, crone, 'lost');
    expect(history(c, hag)).toEqual(['one', 'two', 'three']);
  });

  test('it goes on over a restart', () => {
    const c = stays(['thirdwitch']);
    say(c, crone, 'one');
    c.restart();
    say(c, crone, 'two');
    c.restart(false);
    say(c, crone, 'three');
    leave(c, hag, 'thirdwitch');
    c.restart();
    say(c, crone, 'four');
    expect(history(c, hag)).toEqual(['one', 'two', 'three']);
  });

  test('who belongs when it is switched on begins a stay then; what was said while it was off was said in nobody’s', () => {
    const c = coven(['thirdwitch'], OPEN);
    affiliate(c, hecate, 'member');
    say(c, crone, 'off');
    const access = (value: string): void => iq(c, crone, 'set', 'o', submit({ [ACCESS]: value }));
    access('stays');
    say(c, crone, 'on');
    expect(history(c, hecate)).toEqual(['on']);
    access('entrants');
    say(c, crone, 'off again');
    expect(history(c, hecate)).toEqual(['off', 'on', 'off again']);
    leave(c, hag, 'thirdwitch');
    access('stays');
    say(c, crone, 'on again');
    expect(history(c, hecate)).toEqual(['on', 'on again']);
    expect(history(c, hag)).toEqual(['on']);
    expect(history(c, wicca)).toEqual(['off', 'on', 'off again', 'on again']);
  });

  test.each(['entrants', 'stays'])('who is removed by the very form that switches it to %s has no stay left open', (value) => {
    const c = coven(['thirdwitch'], { ...OPEN, [ACCESS]: value === 'stays' ? 'entrants' : 'stays' });
    say(c, crone, 'one');
    iq(c, crone, 'set', 'o', submit({ [ACCESS]: value, 'muc#roomconfig_membersonly': '1' }));
    iq(c, crone, 'set', 'o', submit({ [ACCESS]: 'stays' }));
    say(c, crone, 'two');
    affiliate(c, hag, 'member');
    say(c, crone, 'three');
    expect(history(c, hag)).toEqual(value === 'stays' ? ['three'] : ['one', 'three']);
  });

  test('a room that is made again has none of the former one’s', () => {
    const c = stays(['thirdwitch']);
    say(c, crone, 'one');
    iq(c, crone, 'set', 'd', '<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>');
    c.advance(31 * 86_400_000);
    c.input(ROOM, { kind: 'timer' });
    join(c, crone, 'firstwitch');
    iq(c, crone, 'set', 'o', submit({ ...OPEN, [ACCESS]: 'stays' }));
    say(c, crone, 'two');
    expect(history(c, hag)).toEqual([]);
  });
});

describe('as the operator’s default', () => {
  test('stays are kept from the beginning of a room, the creator’s too', () => {
    const c = coven(['thirdwitch'], OPEN, { defaults: new Map([[ACCESS, ['stays']]]) });
    say(c, crone, 'one');
    iq(c, crone, 'set', 'o', submit({ 'muc#roomconfig_roomowners': ['crone1@shakespeare.lit', 'wiccarocks@shakespeare.lit'] }));
    iq(c, wicca, 'set', 'x', admin('<item jid="crone1@shakespeare.lit" affiliation="none"/>'));
    leave(c, crone, 'firstwitch');
    join(c, wicca, 'secondwitch');
    say(c, wicca, 'two');
    expect(history(c, crone)).toEqual(['one']);
    expect(history(c, hag, 'thirdwitch')).toEqual(['one', 'two']);
  });
});
