/** Versions of the lists of affiliations (XEP-0463 0.2.0), by its sections: what is answered to a join, what stands with a change, who gets neither. */
import type { By } from '../../src/room/contract/audit';
import { AffiliationLists } from '../../src/room/governing/affiliation-lists';
import { MAX_LIST_BYTES } from '../../src/room/governing/list-versions';
import { RoomState } from '../../src/room/state';
import { KeptValues } from '../../src/room/contract/feature-values';
import { settle } from '../service/fake-clock';
import { realRooms } from '../service/real-rooms';
import { ANN, DOMAIN, rig } from '../service/rig';
import type { Conversation, ConversationOptions } from '../support/conversation';
import { asBare, asFull } from '../support/jids';
import { admin, coven, crone, hag, hecate, iq, join, owner, ROOM, submit, wicca } from './expected';

const NS = 'urn:xmpp:muc:affiliations:1';
const operator: By = { kind: 'operator', name: 'root', face: 'http' };
const OPEN = { 'muc#roomconfig_whois': 'anyone', 'muc#roomconfig_persistentroom': '1' };
const ON = { '{urn:parlour:room}listversions': '1' };
const HAG = 'hag66@shakespeare.lit';

const asking = (since?: string): string => `<mav xmlns="${NS}"${since === undefined ? '' : ` since="${since}"`}/>`;
const leave = (c: Conversation, who: string, nick: string): void => {
  c.send(`<presence from="${who}" to="${ROOM}/${nick}" type="unavailable"/>`);
  c.forget();
};
const saidTo = (said: readonly string[], who: string): string[] => said.filter((stanza) => stanza.includes(` to="${who}"`));
const marks = (stanza: string): string[] =>
  [...stanza.matchAll(/<mav xmlns="urn:xmpp:muc:affiliations:1"([^>]*)\/>/g)].map((found) => (found[1] as string).trim());
const until = (stanza: string): string => /<mav [^>]*until="([^"]*)"/.exec(stanza)?.[1] as string;
const since = (stanza: string): string | undefined => /<mav [^>]*since="([^"]*)"/.exec(stanza)?.[1];
const items = (stanza: string): Record<string, string> =>
  Object.fromEntries(
    [...stanza.matchAll(/<item ([^>]*)>/g)].map(([, inner]) => [
      /jid="([^"]*)"/.exec(inner as string)?.[1] as string,
      /affiliation="([^"]*)"/.exec(inner as string)?.[1] as string,
    ]),
  );
/** Enters, and returns what was said to whoever entered. */
function enters(c: Conversation, who: string, nick: string, inX = asking()): string[] {
  c.forget();
  join(c, who, nick, inX);
  return saidTo(c.take(), who);
}
/** Sets items by the owner, and returns what was said. */
function sets(c: Conversation, ...list: readonly string[]): string[] {
  c.forget();
  iq(c, crone, 'set', 'set', admin(list.join('')));
  return c.take();
}
const item = (jid: string, affiliation: string): string => `<item jid="${jid}" affiliation="${affiliation}"/>`;
const features = (c: Conversation): string => {
  c.forget();
  iq(c, hag, 'get', 'd', '<query xmlns="http://jabber.org/protocol/disco#info"/>');
  return c.take().join('');
};

/** What a client comes to that reads these stanzas in order: each change begins where it is, and its own presence says where it is. */
function comesTo(version: string | undefined, said: readonly string[]): string | undefined {
  let now = version;
  for (const stanza of said.filter((one) => one.includes('<mav'))) {
    if (stanza.includes('code="110"') && since(stanza) === undefined)
      expect(['own presence', until(stanza)]).toEqual(['own presence', now]);
    else expect(['change', since(stanza)]).toEqual(['change', now]);
    now = until(stanza);
  }
  return now;
}

/** A group that is not anonymous, where lists have versions. */
const group = (who: Parameters<typeof coven>[0] = [], more: object = {}, options: ConversationOptions = {}): Conversation =>
  coven(who, { ...OPEN, ...ON, ...more }, options);

describe('§ "Discovering Support"', () => {
  test('is a feature of the room where its option says so, and of no other: it is off by default', () => {
    expect(features(coven())).not.toContain(NS);
    expect(features(group())).toContain(`<feature var="${NS}"/>`);
    expect(features(coven([], {}, { defaults: new Map([['{urn:parlour:room}listversions', ['1']]]) }))).toContain(NS);
  });

  test('where it is off nothing is answered, and nothing stands with a change', () => {
    const c = coven([], OPEN);
    expect(enters(c, hag, 'thirdwitch').join('')).not.toContain('<mav');
    expect(sets(c, item(HAG, 'member'), item('ann@shakespeare.lit', 'member')).join('')).not.toContain('<mav');
  });
});

