/** Typed questions to a room (design rule 5): never more than the protocol would tell whoever asks. */
import type { Query } from '../../src/room/contract/asking';
import type { By } from '../../src/room/contract/audit';
import type { CommandOutcome } from '../../src/room/contract/commands';
import type { Conversation } from '../support/conversation';
import { asBare } from '../support/jids';
import { coven, crone, hag, hecate, ROOM, wicca } from './expected';
import { MODE, PERSISTENT, send as register } from './registration-stanzas';

const OPERATOR: By = { kind: 'operator', name: 'ada', face: 'command-line', claimed: true };
const account = (jid: string): By => ({ kind: 'account', name: jid.split('/')[0] as string, face: 'http' });

function ask(c: Conversation, query: Query, by: By = OPERATOR): unknown {
  const outcomes: CommandOutcome[] = [];
  const command = query.what === 'archive' ? ({ name: 'ask-archive', query } as const) : ({ name: 'ask', query } as const);
  c.input(ROOM, { kind: 'command', command, by, done: (outcome) => outcomes.push(outcome) });
  expect(outcomes).toHaveLength(1);
  const [outcome] = outcomes as [CommandOutcome];
  return outcome.ok ? outcome.answer : outcome.error.condition;
}

const says = (c: Conversation, from: string, body: string): void =>
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat"><body>${body}</body></message>`);

test('what kind of room it is; who created it only for owners and those who run the service', () => {
  const c = coven(['thirdwitch'], {
    'muc#roomconfig_roomname': 'A Dark Cave',
    'muc#roomconfig_membersonly': '0',
    'muc#roomconfig_publicroom': '0',
  });
  c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><subject>Brew</subject></message>`);
  const answer = ask(c, { what: 'room' });
  expect(answer).toMatchObject({
    jid: ROOM,
    name: 'A Dark Cave',
    locked: false,
    listed: false,
    membersOnly: false,
    protected: false,
    occupants: 2,
  });
  expect(answer).toMatchObject({ creator: 'crone1@shakespeare.lit', subject: { text: 'Brew', nick: 'firstwitch' } });
  expect(ask(c, { what: 'room' }, account(hag))).toMatchObject({ name: 'A Dark Cave', creator: null });
});

test('§6.5 occupants: for those in the room, others only where the room shows them; real JIDs as presence shows them', () => {
  const c = coven(['secondwitch', 'thirdwitch']);
  const nicks = (by?: By): unknown => {
    const answer = ask(c, { what: 'occupants' }, by) as { entries: { nick: string; jid: string | null }[] } | string;
    return typeof answer === 'string' ? answer : answer.entries.map(({ nick, jid }) => [nick, jid]);
  };
  const all = [
    ['firstwitch', 'crone1@shakespeare.lit'],
    ['secondwitch', 'wiccarocks@shakespeare.lit'],
    ['thirdwitch', 'hag66@shakespeare.lit'],
  ];
  expect(nicks()).toEqual(all);
  expect(nicks(account(wicca))).toEqual(all);
  expect(nicks(account(hag))).toEqual([
    ['firstwitch', null],
    ['secondwitch', null],
    ['thirdwitch', 'hag66@shakespeare.lit'],
  ]);
  expect(nicks(account(hecate))).toBe('forbidden');
});

test('lists come in parts, and what comes between moves nothing', () => {
  const c = coven();
  const jids = Array.from({ length: 25 }, (_, i) => asBare(`m${String(i).padStart(2, '0')}@x.lit`));
  c.input(ROOM, {
    kind: 'command',
    command: { name: 'set-affiliations', items: jids.map((jid) => ({ jid, affiliation: 'member' as const })) },
    done: () => undefined,
  });
  const seen: string[] = [];
  let after: string | undefined;
  do {
    const query: Query = { what: 'affiliations', affiliation: 'member', limit: 10, ...(after === undefined ? {} : { after }) };
    const { entries, next } = ask(c, query) as { entries: { jid: string }[]; next?: string };
    seen.push(...entries.map(({ jid }) => jid));
    after = next;
  } while (after !== undefined);
  expect(seen).toEqual(jids);
  expect(ask(c, { what: 'affiliations', affiliation: 'member' }, account(hag))).toBe('forbidden');
});

test('the owner’s form for owners, counts for admins', () => {
  const c = coven(['thirdwitch']);
  const fields = ask(c, { what: 'options' }, account(crone)) as { var: string; values: string[] }[];
  expect(fields.find((field) => field.var === 'muc#roomconfig_roomadmins')?.values).toEqual(['wiccarocks@shakespeare.lit']);
  expect(ask(c, { what: 'options' }, account(wicca))).toBe('forbidden');
  expect(ask(c, { what: 'numbers' }, account(wicca))).toMatchObject({
    occupants: 2,
    sessions: 2,
    affiliations: { owner: 1, admin: 1, member: 0, outcast: 0 },
  });
  expect(ask(c, { what: 'numbers' }, account(hag))).toBe('forbidden');
});

test('what waits for an answer: registrations for admins, voice requests and messages for moderators', () => {
  const c = coven(['thirdwitch'], {
    [MODE]: 'approval',
    [PERSISTENT]: '1',
    'muc#roomconfig_moderatedroom': '1',
    '{urn:parlour:room}approvemessages': '1',
  });
  register(c);
  says(c, hag, 'may I?');
  c.send(
    `<message from="${hag}" to="${ROOM}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#request</value></field><field var="muc#role"><value>participant</value></field></x></message>`,
  );
  c.input(ROOM, {
    kind: 'command',
    command: { name: 'invite', jid: asBare('hecate@shakespeare.lit') },
    by: account(crone),
    done: () => undefined,
  });
  const jid = 'hag66@shakespeare.lit';
  expect(ask(c, { what: 'queues' })).toEqual([
    expect.objectContaining({ kind: 'voice', jid }),
    expect.objectContaining({ kind: 'message', jid, about: 'may I?', id: expect.stringMatching(/./) as unknown }),
    expect.objectContaining({ kind: 'invitation', jid: 'hecate@shakespeare.lit', about: 'crone1@shakespeare.lit' }),
    expect.objectContaining({ kind: 'registration', jid }),
  ]);
  // An admin who is not in the room is no moderator.
  expect(ask(c, { what: 'queues' }, account(wicca))).toMatchObject([{ kind: 'invitation' }, { kind: 'registration' }]);
  expect(ask(c, { what: 'queues' }, account(hag))).toBe('forbidden');
});

