/** Affiliations with an end: a ban for two days, an admin for a week. */
import type { By } from '../../src/room/contract/audit';
import type { AffiliationItem, CommandOutcome } from '../../src/room/contract/commands';
import { NS } from '../../src/xmpp/ns';
import type { Conversation } from '../support/conversation';
import { asBare } from '../support/jids';
import {
  admin,
  announced,
  coven,
  crone,
  gone,
  hag,
  hecate,
  iq,
  join,
  notice101,
  presence,
  refusal,
  result,
  ROOM,
  submit,
  wicca,
} from './expected';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const HAG = 'hag66@shakespeare.lit';
const WICCA = 'wiccarocks@shakespeare.lit';
const CRONE = 'crone1@shakespeare.lit';
const COMMANDS = 'http://jabber.org/protocol/commands';
const operator: By = { kind: 'operator', name: 'root', face: 'http' };
const OPEN = { 'muc#roomconfig_persistentroom': '1' };

/** Gives affiliations, by those who run the service. */
function give(c: Conversation, ...items: (Omit<AffiliationItem, 'jid'> & { readonly jid: string })[]): CommandOutcome {
  let outcome: CommandOutcome | undefined;
  const command = { name: 'set-affiliations', items: items.map((item) => ({ ...item, jid: asBare(item.jid) })) } as const;
  c.input(ROOM, { kind: 'command', command, by: operator, done: (came) => (outcome = came) });
  if (!outcome) throw new Error('The command has not settled.');
  return outcome;
}
const ban = (c: Conversation, days = 2, jid = HAG): CommandOutcome => give(c, { jid, affiliation: 'outcast', for: days * DAY });
/** The room's deadline comes. */
const wake = (c: Conversation): void => {
  c.input(ROOM, { kind: 'timer' });
};
/** The deadline that is stored, by which a sleeping room is woken. */
/** The room's deadline, unless it is the one at which what wakes its owner is over: a year after their first visit. */
const deadline = (c: Conversation): number | null => {
  const found = Number(/"deadline":(\d+|null)/.exec(c.rows(ROOM))?.[1]?.replace('null', '0') ?? '0');
  return found === 0 || found === Date.parse('2027-01-01') ? null : found;
};

