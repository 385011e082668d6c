/** What other faces than XMPP may do in a room (design rule 5): people see the same as when somebody in the room does it. */
import type { By } from '../../src/room/contract/audit';
import type { Command, CommandOutcome } from '../../src/room/contract/commands';
import { Sentence } from '../../src/words';
import type { Conversation } from '../support/conversation';
import { asBare } from '../support/jids';
import { coven, crone, gone, hag, hecate, iq, join, message, presence, ROOM, wicca } from './expected';
import { MODE, PERSISTENT, send as register } from './registration-stanzas';

const OPERATOR: By = { kind: 'operator', name: 'ada', face: 'command-line', claimed: true };
const account = (jid: string): By => ({ kind: 'account', name: jid.split('/')[0] as string, face: 'http' });

/** Gives a command; answers what came of it, which is certain by then. */
function run(c: Conversation, command: Command, by: By = OPERATOR): CommandOutcome {
  const outcomes: CommandOutcome[] = [];
  c.input(ROOM, { kind: 'command', command, by, done: (outcome) => outcomes.push(outcome) });
  expect(outcomes).toHaveLength(1);
  return outcomes[0] as CommandOutcome;
}

const refused = (condition: string): unknown => ({
  ok: false,
  error: expect.objectContaining({ condition, text: expect.any(Sentence) as unknown }) as unknown,
});
const idOf = (c: Conversation): string => /<stanza-id xmlns="urn:xmpp:sid:0" id="([^"]*)"/.exec(c.take()[0] ?? '')?.[1] ?? '';
const says = (c: Conversation, from: string, body: string): void =>
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat"><body>${body}</body></message>`);
const fromRoom = (to: string, content: string, attrs = ''): string =>
  `<message from="${ROOM}" to="${to}" type="groupchat"${attrs}>${content}<stanza-id xmlns="urn:xmpp:sid:0" id="{sid:room}" by="${ROOM}"/></message>`;

describe('§8.1 the subject by command', () => {
  test('the operator’s is the room’s own, and who enters gets it from the room', () => {
    const c = coven();
    expect(run(c, { name: 'set-subject', text: 'Fire & cauldron', lang: 'en' })).toEqual({ ok: true });
    c.expect(fromRoom(crone, '<subject>Fire &amp; cauldron</subject>', ' xml:lang="en"'));
    join(c, hag, 'thirdwitch');
    expect(c.take().at(-1)).toMatch(new RegExp(`^<message from="${ROOM}" to="${hag}"[^>]*><subject>Fire &amp; cauldron</subject>`));
  });

  test('of somebody who is in the room it is theirs, as if they had sent it', () => {
    const c = coven(['thirdwitch']);
    expect(run(c, { name: 'set-subject', text: 'Brew' }, account(crone))).toEqual({ ok: true });
    c.expect(message('firstwitch', crone, '<subject>Brew</subject>', 'a'), message('firstwitch', hag, '<subject>Brew</subject>', 'a'));
    expect(run(c, { name: 'set-subject', text: 'Mine' }, account(hag))).toEqual(refused('forbidden'));
    expect(run(c, { name: 'set-subject', text: 'Mine' }, account(hecate))).toEqual(refused('forbidden'));
    expect(run(c, { name: 'set-subject', text: 'x'.repeat(100_000) })).toEqual(refused('not-acceptable'));
    c.expect();
  });
});

