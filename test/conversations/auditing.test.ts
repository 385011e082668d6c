/** Owners look at who changed what in their room: an ad-hoc command at the room (XEP-0050). */
import type { Conversation } from '../support/conversation';
import { coven, crone, hag, iq, refusal, ROOM, wicca } from './expected';

const COMMANDS = 'http://jabber.org/protocol/commands';
const NODE = 'urn:parlour:audit';
const ADMIN = 'http://jabber.org/protocol/muc#admin';

const command = (inner = '', session = ''): string =>
  `<command xmlns="${COMMANDS}" node="${NODE}"${session === '' ? '' : ` sessionid="${session}"`}>${inner}</command>`;
const form = (object: string): string =>
  `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${NODE}</value></field><field var="object"><value>${object}</value></field></x>`;

/** Runs the command; answers what came. */
function look(c: Conversation, from: string, object: string): string {
  c.forget();
  iq(c, from, 'set', 'b', command());
  const session = / sessionid="([^"]*)"/.exec(c.take().join(''))?.[1] ?? '';
  iq(c, from, 'set', 'l', command(form(object), session));
  return c.take().join('');
}

const cells = (xml: string): string[][] =>
  [...xml.matchAll(/<item>(.*?)<\/item>/g)].map(([, item = '']) =>
    [...item.matchAll(/<value>(.*?)<\/value>|<value\/>/g)].map(([, cell = '']) => cell),
  );

test('an owner sees who banned whom, when and why, with the nickname behind the change where one was reserved', () => {
  const c = coven(['thirdwitch']);
  iq(c, crone, 'set', 'a', `<query xmlns="${ADMIN}"><item affiliation="outcast" jid="earl@x.lit"><reason>Treason</reason></item></query>`);
  iq(c, crone, 'set', 'a', `<query xmlns="${ADMIN}"><item affiliation="member" jid="dan@x.lit" nick="dan"/></query>`);
  const [latest, before] = cells(look(c, crone, ''));
  expect(latest?.slice(1)).toEqual([expect.stringContaining('occupant, xmpp'), 'affiliations', 'dan@x.lit', 'none → member (dan)', '']);
  expect(before?.slice(2)).toEqual(['affiliations', 'earl@x.lit', 'none → outcast', 'Treason']);
  expect(cells(look(c, crone, 'EARL@x.lit'))).toHaveLength(1);
  expect(look(c, crone, 'nobody@x.lit')).toContain('<note type="info">Nothing of that kind was changed.</note>');
});

test('admins and others are neither shown it nor may run it', () => {
  const c = coven(['thirdwitch']);
  for (const who of [wicca, hag]) {
    iq(c, who, 'set', 'a', command());
    c.expect(refusal('iq', ROOM, who, 'a', 'auth', 'forbidden'));
    iq(c, who, 'get', 'i', `<query xmlns="http://jabber.org/protocol/disco#items" node="${COMMANDS}"/>`);
    expect(c.take().join('')).not.toContain(NODE);
  }
  iq(c, crone, 'get', 'i', `<query xmlns="http://jabber.org/protocol/disco#items" node="${COMMANDS}"/>`);
  expect(c.take().join('')).toContain(`node="${NODE}" name="Who changed what"`);
});

test('hats and the card are acts too: who made, gave and took what, by the command and by the room’s own protocol', () => {
  const c = coven(['thirdwitch']);
  iq(c, crone, 'set', 'v', '<vCard xmlns="vcard-temp"><NOTE>Fair is foul</NOTE></vCard>');
  iq(c, crone, 'set', 'w', '<vCard xmlns="vcard-temp"><NOTE>Fair is foul</NOTE></vCard>');
  iq(c, crone, 'set', 'x', '<vCard xmlns="vcard-temp"/>');
  iq(c, wicca, 'set', 'y', '<vCard xmlns="vcard-temp"><NOTE>mine</NOTE></vCard>');
  const acts = cells(look(c, crone, '')).map((row) => row.slice(2));
  // What is the same already, and what is refused, is no act.
  expect(acts.map(([act]) => act)).toEqual(['card and picture', 'card and picture', 'affiliations', 'configuration', 'room made']);
  expect(acts[0]?.[2]).toMatch(/^vCard, \d+ bytes →/);
});

test('whoever has a room of the same name later is told nothing of the former one', () => {
  const c = coven(['thirdwitch']);
  iq(c, crone, 'set', 'a', `<query xmlns="${ADMIN}"><item affiliation="outcast" jid="earl@x.lit"/></query>`);
  iq(c, crone, 'set', 'd', '<query xmlns="http://jabber.org/protocol/muc#owner"><destroy/></query>');
  c.advance(31 * 24 * 3600_000);
  c.send(`<presence from="${hag}" to="${ROOM}/hag"><x xmlns="http://jabber.org/protocol/muc"/></presence>`);
  iq(c, hag, 'set', 'o', '<query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit"/></query>');
  const acts = cells(look(c, hag, ''));
  expect(acts.map(([, , act]) => act)).toEqual(['configuration', 'room made']);
  expect(JSON.stringify(acts)).not.toContain('earl');
});
