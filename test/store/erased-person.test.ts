/** After a person was erased, no byte of the database has their address, nickname or words. */
import { BY_ITSELF } from '../../src/room/contract/audit';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createService, type Service } from '../../src/service/service';
import type { Command } from '../../src/room/contract/commands';
import { parse } from '../support/conversation';
import { FakeLink } from '../service/fake-link';
import { affiliate, enter, instant, realRooms } from '../service/real-rooms';
import { ANN, DOMAIN, ROOM } from '../service/rig';
import { TempDatabase } from './temp';
import { systemClock } from '../../src/service/clock';
import type { SqliteStore } from '../../src/store/sqlite/sqlite-store';
import { asBare } from '../support/jids';

const EVE = 'evangeline@x.lit/1';
const TRACES = ['evangeline', 'Quicksilver', 'xyzzyword'];
const OWNER_FORM = (fields: string): string =>
  `<iq from="${ANN}" to="${ROOM}" type="set" id="o"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit">` +
  `<field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field>${fields}</x></query></iq>`;

/** A service on the database, with the real clock; what is said is confirmed at once. */
class House {
  readonly link = new FakeLink();
  readonly service: Service;

  constructor(readonly store: SqliteStore) {
    this.service = createService({
      domain: DOMAIN,
      store,
      link: this.link,
      clock: systemClock,
      random: { bytes: (count) => randomBytes(count) },
      makeRoom: realRooms(true),
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      limits: { confirmMs: 5, persistMs: 5 },
      info: { name: 'Rooms', contact: {} },
      version: '1',
    });
  }

  async open(): Promise<void> {
    await this.service.start();
    this.service.handler.online();
  }

  /** Feeds stanzas, each of them when the one before is committed. */
  async play(...stanzas: string[]): Promise<void> {
    for (const text of stanzas) {
      this.service.handler.stanza(parse(text), text.length);
      // Commands are answered after what was decided before them.
      await this.service.execute({ actor: BY_ITSELF, room: ROOM, command: { name: 'set-affiliations', items: [] } });
    }
  }

  command(command: Command): Promise<unknown> {
    return this.service.execute({ actor: BY_ITSELF, room: ROOM, command });
  }

  async close(): Promise<void> {
    await this.service.stop();
    await this.store.close();
  }
}

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
