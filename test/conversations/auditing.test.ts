/** Owners look at who changed what in their room: an ad-hoc command at the room (XEP-0050). */
import type { Conversation } from '../support/conversation';
import type { AuditRow } from '../../src/room/contract/audit';
import { changeText } from '../../src/features/commands/audit-values';
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
  expect(latest?.slice(1)).toEqual([expect.stringContaining('occupant, xmpp'), 'affiliations', 'dan@x.lit', 'None → Member (dan)', '']);
  expect(before?.slice(2)).toEqual(['affiliations', 'earl@x.lit', 'None → Banned', 'Treason']);
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
  expect(acts[0]?.[2]).toMatch(/^card of \d+ bytes \([0-9a-f]{8}\) → $/);
});

test('what was and what is are in the words of who reads; two that differ never look the same, and what stays is said once', () => {
  const c = coven(['thirdwitch']);
  const ad = (node: string, fields: string): void =>
    iq(
      c,
      crone,
      'set',
      'h',
      `<command xmlns="${COMMANDS}" node="${node}" action="execute"><x xmlns="jabber:x:data" type="submit">${fields}</x></command>`,
    );
  const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
  const hat = (hue: string): void =>
    ad(
      'urn:xmpp:hats:commands:create',
      field('FORM_TYPE', 'urn:xmpp:hats:commands') +
        ['Host', 'urn:x:h', hue].map((value, i) => field(`hats#${['title', 'uri', 'hue'][i]}`, value)).join(''),
    );
  const vcard = (note: string): void => iq(c, crone, 'set', 'v', `<vCard xmlns="vcard-temp"><NOTE>${note}</NOTE></vCard>`);
  const affiliate = (reason: string): void =>
    iq(
      c,
      crone,
      'set',
      'a',
      `<query xmlns="${ADMIN}"><item affiliation="outcast" jid="earl@x.lit"><reason>${reason}</reason></item></query>`,
    );
  const role = (nick: string): void => iq(c, crone, 'set', 'r', `<query xmlns="${ADMIN}"><item role="none" nick="${nick}"/></query>`);
  const describe = (end: string): void =>
    iq(
      c,
      crone,
      'set',
      'o',
      `<query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit">${field('FORM_TYPE', 'http://jabber.org/protocol/muc#roomconfig')}${field('muc#roomconfig_roomdesc', 'a'.repeat(300) + end)}</x></query>`,
    );
  hat('120');
  hat('240');
  for (const note of ['fair', 'foul']) vcard(note);
  for (const reason of ['Treason', 'High treason']) affiliate(reason);
  describe('x');
  describe('y');
  role('thirdwitch');
  const german = (inner: string, more = ''): string => {
    c.forget();
    c.send(
      `<iq from="${crone}" to="${ROOM}" type="set" id="g" xml:lang="de-AT"><command xmlns="${COMMANDS}" node="${NODE}"${more}>${inner}</command></iq>`,
    );
    return c.take().join('');
  };
  const session = / sessionid="[^"]*"/.exec(german(''))?.[0];
  const rows = cells(german(form(''), session)).map((row) => row.slice(2, 5));
  const changes = rows.map(([, , change]) => change);
  expect(changes[0]).toBe('Teilnehmer → nicht im Raum');
  expect(changes[1]).toBe(`…${'a'.repeat(20)}x → …${'a'.repeat(20)}y`);
  expect(changes.slice(3, 5)).toEqual(['Ausgeschlossen', 'Keine → Ausgeschlossen']);
  expect(changes[5]).toMatch(/^Visitenkarte mit (\d+) Byte \(([0-9a-f]{8})\) → Visitenkarte mit \1 Byte \((?!\2)[0-9a-f]{8}\)$/);
  expect(changes.slice(7, 9)).toEqual(['Host, Farbton 120 → Host, Farbton 240', 'Host, Farbton 120']);
  expect(changes.at(-2)).toBe('gesperrt → offen');
});

test('an earlier row, and a word that somebody chose, is shown as it stands', () => {
  const change = (act: AuditRow['act'], before: string | null, after: string | null): string =>
    String(changeText(act, { object: 'urn:x', before, after, reason: null }));
  expect(change('set-vcard', 'vCard, 12 bytes', '3f78')).toBe('card of 12 bytes → 3f78');
  expect(change('hats', 'A, B, moderator, mentions', null)).toBe('A, B, moderator, mentions the whole room → ');
  expect(change('configure', 'locked', 'changed')).toBe('locked → changed');
  expect(change('set-subject', null, 'muted')).toBe('muted');
  expect(change('mute', null, 'muted until 2026-01-31T12:00:00Z')).toBe('muted until 2026-01-31T12:00:00Z');
  expect(change('ban-and-retract', null, '30 minutes, ban until 2026-01-31T12:00:00Z')).toBe(
    'of 30 minutes, Banned until 2026-01-31T12:00:00Z',
  );
  expect(change('set-affiliations', 'constructor', 'member (a (b))\n')).toBe('constructor → member (a (b))\n');
  expect(change('answer-registration', null, 'allowed (until)')).toBe('allowed (until)');
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