describe('a ban with an end (XEP-0045 §9.1)', () => {
  test('who comes back before its end is told when that is, in their language; afterwards they come in', () => {
    const c = coven(['thirdwitch'], OPEN);
    expect(ban(c)).toEqual({ ok: true });
    c.forget();
    c.advance(2 * DAY - 10_000);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" xml:lang="de"><x xmlns="${NS.muc}"/></presence>`);
    expect(c.take()).toEqual([expect.stringMatching(/<forbidden .*Bis 2026-01-03T00:00:01Z aus diesem Raum ausgeschlossen/)]);
    c.advance(12_000);
    join(c, hag, 'thirdwitch');
    const [others] = c.take();
    expect(others).toContain(`<item affiliation="none" jid="${HAG}" role="none">`);
    expect(c.rows(ROOM)).not.toContain('"affiliation":"outcast"');
  });

  test.each([
    ['the archive (XEP-0313 §6.1.2)', `<query xmlns="${NS.mam}"/>`, 'set', 'forbidden'],
    ['registration (§7.10)', `<query xmlns="${NS.register}"/>`, 'get', 'not-allowed'],
    ['the vCard (XEP-0054)', `<vCard xmlns="${NS.vcard}"/>`, 'get', 'forbidden'],
  ] as const)('its end is compared for %s too, although nothing has woken the room', (_, payload, type, condition) => {
    const c = coven(['thirdwitch'], OPEN);
    ban(c);
    c.forget();
    c.advance(2 * DAY - 10_000);
    iq(c, hag, type, 'q', payload);
    expect(c.take()).toEqual([expect.stringMatching(new RegExp(`<${condition} .*until 2026-01-03T00:00:01Z`))]);
    c.advance(12_000);
    iq(c, hag, type, 'q', payload);
    expect(c.take().join('')).not.toMatch(/<error [^>]*>.*until/);
  });

  test('its end is compared for invitations (§7.8.2), and for each JID that may be the same account', () => {
    const c = coven([], OPEN);
    give(c, { jid: 'strasse@other.lit', affiliation: 'outcast', for: DAY });
    c.forget();
    const invite = (): void => {
      c.send(`<message from="${crone}" to="${ROOM}"><x xmlns="${NS.mucUser}"><invite to="straße@other.lit"/></x></message>`);
    };
    invite();
    expect(c.take().join('')).toContain('type="error"');
    c.advance(DAY + 1_000);
    invite();
    expect(c.take().join('')).toContain('<invite from=');
  });

  test('a question changes nothing and knows the end all the same; the decision after it ends the ban', () => {
    const c = coven([], OPEN);
    ban(c, 1);
    c.forget();
    c.advance(DAY + 1_000);
    const watched = c.watch();
    iq(c, crone, 'get', 'l', admin('<item affiliation="outcast"/>'));
    const [list, told] = c.take();
    expect(list).toBe(result(crone, 'l', admin('')));
    expect(told).toContain(`<item affiliation="none" jid="${HAG}" role="none"`);
    expect(watched).toEqual([
      { input: 'stanza', writes: 0 },
      { input: 'timer', writes: expect.any(Number) as number },
    ]);
  });

  test('it is banned for good by a ban without an end, and the end is gone', () => {
    const c = coven([], OPEN);
    ban(c, 1);
    give(c, { jid: HAG, affiliation: 'outcast' });
    c.forget();
    c.advance(DAY + 1_000);
    join(c, hag, 'thirdwitch');
    c.expect(refusal('presence', `${ROOM}/thirdwitch`, hag, 'n13mt3l', 'auth', 'forbidden', `<x xmlns="${NS.muc}"/>`));
    expect(deadline(c)).toBeNull();
  });

  test('clients that ban as they always did (§9.1 Example 106) take the end away', () => {
    const c = coven([], OPEN);
    ban(c, 1);
    iq(c, wicca, 'set', 'b', admin(`<item affiliation="outcast" jid="${HAG}"/>`));
    c.forget();
    c.advance(DAY + 1_000);
    wake(c);
    expect(c.rows(ROOM)).toContain('outcast');
  });

  test('a member who is banned for a day is no member afterwards: a ban ends as none', () => {
    const c = coven([], { ...OPEN, 'muc#roomconfig_membersonly': '1' });
    give(c, { jid: HAG, affiliation: 'member' });
    ban(c, 1);
    c.forget();
    c.advance(DAY + 1_000);
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toContain('<registration-required');
  });

  test('of a domain too; who is listed by themselves is not met by it', () => {
    const c = coven([], OPEN);
    ban(c, 1, 'spam.example');
    const knock = (): string => {
      c.forget();
      join(c, 'bot@spam.example/1', 'bot');
      return c.take().join('');
    };
    expect(knock()).toContain('<forbidden');
    c.advance(DAY + 1_000);
    expect(knock()).toContain('<status code="110"/>');
  });
});

