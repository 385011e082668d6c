/** Giving up what was registered with a room, from outside the room's own protocol: XEP-0045 §7.10. */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, gone, hag, iq, join, noSubject, presence, ROOM, wicca } from './expected';
import { asBare } from '../support/jids';

const HAG = 'hag66@shakespeare.lit';
const WICCA = 'wiccarocks@shakespeare.lit';
const CRONE = 'crone1@shakespeare.lit';

function unregister(c: Conversation, jid: string): void {
  let ok: boolean | undefined;
  c.input(ROOM, { kind: 'command', command: { name: 'unregister', jid: asBare(jid) }, done: (outcome) => (ok = outcome.ok) });
  expect(ok).toBe(true);
}

/** wicca as an owner who made themselves a member with a nick, as registering does. */
function selfMade(fields: Record<string, string> = {}): Conversation {
  const c = coven(['secondwitch'], fields);
  iq(c, crone, 'set', 'o', admin(`<item affiliation="owner" jid="${WICCA}"/>`));
  iq(c, wicca, 'set', 'm', admin(`<item affiliation="member" jid="${WICCA}" nick="wicca"/>`));
  c.forget();
  return c;
}

test('§7.10 a membership that somebody gave themselves ends with the nick, and everybody sees it', () => {
  const c = selfMade();
  unregister(c, WICCA);
  c.expect(
    presence('secondwitch', crone, { affiliation: 'none', role: 'participant', jid: wicca }),
    presence('secondwitch', wicca, { affiliation: 'none', role: 'participant' }, { codes: [110] }),
  );
  join(c, hag, 'wicca');
  c.expectTo(
    hag,
    presence('firstwitch', hag, { affiliation: 'owner', role: 'moderator' }),
    presence('secondwitch', hag, { affiliation: 'none', role: 'participant' }),
    presence('wicca', hag, { affiliation: 'none', role: 'participant' }, { id: 'n13mt3l', codes: [110] }),
    noSubject(hag),
  );
});

test('§7.10 in a members-only room they are removed with it (321)', () => {
  const c = selfMade({ 'muc#roomconfig_membersonly': '1' });
  unregister(c, WICCA);
  c.expectTo(wicca, gone('secondwitch', wicca, { affiliation: 'none' }, { codes: [110, 321] }));
});

test('§7.10 what others granted stays: the nick is free, and nobody in the room hears of it', () => {
  const c = coven();
  iq(c, crone, 'set', 'm', admin(`<item affiliation="member" jid="${HAG}" nick="thirdwitch"/>`));
  c.forget();
  join(c, wicca, 'thirdwitch');
  expect(c.take().join()).toContain('<conflict');
  unregister(c, HAG);
  c.expect();
  c.restart();
  join(c, wicca, 'thirdwitch');
  c.forget();
  iq(c, crone, 'get', 'l', admin('<item affiliation="member"/>'));
  c.expect(`<iq from="${ROOM}" to="${crone}" type="result" id="l">${admin(`<item affiliation="member" jid="${HAG}"/>`)}</iq>`);
});

test('§7.10 a banned person, a stranger, an owner without a nick: nothing changes', () => {
  const c = coven();
  iq(c, crone, 'set', 'b', admin(`<item affiliation="outcast" jid="${HAG}"><reason>Treason</reason></item>`));
  c.forget();
  unregister(c, HAG);
  unregister(c, 'nobody@shakespeare.lit');
  unregister(c, CRONE);
  c.expect();
  iq(c, crone, 'get', 'l', admin('<item affiliation="outcast"/><item affiliation="owner"/>'));
  c.expect(
    `<iq from="${ROOM}" to="${crone}" type="result" id="l">${admin(
      `<item affiliation="outcast" jid="${HAG}"><reason>Treason</reason></item><item affiliation="owner" jid="${CRONE}"/>`,
    )}</iq>`,
  );
});
