/** Administrators of the service look at the audit trail. */
import { affiliate, enter, instant, realRooms } from '../service/real-rooms';
import { administrator } from '../../src/room/contract/audit';
import { ANN, DOMAIN, ROOM } from '../service/rig';
import { asBare, asRoom } from '../support/jids';
import { field, hall, session, values, type Hall } from './hall';

const NODE = 'urn:parlour:admin#audit';
const form = (fields: Record<string, string>): string =>
  `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE">${values(NODE)}</field>${Object.entries(fields)
    .map(([name, value]) => field(name, value))
    .join('')}</x>`;

async function governed(): Promise<Hall> {
  const h = await hall({ makeRoom: realRooms(true) });
  await h.play(
    enter(ANN, ROOM, 'ann'),
    instant(ANN, ROOM),
    affiliate(ANN, ROOM, '<item affiliation="outcast" jid="bob@x.lit"><reason>spam</reason></item>'),
  );
  return h;
}

const cells = (xml: string): string[][] =>
  [...xml.matchAll(/<item>(.*?)<\/item>/g)].map(([, item = '']) =>
    [...item.matchAll(/<value>(.*?)<\/value>|<value\/>/g)].map(([, cell = '']) => cell),
  );

test('who banned whom, when and why: by room, actor and object, addresses in any spelling', async () => {
  const h = await governed();
  await h.run(NODE);
  const answer = await h.run(NODE, session, form({ room: ROOM.toUpperCase(), object: 'BOB@x.lit' }));
  expect(cells(answer)).toEqual([
    [expect.stringMatching(/^\d{4}-/), ROOM, 'ann@x.lit (occupant, xmpp)', 'affiliations', 'bob@x.lit', 'None → Banned', 'spam'],
  ]);
  await h.run(NODE);
  expect(cells(await h.run(NODE, session, form({ actor: 'ann@x.lit' })))).toHaveLength(3);
});

test.each([
  ['a bare name', { room: 'a' }, /<item>/],
  ['a room of another service', { room: 'a@elsewhere.lit' }, /<note type="error">That is no room of this service/],
  ['a mistyped room', { room: 'aa' }, /<note type="error">There is no such room\.<\/note>/],
  ['an occupant', { room: `${ROOM}/ann` }, /<note type="error">Give the address of a room/],
  ['a room that is no address', { room: '@@' }, /<note type="error">The address "@@" is not a valid JID/],
  ['an actor that is no address', { actor: '@@' }, /<note type="error">The address "@@" is not a valid JID/],
  ['an object that is no address', { object: 'b @@x' }, /<note type="error">The address "b @@x" is not a valid JID/],
  ['0 days', { days: '0' }, /"Not older than this many days" takes a whole number from 1 to 36500/],
  ['days in words', { days: 'abc' }, /"Not older than this many days" takes a whole number from 1 to 36500/],
  ['days with a fraction', { days: '1.5' }, /takes a whole number/],
  ['no days', { days: '' }, /<item>/],
])('%s', async (_, fields, sentence) => {
  const h = await governed();
  await h.run(NODE);
  expect(await h.run(NODE, session, form(fields))).toMatch(sentence);
});

test('a room that was renamed, and renamed again: where it is now', async () => {
  const h = await governed();
  for (const [from, to] of [
    ['a', 'b'],
    ['b', 'c'],
  ] as const)
    expect(
      await h.service.execute({
        actor: administrator(asBare('bard@x.lit')),
        room: asRoom(`${from}@${DOMAIN}`),
        command: { name: 'rename', to: asRoom(`${to}@${DOMAIN}`) },
      }),
    ).toEqual({ ok: true });
  await h.run(NODE);
  expect(await h.run(NODE, session, form({ room: 'a' }))).toContain(`<note type="info">The room a@${DOMAIN} is c@${DOMAIN} now.</note>`);
});

test('nothing of the kind is said in a sentence; others than administrators are refused', async () => {
  const h = await governed();
  await h.run(NODE);
  expect(await h.run(NODE, session, form({ object: 'nobody@x.lit' }))).toContain(
    '<note type="info">Nothing of that kind was changed.</note>',
  );
  expect(await h.run(NODE, '', '', ANN)).toContain('<forbidden');
});