describe('§ "Client request"', () => {
  test('the element of a client is never passed on: not in `x`, not beside it, in no namespace that it had', () => {
    const c = group(['secondwitch']);
    join(c, hag, 'thirdwitch', asking('secret'), `${asking('secret')}<mav xmlns="urn:xmpp:muc:affiliations:0" since="secret"/>`);
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch">${asking('secret')}<show>away</show></presence>`);
    expect(c.take().join('')).not.toContain('secret');
  });
});

describe('§ "On Join"', () => {
  test('the whole list, before all presence; the own presence says the same version', () => {
    const c = group(['secondwitch']);
    const [first, ...rest] = enters(c, hag, 'thirdwitch') as [string, ...string[]];
    expect(first).toMatch(new RegExp(`^<message from="${ROOM}" to="${hag}"><x xmlns="http://jabber.org/protocol/muc#user"><mav `));
    expect(since(first)).toBeUndefined();
    expect(items(first)).toEqual({ 'crone1@shakespeare.lit': 'owner', 'wiccarocks@shakespeare.lit': 'admin' });
    const own = rest.find((stanza) => stanza.includes('code="110"')) as string;
    expect(marks(own)).toEqual([`until="${until(first)}"`]);
    expect(rest.filter((stanza) => stanza !== own).join('')).not.toContain('<mav');
  });

  test('nothing changed: no message, and the version in the own presence', () => {
    const c = group();
    const version = until(enters(c, hag, 'thirdwitch')[0] as string);
    leave(c, hag, 'thirdwitch');
    const said = enters(c, hag, 'thirdwitch', asking(version));
    expect(said[0]).toMatch(/^<presence /);
    expect(said.flatMap(marks)).toEqual([`until="${version}"`]);
  });

  test('nobody: a whole list without items', () => {
    const c = group();
    const service = { kind: 'operator', name: 'root', face: 'http' } as const;
    // The last owner can be erased, and then nobody is listed.
    for (const jid of ['wiccarocks@shakespeare.lit', 'crone1@shakespeare.lit'])
      c.input(ROOM, { kind: 'command', command: { name: 'erase-person', jid: asBare(jid) }, by: service, done: () => undefined });
    const said = enters(c, hag, 'thirdwitch');
    expect(said[0]).toMatch(/^<message [^>]*><x [^>]*><mav xmlns="[^"]*" until="[^"]*"\/><\/x><\/message>$/);
  });

  test('what has changed since: each person once, as they are now; who is on no list any more with `none`', () => {
    const c = group();
    const version = until(enters(c, hag, 'thirdwitch')[0] as string);
    leave(c, hag, 'thirdwitch');
    sets(c, item('ann@shakespeare.lit', 'member'), item('bob@shakespeare.lit', 'member'), item('wiccarocks@shakespeare.lit', 'none'));
    sets(c, item('ann@shakespeare.lit', 'none'), item('bob@shakespeare.lit', 'admin'));
    const said = enters(c, hag, 'thirdwitch', asking(version));
    expect(since(said[0] as string)).toBe(version);
    expect(items(said[0] as string)).toEqual({
      'ann@shakespeare.lit': 'none',
      'bob@shakespeare.lit': 'admin',
      'wiccarocks@shakespeare.lit': 'none',
    });
    expect(said.slice(1).flatMap(marks)).toEqual([`until="${until(said[0] as string)}"`]);
  });

  test.each([
    ['none of the room’s', () => 'unknown'],
    ['one to come', (version: string) => version.replace(/\.([0-9a-z]+)-/, (_, digits: string) => `.${digits}0-`)],
    ['as another was guessed to be', (version: string) => `${version.slice(0, -10)}AAAAAAAA${version.slice(-2)}`],
    ['one of who reads other lists', (version: string) => version.replace(/.$/, 'a')],
    ['empty', () => ''],
  ])('a version that is %s: the whole list', (_, wrong) => {
    const c = group();
    const version = until(enters(c, hag, 'thirdwitch')[0] as string);
    leave(c, hag, 'thirdwitch');
    sets(c, item('ann@shakespeare.lit', 'member'));
    const [first] = enters(c, hag, 'thirdwitch', asking(wrong(version))) as [string];
    expect(since(first)).toBeUndefined();
    expect(Object.keys(items(first))).toHaveLength(3);
  });

  test('a version that is older than all that are remembered (256): the whole list', () => {
    const c = group();
    const version = until(enters(c, hag, 'thirdwitch')[0] as string);
    leave(c, hag, 'thirdwitch');
    for (let i = 0; i < 6; i++) sets(c, ...Array.from({ length: 50 }, (_, j) => item(`p${i}-${j}@shakespeare.lit`, 'member')));
    const said = enters(c, hag, 'thirdwitch', asking(version));
    expect(since(said[0] as string)).toBeUndefined();
    expect(Object.keys(items(said[0] as string))).toHaveLength(302);
    expect(c.rows(ROOM).match(/list-versions/g)?.length).toBe(256);
  });

  test('a row that those who ask know nothing of is no version of theirs, though it is one of others: the whole list, and no empty answer', () => {
    const c = group();
    enters(c, hag, 'thirdwitch');
    const ofOwners = until(
      saidTo(sets(c, item('mallory@shakespeare.lit', 'outcast')), crone).find((one) => one.includes('<mav')) as string,
    );
    leave(c, hag, 'thirdwitch');
    const [first] = enters(c, hag, 'thirdwitch', asking(ofOwners.replace(/a$/, 'b'))) as [string];
    expect([since(first), Object.keys(items(first)).length]).toEqual([undefined, 2]);
  });

  test('a long list comes in several messages, each from where the one before it ends; the last ends with the version', () => {
    const c = group();
    const name = 'n'.repeat(100);
    for (let i = 0; i < 10; i++) sets(c, ...Array.from({ length: 50 }, (_, j) => item(`${name}${i}-${j}@shakespeare.lit`, 'member')));
    const said = enters(c, hag, 'thirdwitch');
    const lists = said.filter((stanza) => stanza.startsWith('<message') && stanza.includes('<mav'));
    expect(lists.length).toBeGreaterThan(1);
    expect(lists.every((stanza) => stanza.length < 40_000)).toBe(true);
    expect(lists.map(since)).toEqual([undefined, ...lists.slice(0, -1).map(until)]);
    expect(lists.reduce((sum, stanza) => sum + Object.keys(items(stanza)).length, 0)).toBe(502);
    const own = said.find((stanza) => stanza.includes('code="110"')) as string;
    expect(until(lists.at(-1) as string)).toBe(until(own));
    // A client that lost the rest has a version that nobody knows.
    leave(c, hag, 'thirdwitch');
    expect(since(enters(c, hag, 'thirdwitch', asking(until(lists[0] as string)))[0] as string)).toBeUndefined();
  });

  test('a room with more bytes of lists than are allowed has no versions, until it has fewer', () => {
    const c = group(['thirdwitch'], {}, { limits: { affiliationsPerRoom: 10_000 } });
    const long = (i: number): string => `${'n'.repeat(900)}${i}@shakespeare.lit`;
    const count = Math.ceil(MAX_LIST_BYTES / 950) + 1;
    for (let i = 0; i < count; i += 50) sets(c, ...Array.from({ length: Math.min(50, count - i) }, (_, j) => item(long(i + j), 'member')));
    expect(features(c)).not.toContain(NS);
    expect(enters(c, hecate, 'hecate').join('')).not.toContain('<mav');
    expect(sets(c, ...Array.from({ length: 20 }, (_, i) => item(long(i), 'none'))).join('')).not.toContain(`to="${hecate}"><x xmlns="x"`);
    expect(features(c)).toContain(NS);
    // Who entered meanwhile has nothing that a change could be added to.
    expect(saidTo(sets(c, item(long(0), 'member')), hecate).flatMap(marks)).toEqual([]);
    leave(c, hecate, 'hecate');
    expect(enters(c, hecate, 'hecate').some((stanza) => stanza.startsWith('<message') && stanza.includes('<mav'))).toBe(true);
  });

  test('one change in a group of 500: at most 2 KB of affiliations when its members come again', () => {
    const c = group([], { 'muc#roomconfig_membersonly': '1' });
    for (let i = 0; i < 10; i++) sets(c, ...Array.from({ length: 50 }, (_, j) => item(`member${i}-${j}@shakespeare.lit`, 'member')));
    const who = asFull('member0-0@shakespeare.lit/phone');
    const version = until(enters(c, who, 'zero').find((stanza) => stanza.includes('code="110"')) as string);
    leave(c, who, 'zero');
    sets(c, item('newcomer@shakespeare.lit', 'member'));
    const said = enters(c, who, 'zero', asking(version));
    const data = said.filter((stanza) => stanza.startsWith('<message') && stanza.includes('<mav'));
    const bytes = Buffer.byteLength(data.join('') + said.flatMap(marks).join(''));
    expect(data).toHaveLength(1);
    expect(items(data[0] as string)).toEqual({ 'newcomer@shakespeare.lit': 'member' });
    expect(bytes).toBeLessThanOrEqual(2048);
  });

  test('of a crowd that enters at once those too whose roster waits for its turn: the lists come before all presence, and say what the own presence says', async () => {
    const r = await rig({ makeRoom: realRooms(true) });
    const room = `heath@${DOMAIN}`;
    // The last does not ask, and is told versions all the same.
    const enter = (i: number): string =>
      `<presence from="p${i}@x.lit/1" to="${room}/p${i}"><x xmlns="http://jabber.org/protocol/muc">${i < 30 ? asking() : ''}</x></presence>`;
    await r.play(`<presence from="${ANN}" to="${room}/ann"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    await r.play(`<iq from="${ANN}" to="${room}" type="set" id="c">${submit({ ...OPEN, ...ON })}</iq>`);
    // With a history they are entering until it is read, and what changes meanwhile is held for them.
    await r.play(`<message from="${ANN}" to="${room}" type="groupchat"><body>Ay</body></message>`);
    r.link.take();
    const set = `<iq from="${ANN}" to="${room}" type="set" id="m">${admin(item('bob@x.lit', 'member'))}</iq>`;
    r.feed(...Array.from({ length: 31 }, (_, i) => enter(i)), set);
    await settle();
    const said = r.link.xml;
    for (const i of [0, 29]) {
      const own = saidTo(said, `p${i}@x.lit/1`);
      expect(own[0]).toMatch(/^<message [^>]*><x [^>]*><mav /);
      const entered = own.find((stanza) => stanza.includes('code="110"')) as string;
      const lists = own.filter((stanza) => stanza.startsWith('<message') && stanza.includes('<mav'));
      // The change is in the list, or follows on it.
      expect([i, lists.map(since)]).toEqual([i, [undefined, ...lists.slice(0, -1).map(until)]]);
      expect(until(lists[0] as string)).toBe(until(entered));
    }
    const unasked = saidTo(said, 'p30@x.lit/1');
    const own = unasked.findIndex((stanza) => stanza.includes('code="110"'));
    const version = until(unasked[own] as string);
    expect(version).toMatch(/\.b$/);
    expect(unasked.slice(0, own).flatMap(marks)).toEqual([]);
    expect(comesTo(version, unasked.slice(own + 1))).toBe(version);
    // The change is told them all the same, by a message that names no version.
    expect(unasked.slice(own + 1).filter((stanza) => stanza.includes('jid="bob@x.lit"') && !stanza.includes('<mav'))).toHaveLength(1);
  });

  test('who enters again while they are entering: what was held for the first time names no version, since the list of the second time has it already', async () => {
    const r = await rig({ makeRoom: realRooms(true) });
    const room = `heath@${DOMAIN}`;
    const enter = `<presence from="p@x.lit/1" to="${room}/p"><x xmlns="http://jabber.org/protocol/muc">${asking()}</x></presence>`;
    await r.play(`<presence from="${ANN}" to="${room}/ann"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
    await r.play(`<iq from="${ANN}" to="${room}" type="set" id="c">${submit({ ...OPEN, ...ON })}</iq>`);
    await r.play(`<message from="${ANN}" to="${room}" type="groupchat"><body>Ay</body></message>`);
    r.link.take();
    const set = `<iq from="${ANN}" to="${room}" type="set" id="m">${admin(item('bob@x.lit', 'member'))}</iq>`;
    r.feed(enter, set, enter);
    await settle();
    const said = saidTo(r.link.xml, 'p@x.lit/1');
    const owns = said.flatMap((stanza, i) => (stanza.includes('code="110"') ? [i] : []));
    expect(owns).toHaveLength(2);
    const again = said.slice((owns[0] as number) + 1);
    expect(items(again[0] as string)).toEqual({ 'ann@x.lit': 'owner', 'bob@x.lit': 'member' });
    const version = until(again[0] as string);
    expect(comesTo(version, again.slice(1))).toBe(version);
    expect(again.filter((stanza) => stanza.includes('role="none"') && stanza.includes('jid="bob@x.lit"'))).toHaveLength(1);
  });
});

describe('§ "Affiliation Changes"', () => {
  test('of somebody who is there: in the presence that tells it, to the others and to themselves, from the version before to the one after', () => {
    const c = group();
    const before = until(enters(c, hag, 'thirdwitch').find((stanza) => stanza.includes('110')) as string);
    enters(c, hecate, 'hecate');
    const said = sets(c, item(HAG, 'member'));
    for (const who of [hag, hecate]) {
      const [change] = saidTo(said, who) as [string];
      expect(change).toMatch(/^<presence .*<x [^>]*><mav [^>]*\/><item /);
      expect(since(change)).toBe(before);
      expect(until(change)).not.toBe(before);
    }
    expect(new Set(said.flatMap(marks)).size).toBe(2);
    // One chain: the next begins where this one ends. The owner reads more lists, and has versions of their own.
    const next = sets(c, item('ann@shakespeare.lit', 'member'));
    expect(since(saidTo(next, hag)[0] as string)).toBe(until(saidTo(said, hag)[0] as string));
    expect(saidTo(next, hag)[0]).toMatch(
      /^<message [^>]*><x [^>]*><mav [^>]*\/><item affiliation="member" jid="ann@shakespeare.lit" role="none"\/>/,
    );
  });

  test('of several at once: a version for each, in order', () => {
    const c = group(['secondwitch']);
    enters(c, hag, 'thirdwitch');
    const said = saidTo(
      sets(c, item('ann@shakespeare.lit', 'member'), item('wiccarocks@shakespeare.lit', 'member'), item('x.example', 'member')),
      hag,
    );
    expect(said).toHaveLength(3);
    expect(said.slice(1).map(since)).toEqual(said.slice(0, -1).map(until));
  });

  test('the own presence never says a version whose change is told later: of one’s domain, and of several people at once', () => {
    const c = group();
    const bob = asFull('bob@x.example/1');
    const version = until(enters(c, bob, 'bob').find((stanza) => stanza.includes('110')) as string);
    enters(c, hag, 'thirdwitch');
    const one = saidTo(sets(c, item('x.example', 'member')), bob);
    expect(one.filter((stanza) => stanza.includes('code="110"'))).toHaveLength(1);
    const next = comesTo(version, one);
    expect(next).not.toBe(version);
    const several = saidTo(
      sets(c, item(HAG, 'member'), item('x.example', 'admin'), item('ann@shakespeare.lit', 'member'), item('bob@x.example', 'member')),
      bob,
    );
    expect(several.filter((stanza) => stanza.includes('code="110"')).length).toBeGreaterThan(0);
    comesTo(next, several);
  });

  test('two clients of one person, one of which has a version: each is told by what it has, and no copy is lost', () => {
    const c = coven([], OPEN);
    const phone = asFull(`${HAG}/phone`);
    enters(c, hag, 'thirdwitch');
    iq(c, crone, 'set', 'on', submit(ON));
    const version = until(enters(c, phone, 'thirdwitch').find((stanza) => stanza.includes('110')) as string);
    const said = sets(c, item(HAG, 'member'), item('ann@shakespeare.lit', 'member'));
    comesTo(version, saidTo(said, phone));
    expect(saidTo(said, hag).filter((stanza) => stanza.includes('ann@shakespeare.lit'))).toHaveLength(1);
    expect(saidTo(said, phone).filter((stanza) => stanza.includes('ann@shakespeare.lit'))).toHaveLength(1);
  });

  test('a ban of somebody who was on no list is none of what members may read: told them without a version, and no gap', () => {
    const c = group();
    const before = until(enters(c, hag, 'thirdwitch').find((stanza) => stanza.includes('110')) as string);
    const said = sets(c, item('mallory@shakespeare.lit', 'outcast'));
    expect(saidTo(said, hag).flatMap(marks)).toEqual([]);
    expect(saidTo(said, crone).flatMap(marks)).toHaveLength(1);
    expect(since(saidTo(sets(c, item('ann@shakespeare.lit', 'member')), hag)[0] as string)).toBe(before);
    leave(c, hag, 'thirdwitch');
    sets(c, item('mallory@shakespeare.lit', 'member'), item('ann@shakespeare.lit', 'outcast'));
    // To them whoever is banned is on no list.
    expect(items(enters(c, hag, 'thirdwitch', asking(before))[0] as string)).toEqual({
      'mallory@shakespeare.lit': 'member',
      'ann@shakespeare.lit': 'none',
    });
  });

  test('somebody banned who is there: the unavailable presence tells it', () => {
    const c = group(['thirdwitch']);
    enters(c, hecate, 'hecate');
    sets(c, item(HAG, 'member'));
    const said = saidTo(sets(c, item(HAG, 'outcast')), hecate);
    expect(said.map((stanza) => [stanza.includes('type="unavailable"'), marks(stanza).length])).toEqual([[true, 1]]);
  });

  test('what presence does not show is told by a message, to those who have a version', () => {
    const c = group(['thirdwitch'], { 'muc#roomconfig_presencebroadcast': ['moderator'] });
    enters(c, hecate, 'hecate');
    const said = sets(c, item(HAG, 'member'));
    expect(saidTo(said, hecate).map((stanza) => stanza.startsWith('<message'))).toEqual([true]);
    expect(saidTo(said, hecate).flatMap(marks)).toHaveLength(1);
    // An administrator of the service is owner everywhere: nothing that others see has changed.
    const d = group([], {}, { isServiceAdmin: (jid) => jid === HAG });
    enters(d, hag, 'thirdwitch');
    enters(d, hecate, 'hecate');
    expect(saidTo(sets(d, item(HAG, 'member')), hecate).flatMap(marks)).toHaveLength(1);
  });

  test('what ends by itself is a change like any other', () => {
    const c = group();
    enters(c, hag, 'thirdwitch');
    c.input(ROOM, {
      kind: 'command',
      command: { name: 'set-affiliations', items: [{ jid: asBare('ann@shakespeare.lit'), affiliation: 'member', for: 3_600_000 }] },
      by: operator,
      done: () => undefined,
    });
    const first = saidTo(c.take(), hag).filter((stanza) => stanza.includes('<mav'));
    c.advance(3_602_000);
    c.input(ROOM, { kind: 'timer' });
    const second = saidTo(c.take(), hag).filter((stanza) => stanza.includes('<mav'));
    expect(second.map(since)).toEqual(first.slice(-1).map(until));
    expect(items(second[0] as string)).toEqual({ 'ann@shakespeare.lit': 'none' });
  });

  test('the own presence says the version each time (§: without it a client takes what it has for outdated)', () => {
    const c = group();
    const version = until(enters(c, hag, 'thirdwitch').find((stanza) => stanza.includes('110')) as string);
    c.forget();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch"><show>away</show></presence>`);
    const said = c.take();
    expect(saidTo(said, hag).flatMap(marks)).toEqual([`until="${version}"`]);
    expect(saidTo(said, crone).flatMap(marks)).toEqual([]);
  });
});

describe('who has no version is told changes without one, until they enter again (deviations)', () => {
  test('whose lists are others now: an admin reads bans too', () => {
    const c = group();
    enters(c, hag, 'thirdwitch');
    expect(saidTo(sets(c, item(HAG, 'admin')), hag).flatMap(marks)).toEqual([]);
    const old = until(saidTo(sets(c, item('ann@shakespeare.lit', 'member')), crone)[0] as string);
    expect(saidTo(sets(c, item(HAG, 'member')), hag).flatMap(marks)).toEqual([]);
    leave(c, hag, 'thirdwitch');
    expect(since(enters(c, hag, 'thirdwitch', asking(old))[0] as string)).toBeUndefined();
  });

  test('who asked while it was off, and then it was switched on', () => {
    const c = coven([], OPEN);
    enters(c, hag, 'thirdwitch');
    iq(c, crone, 'set', 'on', submit(ON));
    c.forget();
    expect(saidTo(sets(c, item('ann@shakespeare.lit', 'member')), hag).flatMap(marks)).toEqual([]);
    leave(c, hag, 'thirdwitch');
    const version = until(enters(c, hag, 'thirdwitch')[0] as string);
    // Off and on again: what changed meanwhile is in no version.
    iq(c, crone, 'set', 'off', submit({ '{urn:parlour:room}listversions': '0' }));
    sets(c, item('bob@shakespeare.lit', 'member'));
    iq(c, crone, 'set', 'on', submit(ON));
    expect(saidTo(sets(c, item('ann@shakespeare.lit', 'none')), hag).flatMap(marks)).toEqual([]);
    leave(c, hag, 'thirdwitch');
    expect(since(enters(c, hag, 'thirdwitch', asking(version))[0] as string)).toBeUndefined();
  });

  test('after a crash or a lost link that a change may have been lost with', () => {
    const c = group();
    const version = until(enters(c, hag, 'thirdwitch').find((stanza) => stanza.includes('110')) as string);
    c.restart(true);
    c.forget();
    // Nothing was lost: the chain goes on.
    const next = saidTo(sets(c, item('ann@shakespeare.lit', 'member')), hag);
    expect(next.map(since)).toEqual([version]);
    c.restart(false);
    expect(saidTo(c.take(), hag).flatMap(marks)).toEqual([]);
    expect(saidTo(sets(c, item('bob@shakespeare.lit', 'member')), hag).flatMap(marks)).toEqual([]);
    leave(c, hag, 'thirdwitch');
    const [diff] = enters(c, hag, 'thirdwitch', asking(version)) as [string];
    expect([since(diff), items(diff)]).toEqual([version, { 'ann@shakespeare.lit': 'member', 'bob@shakespeare.lit': 'member' }]);
  });
});

describe('what is said again', () => {
  test('names no version before all that it stands for is said again: one’s own presence changed before the lists did', () => {
    const c = group();
    enters(c, hag, 'thirdwitch');
    enters(c, hecate, 'hecate');
    c.restart(true);
    c.forget();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch"><show>away</show></presence>`);
    sets(c, item('ann@shakespeare.lit', 'member'));
    c.restart(false);
    const again = saidTo(c.take(), hag);
    expect(again.filter((stanza) => stanza.includes('code="110"')).length).toBeGreaterThan(0);
    expect(again.flatMap(marks)).toEqual([]);
  });

  test('where no list changed, versions are said again as they are', () => {
    const c = group();
    const version = until(enters(c, hag, 'thirdwitch').find((stanza) => stanza.includes('110')) as string);
    c.restart(true);
    c.forget();
    c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch"><show>away</show></presence>`);
    c.restart(false);
    expect(saidTo(c.take(), hag).flatMap(marks)).toContain(`until="${version}"`);
    expect(comesTo(version, saidTo(sets(c, item('ann@shakespeare.lit', 'member')), hag))).not.toBe(version);
  });
});

describe('what it costs', () => {
  afterEach(() => jest.restoreAllMocks());

  /** That many in the room, each with a version. */
  const full = (count: number): Conversation => {
    const c = group();
    for (let i = 0; i < count; i++) enters(c, asFull(`p${i}@x.lit/1`), `p${i}`);
    return c;
  };

  test('the whole list is made once for all who enter while it is the same', () => {
    const c = full(1);
    const lists = jest.spyOn(AffiliationLists.prototype, 'of');
    const said = Array.from({ length: 20 }, (_, i) => enters(c, asFull(`q${i}@x.lit/1`), `q${i}`));
    expect(said.every(([first]) => Object.keys(items(first as string)).length === 2)).toBe(true);
    expect(lists).not.toHaveBeenCalled();
    sets(c, item('ann@shakespeare.lit', 'member'));
    lists.mockClear();
    expect(items(enters(c, hag, 'thirdwitch')[0] as string)).toHaveProperty(['ann@shakespeare.lit'], 'member');
    expect(lists).toHaveBeenCalled();
  });

  test('what has changed since a version is found once for all who have that', () => {
    const c = group();
    const version = until(enters(c, hag, 'thirdwitch')[0] as string);
    for (let i = 0; i < 5; i++) sets(c, item(`m${i}@shakespeare.lit`, 'member'));
    const read = jest.spyOn(KeptValues.prototype, 'valueOf');
    const cost = (i: number): number => {
      read.mockClear();
      expect(Object.keys(items(enters(c, asFull(`q${i}@x.lit/1`), `q${i}`, asking(version))[0] as string))).toHaveLength(5);
      return read.mock.calls.filter(([feature]) => feature === 'list-versions').length;
    };
    expect(cost(0)).toBeGreaterThan(4);
    expect([cost(1), cost(2)]).toEqual([0, 0]);
  });

  test('a request of many items looks for the latest version, and at who is in, once, and not for each session and each item', () => {
    const cost = (sessions: number, changes: number): { rows: number; people: number } => {
      const c = full(sessions);
      const list = Array.from({ length: changes }, (_, i) => item(`m${i}@shakespeare.lit`, 'member'));
      const rows = jest.spyOn(KeptValues.prototype, 'textsOf');
      const people = jest.spyOn(RoomState.prototype, 'affiliationOf');
      const said = sets(c, ...list);
      expect(said.filter((stanza) => stanza.includes('<mav')).length).toBeGreaterThanOrEqual(sessions * changes);
      const found = { rows: rows.mock.calls.filter(([feature]) => feature === 'list-versions').length, people: people.mock.calls.length };
      jest.restoreAllMocks();
      return found;
    };
    const [few, many] = [cost(5, 10), cost(45, 10)];
    expect(many.rows).toBe(few.rows);
    const perSession = (many.people - few.people) / 40;
    const one = (cost(45, 1).people - cost(5, 1).people) / 40;
    expect(perSession).toBeLessThanOrEqual(one + 1);
  });
});

describe('§ "Error Cases", § "Security Considerations"', () => {
  test('who may read no list: an error in a message, and no version in the own presence', () => {
    const c = coven([], { ...ON, 'muc#roomconfig_persistentroom': '1' });
    const said = enters(c, hag, 'thirdwitch');
    expect(said[0]).toMatch(
      new RegExp(`^<message from="${ROOM}" to="${hag}" type="error" id="n13mt3l"><error type="auth" by="${ROOM}"><forbidden `),
    );
    expect(said.join('')).not.toContain('<mav');
    expect(sets(c, item('ann@shakespeare.lit', 'member')).filter((stanza) => stanza.includes(`to="${hag}"`))).toEqual([]);
  });

  test('in a semi-anonymous room owners have all, and admins members and bans', () => {
    const c = coven([], { ...ON, 'muc#roomconfig_persistentroom': '1' });
    sets(c, item('ann@shakespeare.lit', 'member'), item('mallory@shakespeare.lit', 'outcast'));
    expect(items(enters(c, wicca, 'secondwitch')[0] as string)).toEqual({
      'ann@shakespeare.lit': 'member',
      'mallory@shakespeare.lit': 'outcast',
    });
    const globe = 'crone1@shakespeare.lit/globe';
    expect(Object.keys(items(enters(c, globe, 'firstwitch')[0] as string))).toHaveLength(4);
    const said = sets(c, item('bob@shakespeare.lit', 'owner'));
    expect(saidTo(said, wicca).flatMap(marks)).toEqual([]);
    expect(saidTo(said, globe).flatMap(marks)).toHaveLength(1);
  });

  test('a version from before the asker belonged to the room: the whole list', () => {
    const c = group();
    const version = until(enters(c, hag, 'thirdwitch')[0] as string);
    leave(c, hag, 'thirdwitch');
    sets(c, item('ann@shakespeare.lit', 'member'), item('ann@shakespeare.lit', 'none'), item(HAG, 'member'));
    const [first] = enters(c, hag, 'thirdwitch', asking(version)) as [string];
    expect(since(first)).toBeUndefined();
    expect(Object.keys(items(first)).sort()).toEqual(['crone1@shakespeare.lit', HAG, 'wiccarocks@shakespeare.lit']);
  });

  test('who was erased is in nothing that is remembered, and whoever had a version gets the whole list', () => {
    const c = group();
    const version = until(enters(c, hecate, 'hecate')[0] as string);
    sets(c, item(HAG, 'member'));
    sets(c, item(HAG, 'none'));
    leave(c, hecate, 'hecate');
    c.input(ROOM, { kind: 'command', command: { name: 'erase-person', jid: asBare(HAG) }, by: operator, done: () => undefined });
    expect(c.rows(ROOM)).not.toContain('"list-versions"');
    expect(since(enters(c, hecate, 'hecate', asking(version))[0] as string)).toBeUndefined();
  });
});

test('a room that ends forgets its versions: the next of that name has others', () => {
  const c = group();
  const version = until(enters(c, hag, 'thirdwitch')[0] as string);
  iq(c, crone, 'set', 'end', owner('<destroy/>'));
  c.forget();
  c.advance(31 * 86_400_000);
  c.input(ROOM, { kind: 'timer' });
  join(c, crone, 'firstwitch');
  iq(c, crone, 'set', 'create', submit({ ...OPEN, ...ON }));
  expect(since(enters(c, hag, 'thirdwitch', asking(version))[0] as string)).toBeUndefined();
});
