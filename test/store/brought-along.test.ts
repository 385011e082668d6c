/** A room that was brought along from another server: its people keep their occupant-ids, and its messages are found by the ids that they had there. */
import { createHmac } from 'node:crypto';
import Sqlite from 'better-sqlite3';
import { enter, instant } from '../service/real-rooms';
import { ANN, ROOM } from '../service/rig';
import { House } from './house';
import { TempDatabase } from './temp';

const BOB = 'bob@x.lit/1';
const SALT = '0e9f-salt';
const idThere = (jid: string): string => createHmac('sha256', jid).update(SALT).digest('base64');
const groupchat = (from: string, id: string, inner: string): string =>
  `<message from="${from}" to="${ROOM}" type="groupchat" id="${id}">${inner}</message>`;

let database: TempDatabase;
let house: House;
let ids: Record<string, string>;

/** Waits for what is to be said, which may follow from an answer of the archive. */
const heard = async (part: string): Promise<string> => {
  for (let tries = 0; tries < 200; tries++) {
    const found = house.link.xml.find((xml) => xml.includes(part));
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`"${part}" was not said:\n${house.link.xml.join('\n')}`);
};

/** As an import is to leave it. */
beforeEach(async () => {
  database = new TempDatabase();
  const before = new House(await database.open());
  await before.open();
  await before.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'));
  for (let n = 1; n <= 4; n++) await before.play(groupchat(n % 2 === 1 ? BOB : ANN, `c${n}`, `<body>word ${n}</body>`));
  await before.close();
  const db = new Sqlite(database.file);
  const room = db.prepare('SELECT id FROM room WHERE jid = ?').pluck().get(ROOM) as number;
  db.prepare("UPDATE room SET id_scheme = 'prosody', id_salt = ? WHERE id = ?").run(SALT, room);
  for (const table of ['occupant', 'session', 'message_occupant', 'message_name']) db.exec(`DELETE FROM ${table}`);
  db.exec("UPDATE filled SET up_to = 0, ahead = 0, room = 0, id = 0 WHERE name = 'occupant'");
  const rows = db.prepare('SELECT id, seq, sender, stanza_id AS name FROM message ORDER BY seq').all() as {
    id: number;
    seq: number;
    sender: string;
    name: string;
  }[];
  ids = {};
  for (const { id, seq, sender, name } of rows) {
    db.prepare('UPDATE message SET occupant_id = ? WHERE id = ?').run(idThere(sender.slice(0, sender.indexOf('/'))), id);
    db.prepare('INSERT INTO foreign_id (room, id, message) VALUES (?, ?, ?)').run(room, `there-${seq}`, id);
    ids[`there-${seq}`] = name;
  }
  db.close();
  house = new House(await database.open());
  await house.open();
  await house.play(enter(ANN, ROOM, 'ann'), enter(BOB, ROOM, 'bob'));
});
afterEach(async () => {
  await house.close();
  await database.dispose();
});

test('XEP-0421 §3: whoever enters has the occupant-id that they had there', async () => {
  expect(await heard(`id="${idThere('bob@x.lit')}"`)).toContain('/bob"');
  expect(await heard(`id="${idThere('ann@x.lit')}"`)).toContain('/ann"');
});

