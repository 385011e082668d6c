/** Mutes, newcomers without voice, and warnings: what keeps somebody silent for a time, and what moderators tell them. */
import { byNameOf } from '../../src/features/restraints/who';
import type { By } from '../../src/room/contract/audit';
import type { Command, CommandOutcome } from '../../src/room/contract/commands';
import { NS } from '../../src/xmpp/ns';
import type { Conversation } from '../support/conversation';
import { asBare } from '../support/jids';
import { admin, coven, crone, hag, hecate, iq, join, presence, ROOM, submit, wicca } from './expected';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const HAG = asBare('hag66@shakespeare.lit');
const COMMANDS = 'http://jabber.org/protocol/commands';
const OPEN = { 'muc#roomconfig_persistentroom': '1' };
const operator: By = { kind: 'operator', name: 'root', face: 'http' };
const account = (jid: string): By => ({ kind: 'account', name: jid.split('/')[0] as string, face: 'http' });
const refused = (condition: string): object => ({ ok: false, error: expect.objectContaining({ condition }) as object });

function run(c: Conversation, command: Command, by: By = account(wicca)): CommandOutcome | undefined {
  let outcome: CommandOutcome | undefined;
  c.input(ROOM, { kind: 'command', command, by, done: (came) => (outcome = came) });
  return outcome;
}
const mute = (c: Conversation, more: { for?: number; reason?: string } = { for: HOUR }): CommandOutcome | undefined =>
  run(c, { name: 'mute', target: { jid: HAG }, ...more });