describe('§7.6 a nickname by command', () => {
  test('everybody sees the change, and the person is told that the room assigned it (210)', () => {
    const c = coven(['thirdwitch']);
    expect(run(c, { name: 'change-nick', nick: 'thirdwitch', to: 'oldhag' })).toEqual({ ok: true });
    const item = { affiliation: 'none', role: 'participant' };
    c.expect(
      gone('thirdwitch', crone, { affiliation: 'none', jid: hag, nick: 'oldhag' }, { codes: [303] }).replace(
        'role="none"',
        'role="participant"',
      ),
      gone('thirdwitch', hag, { affiliation: 'none', nick: 'oldhag' }, { codes: [110, 303] }).replace('role="none"', 'role="participant"'),
      presence('oldhag', crone, { ...item, jid: hag }, { codes: [210], occupant: 'thirdwitch' }),
      presence('oldhag', hag, item, { codes: [110, 210], occupant: 'thirdwitch' }),
    );
  });

  test('a nick that somebody has, one that is none, and nobody of that nick are refused; others may not', () => {
    const c = coven(['secondwitch', 'thirdwitch']);
    expect(run(c, { name: 'change-nick', nick: 'thirdwitch', to: 'firstwitch' })).toEqual(refused('conflict'));
    expect(run(c, { name: 'change-nick', nick: 'thirdwitch', to: ' ' })).toEqual(refused('jid-malformed'));
    expect(run(c, { name: 'change-nick', nick: 'nobody', to: 'x' })).toEqual(refused('item-not-found'));
    expect(run(c, { name: 'change-nick', nick: 'thirdwitch', to: 'x' }, account(crone))).toEqual(refused('forbidden'));
    expect(run(c, { name: 'change-nick', nick: 'thirdwitch', to: 'thirdwitch' })).toEqual({ ok: true });
    c.expect();
  });
});

describe('what the room says by command', () => {
  test('comes from the room and is in the archive; nobody but those who run the service may', () => {
    const c = coven();
    expect(run(c, { name: 'say', body: 'Down for <maintenance>' })).toEqual({ ok: true });
    c.expect(fromRoom(crone, '<body>Down for &lt;maintenance&gt;</body>'));
    expect(run(c, { name: 'say', body: ' ' })).toEqual(refused('bad-request'));
    expect(run(c, { name: 'say', body: 'x'.repeat(10_001) })).toEqual(refused('not-acceptable'));
    expect(run(c, { name: 'say', body: 'I am the room' }, account(crone))).toEqual(refused('forbidden'));
    c.expect();
    join(c, hag, 'thirdwitch', '<history maxstanzas="9"/>');
    expect(c.take().filter((xml) => xml.includes('Down for'))).toHaveLength(1);
  });
});

describe('§7.8.2 an invitation by command', () => {
  const invitation = (to: string, from: string): string =>
    `to="${to}"><x xmlns="http://jabber.org/protocol/muc#user"><invite from="${from}"`;

  test('of the operator comes from the room, one only, also into a members-only room, and makes a member there (§9.5)', () => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1', 'muc#roomconfig_persistentroom': '1' });
    expect(run(c, { name: 'invite', jid: asBare('hecate@shakespeare.lit'), reason: 'come' })).toEqual({ ok: true });
    const said = c.take();
    expect(said.filter((xml) => xml.includes('<invite'))).toEqual([expect.stringContaining(invitation('hecate@shakespeare.lit', ROOM))]);
    expect(said.join('')).toContain('<reason>come</reason>');
    join(c, hecate, 'fourthwitch');
    expect(c.take().join('')).toContain('affiliation="member"');
  });

  test('of somebody present is theirs; strangers may not; the banned, the service’s own and oneself are refused', () => {
    const c = coven(['thirdwitch']);
    expect(run(c, { name: 'invite', jid: asBare('hecate@shakespeare.lit') }, account(hag))).toEqual({ ok: true });
    expect(c.take()).toEqual([expect.stringContaining(invitation('hecate@shakespeare.lit', `${ROOM}/thirdwitch`))]);
    expect(run(c, { name: 'invite', jid: asBare('other@shakespeare.lit') }, account(hecate))).toEqual(refused('not-acceptable'));
    expect(run(c, { name: 'invite', jid: asBare('hag66@shakespeare.lit') }, account(hag))).toEqual(refused('not-allowed'));
    expect(run(c, { name: 'invite', jid: asBare('x@chat.shakespeare.lit') })).toEqual(refused('item-not-found'));
    run(c, { name: 'set-affiliations', items: [{ jid: asBare('earl@shakespeare.lit'), affiliation: 'outcast' }] });
    c.forget();
    expect(run(c, { name: 'invite', jid: asBare('earl@shakespeare.lit') })).toEqual(refused('not-allowed'));
    c.expect();
  });
});

