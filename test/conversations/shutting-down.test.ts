/** The end of the service, as rooms tell it: XEP-0045 §11.2. */
import type { Command, CommandOutcome } from '../../src/room/contract/commands';
import type { Conversation } from '../support/conversation';
import { conversation } from '../support/conversation';
import { coven, crone, gone, hag, iq, join, message, noSubject, presence, ROOM, wicca } from './expected';
import { asRoom } from '../support/jids';

const shutDown = (c: Conversation, more: { reason?: string } = {}, room: string = ROOM): CommandOutcome => {
  let outcome: CommandOutcome | undefined;
  const command: Command = { name: 'shut-down', ...more };
  c.input(room, { kind: 'command', command, done: (given) => (outcome = given) });
  return outcome as CommandOutcome;
};

test('§11.2 Example 207: everybody gets their own unavailable presence with 110 and 332, and nobody that of others', () => {
  const room = 'harfleur@chat.shakespeare.lit';
  const pistol = 'pistol@shakespeare.lit/client';
  const othello = 'othello@shakespeare.lit/client';
  const c = conversation();
  const enter = (from: string, nick: string): void =>
    c.send(`<presence from="${from}" to="${room}/${nick}"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
  enter('henry@shakespeare.lit/client', 'henry');
  const form = '<x xmlns="jabber:x:data" type="submit"/>';
  iq(c, 'henry@shakespeare.lit/client', 'set', 'c', `<query xmlns="http://jabber.org/protocol/muc#owner">${form}</query>`, room);
  enter(pistol, 'pistol');
  enter(othello, 'othello');
  c.send(`<presence from="henry@shakespeare.lit/client" to="${room}/henry" type="unavailable"/>`);
  c.forget();
  expect(shutDown(c, {}, room)).toEqual({ ok: true });
  c.expect(
    gone('pistol', pistol, { affiliation: 'none' }, { codes: [110, 332], room }),
    gone('othello', othello, { affiliation: 'none' }, { codes: [110, 332], room }),
  );
});

test('§11.2 every session of an occupant is told; the reason stands in the item', () => {
  const c = coven(['secondwitch']);
  const second = 'crone1@shakespeare.lit/tower';
  join(c, second, 'firstwitch');
  c.forget();
  shutDown(c, { reason: 'New castle, same witches' });
  const inItem = '<reason>New castle, same witches</reason>';
  c.expect(
    gone('firstwitch', crone, { affiliation: 'owner', jid: crone }, { codes: [110, 332], inItem }),
    gone('firstwitch', second, { affiliation: 'owner', jid: crone }, { codes: [110, 332], inItem }),
    gone('secondwitch', wicca, { affiliation: 'admin', jid: wicca }, { codes: [110, 332], inItem }),
  );
});

test('§11.2 a persistent room is there again afterwards, with its messages; a temporary one has ended', () => {
  const c = coven(['thirdwitch'], { 'muc#roomconfig_persistentroom': '1' });
  c.send(`<message from="${hag}" to="${ROOM}" type="groupchat"><body>Harpier cries</body></message>`);
  shutDown(c);
  c.restart();
  c.forget();
  join(c, hag, 'thirdwitch');
  c.expect(
    presence('thirdwitch', hag, { affiliation: 'none', role: 'participant' }, { id: 'n13mt3l', codes: [110] }),
    message('thirdwitch', hag, '<body>Harpier cries</body>', 'one', { delay: '{stamp}' }),
    noSubject(hag),
  );

  const t = coven(['thirdwitch']);
  shutDown(t);
  t.forget();
  join(t, hag, 'thirdwitch');
  t.expect(
    presence(
      'thirdwitch',
      hag,
      { affiliation: 'owner', role: 'moderator', jid: hag },
      { id: 'n13mt3l', codes: [110, 201], occupant: 'hag in a new room' },
    ),
    noSubject(hag),
  );
});

test('§11.2 a room that is still locked ends', () => {
  const c = conversation();
  join(c, crone, 'firstwitch');
  c.forget();
  shutDown(c);
  c.expect(gone('firstwitch', crone, { affiliation: 'owner', jid: crone }, { codes: [110, 332] }));
  expect(shutDown(c)).toMatchObject({ ok: false, error: { condition: 'item-not-found' } });
});

test('§11.2 an empty room and one that is not there: nothing is said', () => {
  const c = coven([], { 'muc#roomconfig_persistentroom': '1' });
  c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
  c.forget();
  expect(shutDown(c)).toEqual({ ok: true });
  expect(shutDown(c, {}, asRoom('nowhere@chat.shakespeare.lit'))).toMatchObject({ ok: false, error: { condition: 'item-not-found' } });
  c.expect();
});

test.each([['1'], ['0']])('§11.2 farewells that did not arrive are said again after the restart (persistent: %s)', (persistent) => {
  const c = coven(['thirdwitch'], { 'muc#roomconfig_persistentroom': persistent });
  shutDown(c, { reason: 'Later' });
  c.forget();
  c.restart(false);
  const inItem = '<reason>Later</reason>';
  c.expectTo(hag, gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110, 332], inItem }));
});
