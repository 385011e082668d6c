/** Who has voice now: mutes, newcomers, voice that a moderator took, kept roles and the room's default, each with the others. */
import type { By } from '../../src/room/contract/audit';
import type { Command, CommandOutcome } from '../../src/room/contract/commands';
import { NS } from '../../src/xmpp/ns';
import { setOwnDomains } from '../../src/xmpp/fold';
import type { Conversation } from '../support/conversation';
import { asBare, asDomain } from '../support/jids';
import { admin, coven, crone, hag, iq, join, ROOM, submit, wicca } from './expected';

const HOUR = 3_600_000;
const HAG = asBare('hag66@shakespeare.lit');
const CRONE = asBare('crone1@shakespeare.lit');
const FIELD = '{urn:parlour:room}newcomerminutes';
const OPEN = { 'muc#roomconfig_persistentroom': '1' };
const NEW = { ...OPEN, [FIELD]: '30' };
const MODERATED = { ...OPEN, 'muc#roomconfig_moderatedroom': '1' };
const BY_DEFAULT = { ...MODERATED, 'muc#roomconfig_membersbydefault': '1' };
const operator: By = { kind: 'operator', name: 'root', face: 'http' };

function run(c: Conversation, command: Command): CommandOutcome | undefined {
  let outcome: CommandOutcome | undefined;
  c.input(ROOM, { kind: 'command', command, by: operator, done: (came) => (outcome = came) });
  return outcome;
}
const mute = (c: Conversation, lasts = HOUR, jid = HAG): CommandOutcome | undefined =>
  run(c, { name: 'mute', target: { jid }, for: lasts });
const unmute = (c: Conversation, jid = HAG): CommandOutcome | undefined => run(c, { name: 'unmute', target: { jid } });
const item = (c: Conversation, xml: string): void => iq(c, crone, 'set', 'i', admin(xml));
const role = (c: Conversation, to: string): void => item(c, `<item nick="thirdwitch" role="${to}"/>`);
const leave = (c: Conversation, from: string = hag): void =>
  c.send(`<presence from="${from}" to="${ROOM}/thirdwitch" type="unavailable"/>`);
const again = (c: Conversation): void => {
  leave(c);
  join(c, hag, 'thirdwitch');
};
function speaks(c: Conversation, from: string = hag): boolean {
  c.forget();
  c.send(`<message from="${from}" to="${ROOM}" type="groupchat" id="m"><body>Bubble</body></message>`);
  const said = c.take().join('');
  expect(said).toMatch(/<forbidden |<body>Bubble<\/body><occupant-id/);
  return !said.includes('<forbidden ');
}
/** The role that those in the room have heard of last. */
const heardAs = (c: Conversation): string | undefined =>
  / role="(\w+)"/.exec(c.take().findLast((stanza) => stanza.includes(`from="${ROOM}/thirdwitch" to="${crone}"`)) ?? '')?.[1];

describe('§8.4, §5.1.3: a mute lasts whatever affiliation below admin somebody gets', () => {
  test.each([
    ['registering', (c: Conversation) => iq(c, hag, 'set', 'r', `<query xmlns="${NS.register}"><username>thirdwitch</username></query>`)],
    ['being made a member', (c: Conversation) => item(c, `<item jid="${HAG}" affiliation="member"/>`)],
    ['their domain being made a member', (c: Conversation) => item(c, '<item jid="shakespeare.lit" affiliation="member"/>')],
  ])('%s', (_, gain) => {
    const c = coven(['thirdwitch'], { ...OPEN, '{urn:parlour:room}registration': 'anyone' });
    mute(c);
    gain(c);
    expect(heardAs(c)).toBe('visitor');
    expect(speaks(c)).toBe(false);
    again(c);
    expect(speaks(c)).toBe(false);
    c.advance(HOUR + 1_000);
    expect(speaks(c)).toBe(true);
  });

  test('a domain that was made admin and is no more', () => {
    const c = coven(['thirdwitch'], OPEN);
    mute(c);
    item(c, '<item jid="shakespeare.lit" affiliation="admin"/>');
    expect(speaks(c)).toBe(true);
    item(c, '<item jid="shakespeare.lit" affiliation="none"/>');
    expect(speaks(c)).toBe(false);
  });
});