const say = (c: Conversation, from: string = hag): string => {
  c.forget();
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="m"><body>Bubble</body></message>`);
  return c.take().join('');
};
const wake = (c: Conversation): void => c.input(ROOM, { kind: 'timer' });
const limits = (c: Conversation, by: By = operator): unknown => {
  const outcome = run(c, { name: 'ask', query: { what: 'limits' } }, by);
  return outcome?.ok ? outcome.answer : outcome;
};

describe('found H5, of the same kind: whom a command means', () => {
  const by = (c: Conversation, who: string): string => {
    c.forget();
    const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
    const form = `<x xmlns="jabber:x:data" type="submit">${field('who', who)}${field('for', '1h')}</x>`;
    iq(c, crone, 'set', 'm', `<command xmlns="${COMMANDS}" node="urn:parlour:mute" action="execute"/>`);
    const session = /sessionid="([^"]*)"/.exec(c.take().join(''))?.[1] as string;
    iq(
      c,
      crone,
      'set',
      'n',
      `<command xmlns="${COMMANDS}" node="urn:parlour:mute" sessionid="${session}" action="complete">${form}</command>`,
    );
    return c.take().join('');
  };

  test('an occupant by the room’s address in any spelling; never the room, or an address of its service', () => {
    const c = coven(['thirdwitch'], OPEN);
    expect(by(c, `${ROOM.toUpperCase()}/thirdwitch`)).toContain('status="completed"');
    expect(say(c)).toContain('<forbidden');
    for (const who of [ROOM, 'other@chat.shakespeare.lit']) expect(by(c, who)).toContain('<not-acceptable');
    expect(by(c, `${ROOM}/nobody`)).toContain('<item-not-found');
    expect(run(c, { name: 'mute', target: { jid: asBare('other@chat.shakespeare.lit') } })).toEqual(refused('not-acceptable'));
  });

  test('whoever goes by the address of somebody else does not stand in for them', () => {
    const c = coven(['thirdwitch'], OPEN);
    join(c, wicca, HAG);
    expect(by(c, HAG)).toContain('status="completed"');
    expect(say(c)).toContain('<forbidden');
    expect(say(c, wicca)).toContain('<body>Bubble</body><occupant-id');
  });
});

describe('many ends at once', () => {
  test('they are told a hundred in a decision, and count for all of them at once', () => {
    const c = coven([], { ...OPEN, '{urn:parlour:room}newcomerminutes': '10' });
    const people = Array.from({ length: 130 }, (_, i) => `p${i}@shakespeare.lit/x`);
    for (const [i, jid] of people.entries()) join(c, jid, `p${i}`);
    expect(say(c, people[129])).toContain('<forbidden');
    c.advance(11 * 60_000);
    c.forget();
    expect(say(c, people[129])).toContain('<body>Bubble</body><occupant-id');
    for (let i = 0; i < 3; i++) wake(c);
    expect(c.rows(ROOM)).not.toContain('"isNew\\":true');
    expect(say(c, people[0])).toContain('<body>Bubble</body><occupant-id');
  });

  test('that of whoever asks for something is the first, whatever they ask: the last of many changes the subject', () => {
    const c = coven([], { ...OPEN, '{urn:parlour:room}newcomerminutes': '10', 'muc#roomconfig_changesubject': '1' });
    const people = Array.from({ length: 130 }, (_, i) => `p${i}@shakespeare.lit/x`);
    for (const [i, jid] of people.entries()) join(c, jid, `p${i}`);
    for (let i = 0; i < 130; i++) {
      iq(c, crone, 'set', 'voice', admin(`<item nick="p${i}" role="participant"/>`));
      run(c, { name: 'mute', target: { jid: asBare(`p${i}@shakespeare.lit`) }, for: HOUR }, operator);
    }
    c.advance(2 * HOUR);
    c.forget();
    c.send(`<message from="${people[129] as string}" to="${ROOM}" type="groupchat"><subject>Toil</subject></message>`);
    expect(c.take().filter((xml) => xml.includes('<subject>Toil</subject>'))).toHaveLength(131);
    expect(c.rows(ROOM)).toContain('p128@shakespeare.lit');
  });
});

describe('a mute', () => {
  test('§8.4: everybody sees that they have no voice; they are told until when, at once and when they speak', () => {
    const c = coven(['secondwitch', 'thirdwitch'], OPEN);
    expect(mute(c, { for: HOUR, reason: 'Shouting' })).toEqual({ ok: true });
    const said = c.take();
    const inItem = '<actor nick="secondwitch"/><reason>Shouting</reason>';
    expect(said.join('')).toContain('<reason>Shouting</reason>');
    expect(said.filter((stanza) => stanza.includes('role="visitor"'))).toHaveLength(3);
    expect(said.at(-1)).toContain(`to="${hag}"><body>A moderator has muted you in this room until 2026-01-01T01:00:01Z.`);
    expect(inItem).toContain('secondwitch');
    expect(say(c)).toMatch(/<forbidden .*until 2026-01-01T01:00:01Z.*Shouting/);
  });

  test('at its end they have voice again, as if a moderator had given it, and an act of the room says so', () => {
    const c = coven(['thirdwitch'], OPEN);
    mute(c);
    c.advance(HOUR);
    c.forget();
    c.advance(1_000);
    wake(c);
    c.expect(
      presence('thirdwitch', crone, { affiliation: 'none', role: 'participant', jid: hag }),
      presence('thirdwitch', hag, { affiliation: 'none', role: 'participant' }, { codes: [110] }),
    );
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
    expect(c.rows(ROOM)).not.toContain('"feature":"mutes"');
    expect(c.rows(ROOM)).not.toContain('revoked-voice');
  });

  test('the message that is sent at its end is said, although nothing has woken the room', () => {
    const c = coven(['thirdwitch'], OPEN);
    mute(c);
    c.advance(HOUR + 1_000);
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
  });

  test('it holds over leaving and coming back, a second device, restarts, sleep and a clock that is set back', () => {
    const c = coven(['thirdwitch'], OPEN);
    mute(c, { for: DAY });
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    join(c, `${HAG}/phone`, 'thirdwitch');
    expect(say(c, `${HAG}/phone`)).toContain('<forbidden');
    c.restart();
    c.advance(-3 * DAY);
    expect(say(c, `${HAG}/phone`)).toContain('<forbidden');
    c.advance(DAY - HOUR);
    expect(say(c, `${HAG}/phone`)).toContain('<forbidden');
    c.advance(HOUR + 2_000);
    expect(say(c, `${HAG}/phone`)).toContain('<body>Bubble</body><occupant-id');
  });

  test('of a visitor in a moderated room it gives nothing back that they did not have', () => {
    const c = coven(['thirdwitch'], { ...OPEN, 'muc#roomconfig_moderatedroom': '1' });
    mute(c);
    c.advance(HOUR + 1_000);
    expect(say(c)).toContain('<forbidden');
  });

  test('in a moderated room who left while muted is no visitor for good', () => {
    const c = coven(['thirdwitch'], { ...OPEN, 'muc#roomconfig_moderatedroom': '1', 'muc#roomconfig_membersbydefault': '1' });
    mute(c);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    c.advance(HOUR + 1_000);
    join(c, hag, 'thirdwitch');
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
  });

  test('§8.3: a moderator who gives voice ends it, and so does unmuting', () => {
    const c = coven(['secondwitch', 'thirdwitch'], OPEN);
    mute(c, {});
    iq(c, wicca, 'set', 'v', admin('<item nick="thirdwitch" role="participant"/>'));
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
    mute(c, {});
    expect(say(c)).toContain('until one gives you voice again');
    expect(run(c, { name: 'unmute', target: { nick: 'thirdwitch' } })).toEqual({ ok: true });
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
    expect(run(c, { name: 'unmute', target: { nick: 'thirdwitch' } })).toEqual(refused('item-not-found'));
  });

  test('§8.4: who may: a moderator, nobody of a lower rank than theirs; not admins and owners, not a domain', () => {
    const c = coven(['secondwitch', 'thirdwitch'], OPEN);
    const of = (by: By, target: Command & { name: 'mute' }): unknown => run(c, target, by);
    const against = (nick: string): Command & { name: 'mute' } => ({ name: 'mute', target: { nick } });
    expect(of(account(hag), against('secondwitch'))).toEqual(refused('forbidden'));
    expect(of(account(hecate), against('nobody'))).toEqual(refused('forbidden'));
    expect(of(account(wicca), against('firstwitch'))).toEqual(refused('not-allowed'));
    expect(of(operator, against('nobody'))).toEqual(refused('item-not-found'));
    expect(run(c, { name: 'mute', target: { jid: asBare('shakespeare.lit') } })).toEqual(refused('not-acceptable'));
    expect(mute(c, { for: -1 })).toEqual(refused('not-acceptable'));
    expect(c.rows(ROOM)).not.toContain('"feature":"mutes"');
  });

  test('who is made an admin is muted no longer; a ban takes its place; erasing a person leaves nothing of it', () => {
    const c = coven(['thirdwitch'], OPEN);
    mute(c, {});
    iq(c, crone, 'set', 'a', admin(`<item jid="${HAG}" affiliation="admin"/>`));
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
    iq(c, crone, 'set', 'a', admin(`<item jid="${HAG}" affiliation="none"/>`));
    mute(c, {});
    run(c, { name: 'erase-person', jid: HAG }, operator);
    expect(c.rows(ROOM)).not.toContain('"feature":"mutes"');
  });
});

describe('newcomers ({urn:parlour:room}newcomerminutes)', () => {
  const FIELD = '{urn:parlour:room}newcomerminutes';
  const NEW = { ...OPEN, [FIELD]: '30' };

  test('who comes for the first time listens for so long, and is told until when; then they have voice', () => {
    const c = coven(['thirdwitch'], NEW);
    expect(say(c)).toMatch(/<forbidden .*You can speak from 2026-01-01T00:30:00/);
    c.advance(30 * 60_000);
    c.forget();
    wake(c);
    expect(c.take().join('')).toContain('role="participant"');
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
  });

  test('thousands from one place push out none of those from elsewhere: found F15, of its kind', () => {
    const c = coven(['thirdwitch'], NEW, { isLocal: (domain) => domain !== 'away.lit' });
    const jid = (i: number): string => `p${i}@away.lit/x`;
    const comeAndGo = (from: string): void => {
      join(c, from, 'passer');
      c.send(`<presence from="${from}" to="${ROOM}/passer" type="unavailable"/>`);
      c.forget();
    };
    comeAndGo(hecate);
    const visit = JSON.stringify({ since: Date.UTC(2026, 0, 1), until: Date.UTC(2026, 0, 1, 0, 30), isNew: true });
    for (let i = 0; i < 4_998; i++)
      c.change(ROOM, { table: 'feature', feature: 'newcomers', key: jid(i).split('/')[0] as string, value: visit });
    c.restart();
    for (let i = 5_000; i < 5_010; i++) comeAndGo(jid(i));
    expect(c.rows(ROOM)).toContain(hecate.split('/')[0]);
    expect(c.rows(ROOM)).not.toContain('"p0@away.lit"');
    // Who is in was told until when.
    expect(say(c)).toMatch(/<forbidden .*You can speak from 2026-01-01T00:30:00/);
    c.advance(31 * 60_000);
    wake(c);
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
  });

  test('leaving does not begin it anew, nor end it; who was here is no newcomer the next day', () => {
    const c = coven(['thirdwitch'], NEW);
    const again = (): void => {
      c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
      join(c, hag, 'thirdwitch');
    };
    c.advance(20 * 60_000);
    again();
    expect(say(c)).toContain('<forbidden');
    c.restart();
    c.advance(11 * 60_000);
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
    c.advance(DAY);
    again();
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
  });

  test('a second device, and a clock that is set back, by less or more than it lasts, make it no shorter', () => {
    const c = coven(['thirdwitch'], NEW);
    const phone = `${HAG}/phone`;
    join(c, phone, 'thirdwitch');
    expect(say(c, phone)).toContain('<forbidden');
    c.advance(-10 * 60_000);
    expect(say(c, phone)).toContain('<forbidden');
    c.advance(35 * 60_000);
    expect(say(c, phone)).toContain('<forbidden');
    c.advance(-3 * DAY);
    c.restart();
    expect(say(c, phone)).toContain('<forbidden');
    c.advance(29 * 60_000);
    expect(say(c)).toContain('<forbidden');
    c.advance(2 * 60_000);
    expect(say(c, phone)).toContain('<body>Bubble</body><occupant-id');
  });

  test('members and who is given voice are none', () => {
    const c = coven(['secondwitch', 'thirdwitch'], NEW);
    expect(say(c, wicca)).toContain('<body>Bubble</body><occupant-id');
    iq(c, crone, 'set', 'v', admin('<item nick="thirdwitch" role="participant"/>'));
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    join(c, hag, 'thirdwitch');
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
  });

  test('disco#info says muc_moderated while there are any, and not when the owner ends it: then they have voice', () => {
    const c = coven(['thirdwitch'], NEW);
    iq(c, hag, 'get', 'i', `<query xmlns="${NS.discoInfo}"/>`);
    expect(c.take()[0]).toContain('"muc_moderated"');
    iq(c, crone, 'set', 'f', submit({ [FIELD]: '0' }));
    iq(c, hag, 'get', 'i', `<query xmlns="${NS.discoInfo}"/>`);
    expect(c.take().join('')).toContain('"muc_unmoderated"');
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
    expect(c.rows(ROOM)).not.toContain('"feature":"newcomers"');
  });
});

test('who gave a restraint before that was kept is not known; the room itself has no name', () => {
  expect(byNameOf({ by: null })).toBe('unknown');
  expect(byNameOf({ by: null, byName: null })).toBeNull();
  expect(byNameOf({ by: HAG })).toBeNull();
  expect(byNameOf({ by: null, byName: 'token ci' })).toBe('token ci');
});

describe('a warning', () => {
  const warn = (c: Conversation, more: { for?: number } = {}): CommandOutcome | undefined =>
    run(c, { name: 'warn', target: { jid: HAG }, reason: 'No shouting.', ...more });

  test('the room tells that person alone; moderators see it until its end', () => {
    const c = coven(['secondwitch', 'thirdwitch'], OPEN);
    expect(warn(c, { for: DAY })).toEqual({ ok: true });
    const said = c.take();
    expect(said).toEqual([expect.stringContaining(`to="${hag}"><body>A moderator of this room warns you: No shouting.`)]);
    expect(limits(c, account(wicca))).toEqual([
      {
        kind: 'warning',
        jid: HAG,
        since: expect.any(Number) as number,
        until: Date.UTC(2026, 0, 2, 0, 0, 1),
        by: wicca.split('/')[0],
        byName: null,
        reason: 'No shouting.',
      },
    ]);
    c.restart();
    // A question writes nothing, and knows the end all the same, of a mute too.
    mute(c, { for: DAY });
    expect(limits(c)).toHaveLength(2);
    c.advance(DAY + 2_000);
    expect(limits(c)).toEqual([]);
    wake(c);
    expect(limits(c)).toEqual([]);
    expect(c.rows(ROOM)).not.toMatch(/"feature":"(mutes|warnings)"/);
  });

  test('with the clock set back it stands, and as long as it was given for; one whose end came before they did is told to nobody', () => {
    const c = coven(['secondwitch'], OPEN);
    warn(c, { for: HOUR });
    c.advance(-3 * DAY);
    wake(c);
    expect(limits(c)).toHaveLength(1);
    c.advance(HOUR - 60_000);
    expect(limits(c)).toHaveLength(1);
    c.advance(61_000);
    c.forget();
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).not.toContain('shouting');
    expect(limits(c)).toEqual([]);
  });

  test('who is away is told when they come, once', () => {
    const c = coven(['secondwitch'], OPEN);
    warn(c);
    c.expect();
    c.restart();
    join(c, hag, 'thirdwitch');
    expect(c.take().filter((stanza) => stanza.includes('warns you'))).toHaveLength(1);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
    join(c, hag, 'thirdwitch');
    expect(c.take().filter((stanza) => stanza.includes('warns you'))).toHaveLength(0);
    // Two of one person are two.
    warn(c);
    expect(limits(c)).toHaveLength(2);
  });

  test('a crash keeps nobody from being told: a warning that may not have arrived is said again, until it has', () => {
    const c = coven(['secondwitch', 'thirdwitch'], OPEN);
    const told = (): readonly string[] => c.take().filter((stanza) => stanza.includes('warns you'));
    warn(c);
    expect(told()).toHaveLength(1);
    c.restart(false);
    const again = told();
    expect(again).toHaveLength(1);
    expect(again[0]).toContain(`to="${hag}"`);
    c.restart();
    told();
    c.restart(false);
    expect(told()).toEqual([]);
  });

  test('who comes is warned behind the history and the subject (XEP-0045 §7.2.13)', () => {
    const c = coven(['secondwitch'], OPEN);
    c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="h"><body>Before.</body></message>`);
    warn(c);
    c.take();
    join(c, hag, 'thirdwitch');
    const order = c.take().filter((stanza) => stanza.startsWith('<message') && stanza.includes(`to="${hag}"`));
    expect(order.map((stanza) => /Before\.|<subject|warns you/.exec(stanza)?.[0])).toEqual(['Before.', '<subject', 'warns you']);
  });

  test('who is no moderator neither warns nor sees who was warned; a warning says of what', () => {
    const c = coven(['thirdwitch'], OPEN);
    expect(run(c, { name: 'warn', target: { nick: 'firstwitch' }, reason: 'x' }, account(hag))).toEqual(refused('forbidden'));
    expect(limits(c, account(hag))).toEqual(refused('forbidden'));
    expect(run(c, { name: 'warn', target: { jid: HAG }, reason: ' ' })).toEqual(refused('bad-request'));
  });
});