describe('answers by command', () => {
  test('§8.6 to a request for voice', () => {
    const c = coven(['thirdwitch'], { 'muc#roomconfig_moderatedroom': '1', 'muc#roomconfig_persistentroom': '1' });
    const answer: Command = { name: 'answer-voice', jid: asBare('hag66@shakespeare.lit'), allow: true };
    expect(run(c, answer)).toEqual(refused('item-not-found'));
    c.send(
      `<message from="${hag}" to="${ROOM}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#request</value></field><field var="muc#role"><value>participant</value></field></x></message>`,
    );
    c.forget();
    expect(run(c, answer, account(wicca))).toEqual(refused('forbidden'));
    expect(run(c, answer)).toEqual({ ok: true });
    const item = { affiliation: 'none', role: 'participant' };
    c.expect(presence('thirdwitch', crone, { ...item, jid: hag }), presence('thirdwitch', hag, item, { codes: [110] }));
  });

  test('§9.9 to a registration, for admins', () => {
    const c = coven([], { [MODE]: 'approval', [PERSISTENT]: '1' });
    register(c);
    c.forget();
    const answer: Command = { name: 'answer-registration', jid: asBare('hag66@shakespeare.lit'), allow: true };
    expect(run(c, answer, account(hag))).toEqual(refused('forbidden'));
    expect(run(c, answer, account(crone))).toEqual({ ok: true });
    expect(c.take().join('')).toContain('affiliation="member"');
    expect(run(c, answer, account(crone))).toEqual(refused('item-not-found'));
  });

  test('to a message that waits for approval', () => {
    const c = coven(['thirdwitch'], {
      'muc#roomconfig_moderatedroom': '1',
      'muc#roomconfig_persistentroom': '1',
      '{urn:parlour:room}approvemessages': '1',
    });
    says(c, hag, 'may I?');
    const id = /var="message"[^>]*><value>([^<]*)/.exec(c.take().join(''))?.[1] ?? '';
    expect(run(c, { name: 'answer-message', id, allow: true }, account(hag))).toEqual(refused('forbidden'));
    expect(run(c, { name: 'answer-message', id, allow: true })).toEqual({ ok: true });
    expect(c.take().filter((xml) => xml.includes('<body>may I?</body>'))).toHaveLength(2);
    expect(run(c, { name: 'answer-message', id, allow: true })).toEqual(refused('item-not-found'));
  });
});

describe('XEP-0425 a message is moderated by command', () => {
  test('by the operator and by a moderator’s account, with the reason; certain when it is answered', () => {
    const c = coven(['thirdwitch']);
    says(c, hag, 'spam');
    const id = idOf(c);
    expect(run(c, { name: 'moderate', id, reason: 'spam' }, account(hag))).toEqual(refused('forbidden'));
    expect(run(c, { name: 'moderate', id: 'nothing' })).toEqual(refused('item-not-found'));
    c.expect();
    expect(run(c, { name: 'moderate', id, reason: 'spam' }, account(crone))).toEqual({ ok: true });
    expect(c.take().join('')).toContain('<reason>spam</reason>');
    c.restart();
    c.forget();
    iq(c, crone, 'set', 'q', '<query xmlns="urn:xmpp:mam:2"/>');
    expect(c.take().join('')).not.toContain('<body>spam</body>');
    // What is so already succeeds.
    expect(run(c, { name: 'moderate', id })).toEqual({ ok: true });
  });
});

test('a room that is not there has nothing of it', () => {
  const c = coven();
  run(c, { name: 'erase' });
  for (const name of ['say', 'set-subject', 'invite', 'moderate', 'change-nick'] as const) {
    const command = { name, body: 'x', text: 'x', jid: asBare('hecate@shakespeare.lit'), id: 'x', nick: 'x', to: 'y' } as Command;
    expect(run(c, command)).toEqual(refused('item-not-found'));
  }
});