describe('§10.2: a configuration gives voice to nobody from whom something else keeps it', () => {
  test.each([
    ['the muted', (c: Conversation) => void mute(c), MODERATED],
    ['newcomers', () => undefined, { ...MODERATED, [FIELD]: '30' }],
    ['whose voice was taken while muted', (c: Conversation) => (mute(c), role(c, 'visitor')), MODERATED],
  ])('%s', (_, before, options) => {
    const c = coven(['thirdwitch'], options);
    before(c);
    iq(c, crone, 'set', 'f', submit({ 'muc#roomconfig_moderatedroom': '0' }));
    expect(speaks(c)).toBe(false);
  });

  test('their voice comes with the end of it, as the room is then', () => {
    const c = coven(['thirdwitch'], MODERATED);
    mute(c);
    iq(c, crone, 'set', 'f', submit({ 'muc#roomconfig_moderatedroom': '0' }));
    c.advance(HOUR + 1_000);
    expect(speaks(c)).toBe(true);
  });

  test('who was in before newcomers listen is no newcomer', () => {
    const c = coven(['thirdwitch'], MODERATED);
    iq(c, crone, 'set', 'f', submit({ [FIELD]: '30' }));
    iq(c, crone, 'set', 'f', submit({ 'muc#roomconfig_moderatedroom': '0' }));
    expect(speaks(c)).toBe(true);
  });
});

describe('§5.1.3: what keeps voice only for a time is no role that is kept', () => {
  test('a newcomer who leaves early has voice later', () => {
    const c = coven(['thirdwitch'], { ...BY_DEFAULT, [FIELD]: '30' });
    leave(c);
    c.advance(HOUR);
    join(c, hag, 'thirdwitch');
    expect(speaks(c)).toBe(true);
  });

  test('voice that was taken from a newcomer stays taken, and voice that was given comes back after a mute, in the room or not', () => {
    const c = coven(['thirdwitch'], { ...BY_DEFAULT, [FIELD]: '30' });
    role(c, 'visitor');
    again(c);
    c.advance(HOUR);
    expect(speaks(c)).toBe(false);
    const other = coven(['thirdwitch'], MODERATED);
    role(other, 'participant');
    mute(other);
    leave(other);
    other.advance(HOUR + 1_000);
    join(other, hag, 'thirdwitch');
    expect(speaks(other)).toBe(true);
    mute(other);
    expect(speaks(other)).toBe(false);
    unmute(other);
    expect(speaks(other)).toBe(true);
  });
});

describe('several at once', () => {
  test.each([
    ['the mute first', HOUR / 4],
    ['the mute last', HOUR],
  ])('a newcomer who is muted speaks when both are over: %s', (_, lasts) => {
    const c = coven(['thirdwitch'], NEW);
    mute(c, lasts);
    c.advance(Math.min(lasts, HOUR / 2) + 1_000);
    expect(speaks(c)).toBe(false);
    c.advance(HOUR);
    expect(speaks(c)).toBe(true);
  });

  test('who was muted when the room had voice for all is after it what the room makes of them', () => {
    const c = coven(['thirdwitch'], OPEN);
    mute(c);
    leave(c);
    iq(c, crone, 'set', 'f', submit({ 'muc#roomconfig_moderatedroom': '1' }));
    join(c, hag, 'thirdwitch');
    c.advance(HOUR + 1_000);
    expect(speaks(c)).toBe(false);
  });

  test('a ban that is over makes nobody known', () => {
    const c = coven(['thirdwitch'], NEW);
    item(c, `<item jid="${HAG}" affiliation="outcast"/>`);
    item(c, `<item jid="${HAG}" affiliation="none"/>`);
    join(c, hag, 'thirdwitch');
    expect(speaks(c)).toBe(false);
    run(c, { name: 'set-affiliations', items: [{ jid: HAG, affiliation: 'outcast', for: 60_000 }] });
    c.advance(61_000);
    join(c, hag, 'thirdwitch');
    expect(speaks(c)).toBe(false);
    c.advance(HOUR);
    expect(speaks(c)).toBe(true);
  });

  test.each([
    ['unmuting', (c: Conversation) => void unmute(c)],
    ['the end of the mute', (c: Conversation) => c.advance(HOUR + 1_000)],
  ])('§8.4: a moderator who revokes voice of somebody muted is heard, and %s does not give it back', (_, end) => {
    const c = coven(['thirdwitch'], OPEN);
    mute(c);
    c.forget();
    role(c, 'visitor');
    expect(heardAs(c)).toBe('visitor');
    end(c);
    expect(speaks(c)).toBe(false);
    role(c, 'participant');
    expect(speaks(c)).toBe(true);
  });

  test('§8.4: who may not revoke their voice does not do so while they are muted either', () => {
    const c = coven(['secondwitch', 'thirdwitch'], OPEN);
    item(c, '<item jid="wiccarocks@shakespeare.lit" affiliation="none"/>');
    item(c, '<item nick="secondwitch" role="moderator"/>');
    item(c, `<item jid="${HAG}" affiliation="member"/>`);
    mute(c);
    c.forget();
    iq(c, wicca, 'set', 'v', admin('<item nick="thirdwitch" role="visitor"/>'));
    expect(c.take().join('')).toContain('<not-allowed');
    unmute(c);
    expect(speaks(c)).toBe(true);
  });
});