describe('other affiliations with an end', () => {
  test('§10.6, §10.7: an admin for a day is a member again, as if somebody had changed it: presence for all, an act of the room itself', () => {
    const c = coven(['thirdwitch'], OPEN);
    give(c, { jid: HAG, affiliation: 'member' });
    give(c, { jid: HAG, affiliation: 'admin', for: DAY });
    c.forget();
    c.advance(DAY + 1_000);
    wake(c);
    c.expect(
      presence('thirdwitch', crone, { affiliation: 'member', role: 'participant', jid: hag }),
      presence('thirdwitch', hag, { affiliation: 'member', role: 'participant' }, { codes: [110] }),
    );
    const [act] = acts(c);
    expect(act?.slice(1)).toEqual(['the room itself', 'affiliations', HAG, 'Admin until 2026-01-02T00:00:01Z → Member', '']);
  });

  test('§9.4: a member for a day is put out of a members-only room with 321, and is told why', () => {
    const c = coven([], { ...OPEN, 'muc#roomconfig_membersonly': '1' });
    give(c, { jid: HAG, affiliation: 'member', for: DAY });
    join(c, hag, 'thirdwitch');
    c.forget();
    c.advance(DAY + 1_000);
    c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="m"><body>Still here?</body></message>`);
    const inItem = '<reason>The time for which it was given is over.</reason>';
    c.expect(
      gone('thirdwitch', hag, { affiliation: 'none' }, { codes: [110, 321], inItem }),
      gone('thirdwitch', crone, { affiliation: 'none', jid: hag }, { codes: [321], inItem }),
      refusal('message', ROOM, hag, 'm', 'modify', 'not-acceptable', '<body>Still here?</body>'),
    );
  });

  test('the second device of a member whose time is over finds the members-only room closed', () => {
    const c = coven([], { ...OPEN, 'muc#roomconfig_membersonly': '1' });
    give(c, { jid: HAG, affiliation: 'member', for: DAY });
    join(c, hag, 'thirdwitch');
    c.forget();
    c.advance(DAY + 1_000);
    join(c, `${HAG}/laptop`, 'thirdwitch');
    expect(c.take().at(-1)).toMatch(new RegExp(`to="${HAG}/laptop" .*<registration-required`));
  });

  test('an end that is given to a lasting affiliation ends it; one that is given again replaces the first, and what came before stays', () => {
    const c = coven([], OPEN);
    give(c, { jid: HAG, affiliation: 'member' });
    give(c, { jid: HAG, affiliation: 'admin', for: DAY });
    give(c, { jid: HAG, affiliation: 'admin', for: 3 * DAY });
    give(c, { jid: hecate.split('/')[0] as string, affiliation: 'member' });
    give(c, { jid: hecate.split('/')[0] as string, affiliation: 'member', for: DAY });
    c.advance(DAY + 1_000);
    wake(c);
    expect(list(c, 'admin')).toContain(HAG);
    expect(list(c, 'member')).not.toContain('hecate');
    c.advance(2 * DAY + 1_000);
    wake(c);
    expect(list(c, 'admin')).not.toContain(HAG);
    expect(list(c, 'member')).toContain(HAG);
  });

  test('who was banned and is a member for a day is not banned again', () => {
    const c = coven([], OPEN);
    give(c, { jid: HAG, affiliation: 'outcast' });
    give(c, { jid: HAG, affiliation: 'member', for: DAY });
    c.advance(DAY + 1_000);
    wake(c);
    expect(list(c, 'outcast')).not.toContain(HAG);
  });

  test('§10.4: an owner with an end is not one who stays: the last lasting one can neither go nor get an end', () => {
    const c = coven([], OPEN);
    give(c, { jid: WICCA, affiliation: 'owner', for: DAY });
    for (const item of [
      { jid: CRONE, affiliation: 'admin' },
      { jid: CRONE, affiliation: 'owner', for: DAY },
      { jid: CRONE, affiliation: 'outcast', for: DAY },
    ] as const)
      expect(give(c, item)).toMatchObject({ ok: false, error: { condition: 'conflict' } });
    expect(give(c, { jid: WICCA, affiliation: 'owner' }, { jid: CRONE, affiliation: 'owner', for: DAY })).toEqual({ ok: true });
    c.advance(DAY + 1_000);
    wake(c);
    expect(c.rows(ROOM)).toContain(`"jid":"${WICCA}","affiliation":"owner"`);
    expect(c.rows(ROOM)).not.toContain(`"jid":"${CRONE}","affiliation":"owner"`);
  });

  test.each([
    ['a time that is past', { affiliation: 'outcast', until: 1 }, 'not-acceptable'],
    ['no time at all', { affiliation: 'outcast', until: Number.NaN }, 'not-acceptable'],
    ['no length', { affiliation: 'member', for: 0 }, 'not-acceptable'],
    ['more than ten years', { affiliation: 'member', for: 4_000 * DAY }, 'not-acceptable'],
    ['two ends', { affiliation: 'member', for: DAY, until: Date.UTC(2026, 1, 1) }, 'bad-request'],
    ['an end of none', { affiliation: 'none', for: DAY }, 'bad-request'],
  ] as const)('is refused with %s', (_, item, condition) => {
    const c = coven(['thirdwitch'], OPEN);
    expect(give(c, { jid: HAG, ...item })).toMatchObject({ ok: false, error: { condition } });
    c.expect();
    expect(deadline(c)).toBeNull();
  });
});

describe('it lasts', () => {
  test('while the room sleeps: its deadline is stored, and a room that is loaded later has ended it before anybody comes in', () => {
    const c = coven([], OPEN);
    ban(c, 1);
    expect(deadline(c)).toBe(Date.UTC(2026, 0, 2, 0, 0, 1));
    c.restart();
    c.advance(DAY - 60_000);
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toContain('<forbidden');
    c.restart();
    c.advance(61_000);
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toContain('<status code="110"/>');
    expect(deadline(c)).toBeNull();
  });

  test('found C6: a clock that is set back does not lift it, and one that was ahead does not hold it for as long as it was wrong', () => {
    const c = coven([], OPEN);
    ban(c, 2);
    c.advance(-10 * DAY);
    join(c, hag, 'thirdwitch');
    const [told] = c.take().filter((stanza) => stanza.includes('<forbidden'));
    // As if it had been given when the clock was noticed.
    expect(told).toMatch(/until 2025-12-24T00:00:0\dZ/);
    c.restart();
    c.advance(2 * DAY - 60_000);
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toContain('<forbidden');
    c.advance(63_000);
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toContain('<status code="110"/>');
  });

  test('what ended stays ended when the clock is set back behind the end', () => {
    const c = coven([], OPEN);
    ban(c, 1);
    c.advance(DAY + 1_000);
    wake(c);
    c.advance(-12 * HOUR);
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toContain('<status code="110"/>');
  });

  test('erasing a person keeps a ban with its end; a membership with an end goes, and nothing of it comes back', () => {
    const c = coven([], OPEN);
    ban(c, 1);
    give(c, { jid: WICCA, affiliation: 'owner', for: DAY });
    for (const jid of [HAG, WICCA])
      c.input(ROOM, { kind: 'command', command: { name: 'erase-person', jid: asBare(jid) }, done: () => undefined });
    expect(c.rows(ROOM)).toContain(`"jid":"${HAG}","affiliation":"outcast"`);
    expect(c.rows(ROOM)).not.toContain(`"jid":"${WICCA}"`);
    c.advance(DAY + 1_000);
    wake(c);
    expect(c.rows(ROOM)).not.toMatch(/"affiliation":"(outcast|admin)"|"jid":"wiccarocks/);
  });

  test('three hundred that end at once end in slices, and in none of them is anybody held longer', () => {
    const c = coven([], OPEN);
    const many = Array.from({ length: 300 }, (_, i) => `bot${i}@spam.example`);
    give(c, ...many.map((jid) => ({ jid, affiliation: 'outcast' as const, for: DAY })));
    c.forget();
    c.advance(DAY + 1_000);
    const watched = c.watch();
    join(c, 'bot299@spam.example/1', 'bot');
    expect(c.take().join('')).toContain('<status code="110"/>');
    expect(watched.length).toBeGreaterThan(2);
    expect(/"affiliation":"outcast"/.test(c.rows(ROOM))).toBe(false);
  });

  test('who is set meanwhile is as they were set', () => {
    const c = coven([], OPEN);
    const many = Array.from({ length: 150 }, (_, i) => ({
      jid: `bot${String(i).padStart(3, '0')}@spam.example`,
      affiliation: 'outcast' as const,
      for: DAY,
    }));
    give(c, ...many);
    c.advance(DAY + 1_000);
    // A hundred end in this decision, and the others are covered when it is carried out.
    give(c, { jid: 'bot149@spam.example', affiliation: 'outcast' });
    wake(c);
    expect(c.rows(ROOM).match(/"affiliation":"outcast"/g)).toHaveLength(1);
    expect(list(c, 'outcast')).toContain('bot149');
  });
});

const list = (c: Conversation, affiliation: string): string => {
  c.forget();
  iq(c, crone, 'get', 'l', admin(`<item affiliation="${affiliation}"/>`));
  return c.take().join('');
};

/** Runs a command of the room with a form filled in so; answers what came to the asker. */
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

const rowsOf = (xml: string): string[][] =>
  [...xml.matchAll(/<item>(.*?)<\/item>/g)].map(([, item = '']) =>
    [...item.matchAll(/<value>(.*?)<\/value>|<value\/>/g)].map(([, cell = '']) => cell),
  );
const acts = (c: Conversation): string[][] => rowsOf(command(c, crone, 'urn:parlour:audit', { object: '' }));

describe('the faces', () => {
  test('XEP-0050: an admin gives an affiliation with an end by a command of the room, and sees what has one', () => {
    const c = coven(['secondwitch', 'thirdwitch'], OPEN);
    const answer = command(c, wicca, 'urn:parlour:affiliation', {
      jid: `${ROOM}/thirdwitch`,
      affiliation: 'outcast',
      for: '2d',
      reason: 'Treason',
    });
    expect(answer).toContain('<note type="info">Done.</note>');
    expect(answer).toContain('<status code="301"/>');
    give(c, { jid: hecate.split('/')[0] as string, affiliation: 'admin', for: HOUR });
    expect(rowsOf(command(c, crone, 'urn:parlour:ends', {}))).toEqual([
      ['2026-01-01T01:00:01Z', 'hecate@shakespeare.lit', 'Admin', 'operator root', ''],
      ['2026-01-03T00:00:01Z', HAG, 'Banned', WICCA, 'Treason'],
    ]);
    // §10.8: admins do not read the list of admins.
    expect(rowsOf(command(c, wicca, 'urn:parlour:ends', {})).map(([, jid]) => jid)).toEqual([HAG]);
    const [act] = acts(c).slice(-1);
    expect(act).toBeDefined();
  });

  test.each([
    [{ for: 'tomorrow' }, /bad-payload.*|no length of time/],
    [{ for: '-2d' }, /no length of time/],
    [{ affiliation: 'none', for: '2d' }, /<bad-request/],
    [{ jid: '@' }, /bad-payload/],
    [{ affiliation: 'admin' }, /<forbidden/],
  ])('the command refuses %j and changes nothing', (wrong, expected) => {
    const c = coven(['secondwitch'], OPEN);
    expect(command(c, wicca, 'urn:parlour:affiliation', { jid: HAG, affiliation: 'outcast', for: '', reason: '', ...wrong })).toMatch(
      expected,
    );
    expect(c.rows(ROOM)).not.toContain(HAG);
  });

  test('whoever is no admin is shown neither command and may not run them', () => {
    const c = coven(['thirdwitch'], OPEN);
    for (const node of ['urn:parlour:affiliation', 'urn:parlour:ends'])
      expect(command(c, hag, node, { jid: HAG, affiliation: 'owner' })).toContain('<forbidden');
  });

  test('somebody is banned for a time along with their messages', () => {
    const c = coven(['thirdwitch'], OPEN);
    command(c, crone, 'urn:parlour:ban-and-retract', { nick: 'thirdwitch', minutes: '60', ban: '1', 'ban-for': '1w' });
    join(c, hag, 'thirdwitch');
    expect(c.take().join('')).toContain('until 2026-01-08T00:00:01Z');
  });

  test('§9.2: clients read the list of bans as always', () => {
    const c = coven([], OPEN);
    give(c, { jid: HAG, affiliation: 'outcast', for: DAY, reason: 'Treason' });
    expect(list(c, 'outcast')).toBe(result(crone, 'l', admin(`<item affiliation="outcast" jid="${HAG}"><reason>Treason</reason></item>`)));
  });

  test('the owner who submits the form with the same admins (§10.1.3) leaves their ends', () => {
    const c = coven([], OPEN);
    give(c, { jid: WICCA, affiliation: 'admin', for: DAY });
    iq(c, crone, 'set', 'f', submit({ 'muc#roomconfig_roomadmins': WICCA }));
    expect(deadline(c)).not.toBeNull();
    c.forget();
    c.advance(DAY + 1_000);
    wake(c);
    const over = 'The time for which it was given is over.';
    c.expect(announced(crone, WICCA, 'none', over), notice101(WICCA, 'none', over));
  });
});
