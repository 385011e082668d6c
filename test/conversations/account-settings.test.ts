/** What people have set for a room in their account (XEP-0492) wakes them by it while they are away. How it is read is in service/bookmarks. */
import type { AccountWake } from '../../src/room/contract/machine';
import { conversation, type Conversation } from '../support/conversation';
import { asBare } from '../support/jids';
import { admin, coven, crone, hag, iq, join, ROOM, submit } from './expected';
import { HAG, PERSISTENT } from './registration-stanzas';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PRIVATE = { [PERSISTENT]: '1', 'muc#roomconfig_membersonly': '1', 'muc#roomconfig_whois': 'anyone' };
const NICK = 'thirdwitch';
/** Whatever is kept of what wakes hag. */
const OF_HAG = /"wake-[a-z]+","key":"hag66/;

/** How often hag is woken by a message of these words. */
function rings(c: Conversation, words = 'Round about the cauldron go.'): number {
  c.forget();
  c.send(`<message from="${crone}" to="${ROOM}" type="groupchat"><body>${words}</body></message>`);
  return c.take().filter((stanza) => stanza.includes(`to="${HAG}"`) && stanza.includes('"urn:parlour:wake:0"')).length;
}
/** The questions about hag's account since the last look. */
const questions = (c: Conversation) => c.asked().flatMap((one) => (one.kind === 'ask-settings' && one.jid === HAG ? [one] : []));
/** Answers the latest of them; says how many there were. */
function answers(c: Conversation, wake: AccountWake | null): number {
  const all = questions(c);
  const asked = all.at(-1);
  if (asked) c.input(ROOM, { kind: 'account', answer: { about: 'settings', asked, wake } });
  return all.length;
}
const leave = (c: Conversation): void => c.send(`<presence from="${hag}" to="${ROOM}/${NICK}" type="unavailable"/>`);
const affiliate = (c: Conversation, affiliation: string): void =>
  iq(c, crone, 'set', 'aff', admin(`<item affiliation="${affiliation}" jid="${HAG}"/>`));
const show = (c: Conversation, value: string): void =>
  c.send(`<presence from="${hag}" to="${ROOM}/${NICK}"><show>${value}</show></presence>`);
function wish(c: Conversation, value: string): void {
  const command = (more: string, inner: string): string =>
    `<command xmlns="http://jabber.org/protocol/commands" node="urn:parlour:wake"${more}>${inner}</command>`;
  iq(c, hag, 'set', 'x', command('', ''));
  const session = /sessionid="([^"]+)"/.exec(c.take().join(''))?.[1];
  const field = `<field var="{urn:parlour:room}wake"><value>${value}</value></field>`;
  iq(c, hag, 'set', 'y', command(` sessionid="${session}"`, `<x xmlns="jabber:x:data" type="submit">${field}</x>`));
}
/** A room of which hag is a member, and was in. */
function room(fields: Record<string, string> = { [PERSISTENT]: '1' }): Conversation {
  const c = conversation();
  join(c, crone, 'firstwitch');
  iq(c, crone, 'set', 'create', submit(fields));
  affiliate(c, 'member');
  join(c, hag, NICK);
  leave(c);
  return c;
}
/** A room that anybody may enter, in which hag was without belonging to it. */
function passed(): Conversation {
  const c = coven([NICK], { [PERSISTENT]: '1' });
  leave(c);
  return c;
}

describe('XEP-0492 §"Business Rules": a member who has said nothing in the room', () => {
  test('always, in a public room', () => {
    const c = room();
    expect(rings(c)).toBe(0);
    expect(answers(c, 'all')).toBe(1);
    expect(rings(c)).toBe(1);
  });
  test('on-mention, in a private group', () => {
    const c = room(PRIVATE);
    answers(c, 'mentions');
    expect([rings(c), rings(c, `${NICK}: come`)]).toEqual([0, 1]);
  });
  test('never', () => {
    const c = room(PRIVATE);
    answers(c, 'nothing');
    expect([rings(c), rings(c, `${NICK}: come`)]).toEqual([0, 0]);
  });
  test('nothing is set: "always" in private groups, "on-mention" in public ones', () => {
    for (const [fields, count] of [
      [PRIVATE, 1],
      [{ [PERSISTENT]: '1' }, 0],
    ] as const) {
      const c = room(fields);
      answers(c, null);
      expect(rings(c)).toBe(count);
    }
  });
  test('it holds over a restart, and an answer that never comes changes nothing', () => {
    const c = room(PRIVATE);
    answers(c, 'nothing');
    c.restart();
    expect(rings(c)).toBe(0);
    expect(rings(room(PRIVATE))).toBe(1);
  });
});

