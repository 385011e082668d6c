/** Forgetting an account that was deleted (command `forget`): whoever gets its address later is somebody else. */
import type { CommandOutcome } from '../../src/room/contract/commands';
import { NS } from '../../src/xmpp/ns';
import type { Conversation } from '../support/conversation';
import { admin, announced, coven, crone, gone, hag, iq, join, notice101, refusal, ROOM } from './expected';
import { said, shown } from './history-shown';
import { asBare } from '../support/jids';

const HAG = 'hag66@shakespeare.lit';
const OPEN = { 'muc#roomconfig_persistentroom': '1' };

function forget(c: Conversation, jid = HAG): CommandOutcome | undefined {
  let outcome: CommandOutcome | undefined;
  c.input(ROOM, { kind: 'command', command: { name: 'forget', jid: asBare(jid) }, done: (came) => (outcome = came) });
  return outcome;
}

describe('issue The house, 4: forgetting an account', () => {
  test('it is put out, its affiliation and its nick go, and what it said stays with its name', () => {
    const c = coven(['thirdwitch'], OPEN);
    iq(c, crone, 'set', 'a', admin(`<item affiliation="admin" jid="${HAG}" nick="thirdwitch"/>`));
    said(c, hag, '<body>cauldron</body>', 'h1');
    c.forget();
    expect(forget(c)).toEqual({ ok: true });
    const reason = '<reason>{text}</reason>';
    c.expect(
      gone('thirdwitch', hag, { affiliation: 'admin', jid: hag }, { codes: [110, 307], inItem: reason }),
      gone('thirdwitch', crone, { affiliation: 'admin', jid: hag }, { codes: [307], inItem: reason }),
      announced(crone, HAG, 'none'),
      notice101(HAG, 'none'),
    );
    for (const list of ['owner', 'admin', 'member', 'outcast']) {
      iq(c, crone, 'get', 'l', admin(`<item affiliation="${list}"/>`));
      expect(c.take()[0]).not.toContain('hag66');
    }
    expect(shown(c).join()).toContain('/thirdwitch"');
    expect(shown(c).join()).toContain('cauldron');
  });

  test('a registration that waits goes, and the nick is free', () => {
    const c = coven(['thirdwitch'], { ...OPEN, '{urn:parlour:room}registration': 'anyone' });
    iq(c, hag, 'set', 'r', `<query xmlns="${NS.register}"><username>witchy</username></query>`);
    expect(c.rows(ROOM)).toContain('witchy');
    expect(forget(c)).toEqual({ ok: true });
    expect(c.rows(ROOM)).not.toContain('witchy');
    iq(c, crone, 'set', 'n', `<query xmlns="${NS.register}"><username>witchy</username></query>`);
    expect(c.take().join()).not.toContain('type="error"');
  });

  test('a ban stays, since it keeps them out', () => {
    const c = coven(['thirdwitch'], OPEN);
    iq(c, crone, 'set', 'b', admin(`<item affiliation="outcast" jid="${HAG}"/>`));
    c.forget();
    expect(forget(c)).toEqual({ ok: true });
    c.expect();
    join(c, hag, 'thirdwitch');
    c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'auth', 'forbidden', `<x xmlns="${NS.muc}"/>`));
  });

  test('who has nothing here leaves no act in the audit trail; only those who run the service may', () => {
    const c = coven([], OPEN);
    expect(forget(c, 'nobody@shakespeare.lit')).toEqual({ ok: true });
    c.expect();
    let outcome: CommandOutcome | undefined;
    const by = { kind: 'account', name: HAG, face: 'xmpp' } as const;
    c.input(ROOM, { kind: 'command', command: { name: 'forget', jid: asBare(HAG) }, by, done: (came) => (outcome = came) });
    expect(outcome).toMatchObject({ ok: false, error: { condition: 'forbidden' } });
  });
});
