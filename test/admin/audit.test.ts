/** Administrators of the service look at the audit trail. */
import { affiliate, enter, instant, realRooms } from '../service/real-rooms';
import { ANN, ROOM } from '../service/rig';
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
    [expect.stringMatching(/^\d{4}-/), ROOM, 'ann@x.lit (occupant, xmpp)', 'set-affiliations', 'bob@x.lit', 'none → outcast', 'spam'],
  ]);
  await h.run(NODE);
  expect(cells(await h.run(NODE, session, form({ actor: 'ann@x.lit' })))).toHaveLength(3);
});

test('nothing of the kind is said in a sentence; others than administrators are refused', async () => {
  const h = await governed();
  await h.run(NODE);
  expect(await h.run(NODE, session, form({ object: 'nobody@x.lit' }))).toContain(
    '<note type="info">Nothing of that kind was changed.</note>',
  );
  expect(await h.run(NODE, '', '', ANN)).toContain('<forbidden');
});