describe('XEP-0313 the archive', () => {
  test('pages, words and authors; JIDs for those who see them', () => {
    const c = coven(['thirdwitch']);
    for (const body of ['one tea', 'two', 'three tea']) says(c, hag, body);
    says(c, crone, 'four');
    const bodies = (query: Omit<Extract<Query, { what: 'archive' }>, 'what'>, by?: By): unknown => {
      const answer = ask(c, { what: 'archive', ...query }, by) as
        { messages: { payload: string; jid: string | null }[]; complete: boolean } | string;
      if (typeof answer === 'string') return answer;
      return [...answer.messages.map(({ payload, jid }) => `${/<body>(.*)<\/body>/.exec(payload)?.[1]} ${jid}`), answer.complete];
    };
    const own = 'hag66@shakespeare.lit';
    expect(bodies({ paging: { max: 3 } })).toEqual([`one tea ${own}`, `two ${own}`, `three tea ${own}`, false]);
    expect(bodies({ paging: { max: 9 }, with: asBare('crone1@shakespeare.lit') })).toEqual(['four crone1@shakespeare.lit', true]);
    expect(bodies({ paging: { max: 1, before: '' } }, account(hag))).toEqual(['four null', false]);
    // Whose they are is no secret to be found out by asking.
    expect(bodies({ paging: { max: 9 }, with: asBare('crone1@shakespeare.lit') }, account(hag))).toEqual([true]);
    expect(bodies({ paging: { max: 9, after: 'nothing' } })).toBe('item-not-found');
    expect(bodies({ paging: { max: 9 }, text: 'x'.repeat(2000) })).toBe('not-acceptable');
  });

  test('who may not enter may not read; the operator may', () => {
    const c = coven([], { 'muc#roomconfig_membersonly': '1', 'muc#roomconfig_persistentroom': '1' });
    says(c, crone, 'secret');
    expect(ask(c, { what: 'archive', paging: { max: 9 } }, account(hag))).toBe('forbidden');
    expect(ask(c, { what: 'archive', paging: { max: 9 } })).toMatchObject({ messages: [{ nick: 'firstwitch' }], complete: true });
  });
});

test('§17.2 of a room that nobody has configured, and of none, strangers learn the same', () => {
  const c = coven();
  c.send(`<presence from="${hag}" to="locked@chat.shakespeare.lit/x"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
  const at = (room: string): unknown => {
    const outcomes: CommandOutcome[] = [];
    c.input(room, {
      kind: 'command',
      command: { name: 'ask', query: { what: 'room' } },
      by: account(hecate),
      done: (outcome) => outcomes.push(outcome),
    });
    return outcomes;
  };
  expect(JSON.stringify(at('locked@chat.shakespeare.lit'))).toBe(JSON.stringify(at('nothing@chat.shakespeare.lit')));
  expect(at('nothing@chat.shakespeare.lit')).toMatchObject([{ ok: false, error: { condition: 'item-not-found' } }]);
});