test('§8.4: admins and owners are not muted, whoever asks', () => {
  const c = coven(['thirdwitch'], OPEN);
  const refused = { ok: false, error: expect.objectContaining({ condition: 'not-allowed' }) as object };
  expect(mute(c, HOUR, CRONE)).toEqual(refused);
  item(c, '<item jid="shakespeare.lit" affiliation="admin"/>');
  expect(mute(c)).toEqual(refused);
  c.advance(HOUR + 1_000);
  item(c, '<item nick="thirdwitch" role="moderator"/>');
  expect(c.rows(ROOM)).not.toContain('"feature":"mutes"');
});

describe('rule 7: what is taken away is taken from the account, in whichever spelling', () => {
  beforeAll(() => setOwnDomains([asDomain('shakespeare.lit'), asDomain('chat.shakespeare.lit')]));
  afterAll(() => setOwnDomains(undefined));

  test.each([
    ['strasse@away.lit', 'straße@away.lit'],
    ['straße@away.lit', 'strasse@away.lit'],
    ['mal\u00ADlory@away.lit', 'mallory@away.lit'],
  ])('a mute of %s is one of %s', (one, other) => {
    const c = coven([], OPEN);
    join(c, `${other}/1`, 'thirdwitch');
    mute(c, HOUR, asBare(one));
    expect(heardAs(c)).toBe('visitor');
    expect(speaks(c, `${other}/1`)).toBe(false);
    leave(c, `${other}/1`);
    join(c, `${other}/1`, 'thirdwitch');
    expect(speaks(c, `${other}/1`)).toBe(false);
    unmute(c, asBare(other));
    expect(speaks(c, `${other}/1`)).toBe(true);
    expect(c.rows(ROOM)).not.toContain('"feature":"mutes"');
  });

  test.each([
    ['strasse@away.lit', 'straße@away.lit'],
    ['straße@away.lit', 'strasse@away.lit'],
    ['straße@away.lit', 'straße@away.lit'],
  ])('a warning of %s is taken back from %s', (one, other) => {
    const c = coven([], OPEN);
    const outcomes: unknown[] = [];
    const by = { kind: 'operator', name: 'root', face: 'http' } as const;
    const done = (outcome: unknown): void => void outcomes.push(outcome);
    c.input(ROOM, { kind: 'command', command: { name: 'warn', target: { jid: asBare(one) }, reason: 'No shouting.' }, by, done });
    c.input(ROOM, { kind: 'command', command: { name: 'unwarn', target: { jid: asBare(other) } }, by, done });
    expect(outcomes).toEqual([{ ok: true }, { ok: true }]);
    expect(c.rows(ROOM)).not.toContain('"feature":"warnings"');
  });

  test.each([
    ['strasse@away.lit', 'straße@away.lit'],
    ['οδος@away.lit', 'οδοσ@away.lit'],
  ])('XEP-0500: who spoke as %s waits as %s', (one, other) => {
    const c = coven([], { ...OPEN, 'muc#roomconfig_slow_mode_duration': '60' });
    join(c, `${one}/1`, 'one');
    join(c, `${other}/1`, 'other');
    expect(speaks(c, `${one}/1`)).toBe(true);
    c.send(`<message from="${other}/1" to="${ROOM}" type="groupchat" id="m"><body>Bubble</body></message>`);
    expect(c.take().at(-1)).toContain('<policy-violation');
    c.advance(60_000);
    expect(speaks(c, `${other}/1`)).toBe(true);
  });
});