describe('when an account is asked', () => {
  test('when its person leaves, or nobody is at their clients any more; when they wish for the default; not while they are here', () => {
    const c = room();
    expect(answers(c, 'all')).toBe(1);
    join(c, hag, NICK);
    expect(questions(c)).toEqual([]);
    show(c, 'away');
    expect(questions(c)).toHaveLength(1);
    show(c, 'chat');
    expect(questions(c)).toEqual([]);
    wish(c, 'default');
    expect(questions(c)).toHaveLength(1);
  });
  test('once a day because of what is said, whatever was answered, and nobody who is at a client', () => {
    const c = room(PRIVATE);
    answers(c, 'nothing');
    c.advance(DAY - HOUR);
    rings(c);
    expect(questions(c)).toEqual([]);
    c.advance(HOUR);
    rings(c);
    rings(c);
    expect(answers(c, 'all')).toBe(1);
    expect(rings(c)).toBe(1);
    join(c, hag, NICK);
    c.advance(2 * DAY);
    rings(c);
    expect(questions(c)).toEqual([]);
  });
  test('of many a few for each message', () => {
    const c = room(PRIVATE);
    questions(c);
    const people = Array.from({ length: 12 }, (_, i) => asBare(`witch${i}@shakespeare.lit`));
    for (const jid of people) {
      iq(c, crone, 'set', 'aff', admin(`<item affiliation="member" jid="${jid}"/>`));
      const session = `${jid}/broom` as typeof hag;
      join(c, session, jid.slice(0, jid.indexOf('@')));
      c.send(`<presence from="${session}" to="${ROOM}/${jid.slice(0, jid.indexOf('@'))}" type="unavailable"/>`);
    }
    for (const asked of c.asked())
      if (asked.kind === 'ask-settings') c.input(ROOM, { kind: 'account', answer: { about: 'settings', asked, wake: 'mentions' } });
    c.advance(DAY);
    const counts = Array.from({ length: 4 }, () => {
      rings(c);
      return c.asked().length;
    });
    expect(counts).toEqual([5, 5, 2, 0]);
  });
  test('what could not be read again for 30 days does not count any more', () => {
    const c = room(PRIVATE);
    answers(c, 'nothing');
    for (let day = 1; day < 30; day++) {
      c.advance(DAY);
      expect(rings(c)).toBe(0);
      expect(questions(c)).toHaveLength(1);
    }
    c.advance(DAY);
    expect(rings(c)).toBe(1);
    expect(c.rows(ROOM)).not.toContain('"wake-account"');
  });
  test('never for accounts whose person has said in the room what wakes them, which is what holds', () => {
    const c = room(PRIVATE);
    answers(c, 'nothing');
    wish(c, 'all');
    questions(c);
    expect(rings(c)).toBe(1);
    join(c, hag, NICK);
    leave(c);
    c.advance(DAY);
    rings(c);
    expect([questions(c), c.rows(ROOM).includes('"wake-account"')]).toEqual([[], false]);
  });
  test('an answer that comes after a wish in the room is nothing', () => {
    const c = room(PRIVATE);
    const [asked] = questions(c);
    wish(c, 'all');
    c.input(ROOM, { kind: 'account', answer: { about: 'settings', asked: asked as NonNullable<typeof asked>, wake: 'nothing' } });
    expect(rings(c)).toBe(1);
  });
});

describe('consent', () => {
  test('who was in the room without belonging to it is woken if they have set so, and only as long as they have', () => {
    const c = passed();
    expect(rings(c, NICK)).toBe(0);
    answers(c, null);
    expect(rings(c, NICK)).toBe(0);
    for (const [wake, count] of [
      ['mentions', 1],
      ['nothing', 0],
      ['all', 1],
      [null, 0],
    ] as const) {
      join(c, hag, NICK);
      leave(c);
      c.advance(HOUR);
      expect([answers(c, wake), rings(c, NICK)]).toEqual([1, count]);
    }
    expect(c.rows(ROOM)).not.toMatch(OF_HAG);
  });
  test('whoever was added and never came is not asked about', () => {
    const c = coven([], PRIVATE);
    affiliate(c, 'member');
    expect([rings(c), questions(c)]).toEqual([0, []]);
  });
  test('it ends with the affiliation and with a ban, also if the answer comes late', () => {
    for (const end of ['none', 'outcast']) {
      const c = room();
      const [asked] = questions(c);
      affiliate(c, end);
      c.input(ROOM, { kind: 'account', answer: { about: 'settings', asked: asked as NonNullable<typeof asked>, wake: 'all' } });
      expect([rings(c, NICK), OF_HAG.test(c.rows(ROOM))]).toEqual([0, false]);
      affiliate(c, 'member');
      expect(rings(c, NICK)).toBe(0);
    }
    const c = passed();
    const [asked] = questions(c);
    affiliate(c, 'outcast');
    c.input(ROOM, { kind: 'account', answer: { about: 'settings', asked: asked as NonNullable<typeof asked>, wake: 'all' } });
    expect(rings(c, NICK)).toBe(0);
  });
  test('rooms without an archive, and such as do not last, ask nobody', () => {
    for (const fields of [{ [PERSISTENT]: '0' }, { [PERSISTENT]: '1', 'muc#roomconfig_enablearchiving': '0' }])
      expect(questions(room(fields))).toEqual([]);
  });
  test('erasing a person takes it out', () => {
    const c = room();
    answers(c, 'all');
    c.input(ROOM, { kind: 'command', command: { name: 'erase-person', jid: asBare(HAG) }, done: () => undefined });
    expect(c.rows(ROOM)).not.toContain('"wake-account"');
  });
});