describe('the commands of the room (XEP-0050)', () => {
  function command(c: Conversation, from: string, node: string, fields: Record<string, string>): string {
    c.forget();
    iq(c, from, 'set', 'b', `<command xmlns="${COMMANDS}" node="${node}"/>`);
    const session = / sessionid="([^"]*)"/.exec(c.take().join(''))?.[1] ?? '';
    const filled = Object.entries({ FORM_TYPE: node, ...fields }).map(
      ([name, value]) => `<field var="${name}"><value>${value}</value></field>`,
    );
    const form = `<x xmlns="jabber:x:data" type="submit">${filled.join('')}</x>`;
    iq(c, from, 'set', 'r', `<command xmlns="${COMMANDS}" node="${node}" sessionid="${session}">${form}</command>`);
    return c.take().join('');
  }

  test('a moderator mutes for an hour by a command of the room, and ends it by another', () => {
    const c = coven(['secondwitch', 'thirdwitch'], OPEN);
    expect(command(c, wicca, 'urn:parlour:mute', { who: 'thirdwitch', for: '1h', reason: '' })).toContain('Done.');
    expect(say(c)).toContain('until 2026-01-01T01:00:01Z');
    expect(command(c, crone, 'urn:parlour:ends', {})).toContain('<value>Mute</value>');
    expect(command(c, wicca, 'urn:parlour:mute', { who: `${ROOM}/thirdwitch`, for: '0' })).toContain('Done.');
    expect(say(c)).toContain('<body>Bubble</body><occupant-id');
    expect(command(c, wicca, 'urn:parlour:mute', { who: 'nobody', for: '' })).toContain('<item-not-found');
    expect(command(c, wicca, 'urn:parlour:mute', { who: 'thirdwitch', for: 'soon' })).toContain('<bad-payload');
    expect(command(c, hag, 'urn:parlour:mute', { who: 'secondwitch' })).toContain('<forbidden');
  });

  test('a moderator warns by a command of the room', () => {
    const c = coven(['secondwitch', 'thirdwitch'], OPEN);
    const said = command(c, wicca, 'urn:parlour:warn', { who: 'thirdwitch', for: '1w', reason: 'No shouting.' });
    expect(said).toContain('warns you: No shouting.');
    expect(said).toContain('Done.');
    expect(command(c, hag, 'urn:parlour:warn', { who: 'secondwitch', reason: 'x' })).toContain('<forbidden');
  });

  test('and takes it back: nobody sees it any more, and who was away is not told', () => {
    const c = coven(['secondwitch'], OPEN);
    const HAG = 'hag66@shakespeare.lit';
    expect(command(c, wicca, 'urn:parlour:warn', { who: HAG, for: '0' })).toContain('<item-not-found');
    for (const reason of ['No shouting.', 'No singing.'])
      expect(command(c, wicca, 'urn:parlour:warn', { who: HAG, reason })).toContain('Done.');
    expect(command(c, wicca, 'urn:parlour:warn', { who: HAG, for: '0' })).toContain('Done.');
    expect(run(c, { name: 'unwarn', target: { jid: asBare(HAG) } })).toEqual(refused('item-not-found'));
    c.restart();
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).not.toContain('shouting');
  });
});