test('XEP-0313: pages begin and end at ids from there, and messages are asked for by them; results have ours', async () => {
  const ask = (id: string, inner: string): string =>
    `<iq from="${ANN}" to="${ROOM}" type="set" id="${id}"><query xmlns="urn:xmpp:mam:2" queryid="${id}">${inner}</query></iq>`;
  const page = (at: string): string => `<set xmlns="http://jabber.org/protocol/rsm"><max>10</max>${at}</set>`;
  const form = (name: string, id: string): string =>
    `<x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>urn:xmpp:mam:2</value></field><field var="${name}"><value>${id}</value></field></x>`;
  const results = async (id: string): Promise<string[]> => {
    await heard(`id="${id}"`);
    return house.link.xml.flatMap((xml) => new RegExp(`queryid="${id}" id="([^"]*)"`).exec(xml)?.[1] ?? []);
  };
  const names = [1, 2, 3, 4].map((n) => ids[`there-${n}`]);
  await house.play(ask('q1', page('<after>there-2</after>')));
  expect(await results('q1')).toEqual(names.slice(2));
  await house.play(ask('q2', page('<before>there-3</before>')));
  expect(await results('q2')).toEqual(names.slice(0, 2));
  await house.play(ask('q3', form('ids', 'there-4')));
  expect(await results('q3')).toEqual([names[3]]);
  await house.play(ask('q4', form('after-id', 'there-3')));
  expect(await results('q4')).toEqual([names[3]]);
  await house.play(ask('q5', page('<after>there-5</after>')));
  expect(await heard('id="q5"')).toContain('item-not-found');
});

const payload = (name: string | undefined): string => {
  const db = new Sqlite(database.file, { readonly: true });
  const found = db
    .prepare(
      'SELECT coalesce(message_tombstone.payload, message.payload) FROM message LEFT JOIN message_tombstone USING (id) WHERE stanza_id = ?',
    )
    .pluck()
    .get(name);
  db.close();
  return found as string;
};

test('XEP-0424, XEP-0425: a message is retracted and moderated by its id from there', async () => {
  await house.play(groupchat(BOB, 'r1', '<retract xmlns="urn:xmpp:message-retract:1" id="there-1"/><body>gone</body>'));
  await heard(`<retract xmlns="urn:xmpp:message-retract:1" id="${ids['there-1']}"`);
  await house.play(
    `<iq from="${ANN}" to="${ROOM}" type="set" id="m1"><moderate xmlns="urn:xmpp:message-moderate:1" id="there-3"><retract xmlns="urn:xmpp:message-retract:1"/></moderate></iq>`,
  );
  expect(await heard('id="m1"')).toContain('type="result"');
  await house.play();
  expect([1, 2, 3].map((n) => payload(ids[`there-${n}`]).includes('word'))).toEqual([false, true, false]);
  await house.play(groupchat(BOB, 'r2', '<retract xmlns="urn:xmpp:message-retract:1" id="there-2"/>'));
  expect(await heard('<error')).toContain('forbidden');
});

test('XEP-0333: a marker at an id from there counts by the place of the message, and goes forward only', async () => {
  const mark = (id: string): string => groupchat(BOB, `mark-${id}`, `<displayed xmlns="urn:xmpp:chat-markers:0" id="${id}"/>`);
  const kept = (): string | undefined => {
    const db = new Sqlite(database.file, { readonly: true });
    const value = db.prepare("SELECT value FROM feature WHERE feature = 'markers' AND key = ?").pluck().get(idThere('bob@x.lit')) as
      string | undefined;
    db.close();
    return value === undefined ? undefined : (JSON.parse(value) as { id: string }).id;
  };
  const settled = async (wanted: string | undefined): Promise<void> => {
    for (let tries = 0; tries < 100 && kept() !== wanted; tries++) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(kept()).toBe(wanted);
  };
  await house.play(mark('there-3'));
  await settled(ids['there-3']);
  await house.play(mark('there-1'));
  await new Promise((resolve) => setTimeout(resolve, 100));
  await settled(ids['there-3']);
  await house.play(mark('there-4'));
  await settled(ids['there-4']);
});

test('what is removed leaves no id of it', async () => {
  const left = (): string[] => {
    const db = new Sqlite(database.file, { readonly: true });
    const found = db.prepare('SELECT id FROM foreign_id ORDER BY id').pluck().all() as string[];
    db.close();
    return found;
  };
  const one = { default: null, max: 1 };
  // Removed is what every index has, and what is known to have arrived.
  for (let tries = 0; tries < 100 && left().length > 1; tries++) {
    await house.store.retain({ now: Date.now(), days: { default: null, max: null }, messages: one, after: '', budget: 100 });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(left()).toEqual(['there-4']);
});
