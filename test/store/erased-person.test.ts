/** After a person was erased, no byte of the database has their address, nickname or words. */
import { readFileSync } from 'node:fs';
import { affiliate, enter, instant } from '../service/real-rooms';
import { ANN, ROOM } from '../service/rig';
import { TempDatabase } from './temp';
import { asBare } from '../support/jids';
import { House } from './house';

const EVE = 'evangeline@x.lit/1';
const TRACES = ['evangeline', 'Quicksilver', 'xyzzyword'];
const OWNER_FORM = (fields: string): string =>
  `<iq from="${ANN}" to="${ROOM}" type="set" id="o"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit">` +
  `<field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field>${fields}</x></query></iq>`;

const found = (file: string): string[] => {
  const bytes = readFileSync(file);
  return TRACES.filter((trace) => bytes.includes(trace));
};

test('after erasing, closing leaves nothing of the person in the file', async () => {
  const database = new TempDatabase();
  const first = new House(await database.open());
  await first.open();
  const groupchat = (from: string, inner: string): string =>
    `<message from="${from}" to="${ROOM}" type="groupchat" id="of-${from.split('@')[0]}">${inner}</message>`;
  await first.play(
    enter(ANN, ROOM, 'ann'),
    instant(ANN, ROOM),
    OWNER_FORM(
      '<field var="{urn:parlour:room}archiveaccess"><value>stays</value></field><field var="muc#roomconfig_changesubject"><value>1</value></field>' +
        '<field var="{urn:parlour:room}contactjid"><value>evangeline@x.lit</value></field>',
    ),
    enter(EVE, ROOM, 'Quicksilver'),
    groupchat(EVE, '<subject>xyzzyword</subject>'),
    ...Array.from({ length: 130 }, (_, i) =>
      groupchat(i % 2 === 0 ? EVE : ANN, i % 2 === 0 ? `<body>xyzzyword ${i}</body>` : '<body>tea</body>'),
    ),
    affiliate(ANN, ROOM, '<item affiliation="admin" jid="evangeline@x.lit" nick="Quicksilver"/>'),
    affiliate(EVE, ROOM, '<item affiliation="member" jid="cat@x.lit"/>'),
    `<message from="${EVE}" to="${ROOM}"><x xmlns="http://jabber.org/protocol/muc#user"><invite to="dan@x.lit"/></x></message>`,
  );
  await first.close();
  expect(found(database.file)).toEqual(TRACES);

  const second = new House(await database.open());
  await second.open();
  expect(await second.command({ name: 'erase-person', jid: asBare('evangeline@x.lit') })).toEqual({ ok: true, erased: 66 });
  // What is not known to have arrived is kept to be said again.
  await new Promise((resolve) => setTimeout(resolve, 200));
  // One more message clears the subject that they set.
  expect(await second.store.messages(ROOM, { limit: 500 })).toHaveLength(132);
  await second.close();
  expect(found(database.file)).toEqual([]);
  expect(readFileSync(database.file).includes('tea')).toBe(true);
  await database.dispose();
}, 60_000);
