/** What a room tells people who are not in it: a few at once, the others in their turn (found F6). */
import type { Conversation } from '../support/conversation';
import { admin, coven, crone, hag, iq, ROOM } from './expected';
import { MEMBERS_ONLY, MODE, PERSISTENT, send } from './registration-stanzas';

const MUC = 'http://jabber.org/protocol/muc';
const people = (count: number): string[] => Array.from({ length: count }, (_, i) => `w${i}@heath.example`);
const list = (c: Conversation, jids: readonly string[], affiliation = 'member'): void => {
  for (let i = 0; i < jids.length; i += 500) {
    const items = jids.slice(i, i + 500).map((jid) => `<item affiliation="${affiliation}" jid="${jid}"/>`);
    iq(c, crone, 'set', 'aff', admin(items.join('')));
  }
};
const tick = (c: Conversation): void => {
  c.advance(1000);
  c.input(ROOM, { kind: 'timer' });
};
/** All that waits is gone. */
const quiet = (c: Conversation): void => {
  for (let i = 0; i < 300; i++) tick(c);
  c.forget();
};
const outside = (c: Conversation): string[] => c.take().filter((stanza) => /^<message [^>]*to="[^"]*@heath\.example"/.test(stanza));

/** All that comes out by and by: five a second, each stanza of many counted for each of them. */
function drain(c: Conversation, seconds: number): string[] {
  const all: string[] = [];
  for (let i = 0; i < seconds; i++) {
    tick(c);
    const now = outside(c);
    expect(now.length).toBeLessThanOrEqual(5);
    all.push(...now);
  }
  return all;
}
const leave = (c: Conversation): void => {
  c.send(`<presence from="${crone}" to="${ROOM}/firstwitch" type="unavailable"/>`);
  c.forget();
};

test('found F6: a registration asks 50 admins of 400 at once, the others by and by, also after a restart, until it is answered', () => {
  const c = coven([], { [MODE]: 'approval', [PERSISTENT]: '1' });
  list(c, people(400), 'admin');
  quiet(c);
  leave(c);
  send(c);
  // The owner is one of them.
  const first = outside(c);
  expect(first).toHaveLength(49);
  const next = drain(c, 10);
  expect(next).toHaveLength(50);
  c.restart();
  c.forget();
  const later = drain(c, 10);
  expect(later).toHaveLength(50);
  const told = [...first, ...next, ...later].map((stanza) => /to="([^"]*)"/.exec(stanza)?.[1]);
  expect(new Set(told).size).toBe(149);
  iq(c, crone, 'set', 'ban', admin('<item affiliation="outcast" jid="hag66@shakespeare.lit"/>'));
  c.forget();
  expect(drain(c, 5)).toEqual([]);
});

test('found F6: 200 new members of a members-only room get notice and invitation, 50 stanzas at once', () => {
  const c = coven([], { [MEMBERS_ONLY]: '1' });
  list(c, people(200));
  const first = outside(c);
  expect(first).toHaveLength(50);
  const rest = drain(c, 90);
  expect(first.length + rest.length).toBe(400);
  expect(rest.filter((stanza) => stanza.includes('<invite'))).toHaveLength(
    200 - first.filter((stanza) => stanza.includes('<invite')).length,
  );
});

test('found F6: a message of 200 KB that mentions 500 absent people is told to 50 at once, and of its text 1 KB', () => {
  const c = coven([], { 'muc#roomconfig_forwardmentions': 'true' });
  list(c, people(600));
  quiet(c);
  const payload = `<body>${'é'.repeat(100_000)}</body><mention xmlns="urn:xmpp:mentions:0" mentions="urn:xmpp:mentions:0#channel"/>`;
  c.send(`<message from="${crone}" to="${ROOM}" type="groupchat" id="m">${payload}</message>`);
  const first = c.take().filter((stanza) => stanza.includes('urn:xmpp:mmn:0'));
  expect(first).toHaveLength(50);
  for (const stanza of first) expect(Buffer.byteLength(stanza)).toBeLessThan(2500);
  expect(Buffer.byteLength(c.rows(ROOM))).toBeLessThan(600_000);
  expect(drain(c, 100)).toHaveLength(450);
});

test('found F6: 50 invitations of one person in each of 20 messages are one', () => {
  const c = coven();
  const invites = '<invite to="hag66@heath.example"/>'.repeat(50);
  for (let i = 0; i < 20; i++) c.send(`<message from="${crone}" id="i${i}" to="${ROOM}"><x xmlns="${MUC}#user">${invites}</x></message>`);
  expect(outside(c)).toHaveLength(1);
  c.advance(86_400_000);
  c.send(`<message from="${crone}" id="j" to="${ROOM}"><x xmlns="${MUC}#user">${invites}</x></message>`);
  expect(outside(c)).toHaveLength(1);
});

test('found F6: of a room that is destroyed nobody is told any more', () => {
  const c = coven([], { [MEMBERS_ONLY]: '1' });
  list(c, people(200));
  c.forget();
  iq(c, crone, 'set', 'end', `<query xmlns="${MUC}#owner"><destroy/></query>`);
  c.forget();
  expect(drain(c, 5)).toEqual([]);
});

test('whoever came on an invitation can be invited again the same day', () => {
  const c = coven();
  const invite = (): string => {
    c.forget();
    c.send(`<message from="${crone}" to="${ROOM}" id="i"><x xmlns="${MUC}#user"><invite to="w1@heath.example"/></x></message>`);
    return outside(c).join('');
  };
  expect(invite()).toContain('<invite ');
  expect(invite()).toBe('');
  c.send(`<presence from="w1@heath.example/x" to="${ROOM}/w1"><x xmlns="${MUC}"/></presence>`);
  c.send(`<presence from="w1@heath.example/x" to="${ROOM}/w1" type="unavailable"/>`);
  expect(invite()).toContain('<invite ');
});

/** Invitations of so many people, fifty in a message; all refusals. */
const inviteAll = (c: Conversation, from: string, jids: readonly string[]): string[] => {
  c.forget();
  for (let i = 0; i < jids.length; i += 50) {
    const invites = jids.slice(i, i + 50).map((jid) => `<invite to="${jid}"/>`);
    c.send(`<message from="${from}" id="i${i}" to="${ROOM}"><x xmlns="${MUC}#user">${invites.join('')}</x></message>`);
  }
  return c.take();
};

test('found F6: nobody is invited twice on a day because a flood of other invitations made the room forget the first', () => {
  const c = coven(['thirdwitch']);
  expect(inviteAll(c, hag, ['victim@heath.example']).join('')).toContain('to="victim@heath.example"');
  const flood = inviteAll(c, hag, people(2500));
  expect(flood.filter((stanza) => stanza.includes('resource-constraint') && stanza.includes('type="wait"')).length).toBeGreaterThan(20);
  expect(inviteAll(c, hag, ['victim@heath.example'])).toEqual([]);
  // They have used up their own part only.
  expect(inviteAll(c, crone, ['guest@heath.example']).join('')).toContain('to="guest@heath.example"');
  c.advance(86_400_000);
  expect(inviteAll(c, hag, ['victim@heath.example']).join('')).toContain('to="victim@heath.example"');
});

test('of the kind of F6: notices that find no place are counted', () => {
  const c = coven([], { [MEMBERS_ONLY]: '1' });
  expect(c.dropped()).toBe(0);
  list(c, people(2500));
  expect(c.dropped()).toBeGreaterThan(0);
});

test('found F6: of the answers in a registration admins who are not there are sent 1 KB', () => {
  const c = coven([], { [MODE]: 'approval', [PERSISTENT]: '1' });
  leave(c);
  const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
  const answers = ['muc#register_first', 'muc#register_last', 'muc#register_faqentry'].map((name) => field(name, 'é'.repeat(480)));
  const form = `<x xmlns="jabber:x:data" type="submit">${field('FORM_TYPE', `${MUC}#register`)}${field('muc#register_roomnick', 'third')}${answers.join('')}</x>`;
  iq(c, hag, 'set', 'reg', `<query xmlns="jabber:iq:register">${form}</query>`);
  const forms = c.take().filter((stanza) => stanza.includes('muc#register_allow'));
  expect(forms.length).toBeGreaterThan(0);
  for (const stanza of forms) expect(stanza.split('é').length - 1).toBe(500);
});
