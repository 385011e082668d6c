/** A room that has rows of every declaration, some of somebody and some of others, in a file that each test copies. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Part, RowDeclaration, Shape } from '../../src/room/contract/row-declaration';
import { affiliate, enter, instant } from '../service/real-rooms';
import { ANN, ROOM } from '../service/rig';
import { House } from './house';
import { ROWS, TempDatabase } from './temp';

export const EVE = 'evangeline@x.lit';
const NICK = 'Quicksilver';
/** What names nobody. */
const NOBODY = { text: 'x', number: 7, time: 9e12, flag: false, content: '<b xmlns="urn:x"/>' } as const;
export type Person = Readonly<Record<Exclude<Part, keyof typeof NOBODY>, string>>;

const personOf = (jid: string, id: string, nick: string): Person => ({
  jid,
  address: `${jid.toUpperCase()}/1`,
  'occupant-id': id,
  nick,
  room: ROOM,
  'former-room': 'old@rooms.x.lit',
  xml: `<message from="${ROOM}"><x from="${jid}/1"/></message>`,
  plain: 'x',
});
export const OTHER = personOf('others@x.lit', 'id-of-another', 'Another');

/** Rows whose values are more than texts, as their features write them. */
const VALUES: Readonly<Record<string, unknown>> = {
  // Due far from now.
  'notices-due': 9e15,
  'notices-told': 9e12,
  vcard: { xml: '<vCard xmlns="vcard-temp"><FN>Room</FN></vCard>', hashes: [] },
  visited: true,
  stays: true,
  'kept-roles': 'visitor',
  'revoked-voice': true,
  'erased-count': 0,
};

function valueOf(shape: Shape, person: Person): unknown {
  if (shape === 'plain') return 9e12;
  if (typeof shape === 'string') return { ...NOBODY, ...person }[shape];
  if ('each' in shape) return [valueOf(shape.each, person), valueOf(shape.each, OTHER)];
  return Object.fromEntries(Object.entries(shape.members).map(([name, of]) => [name, valueOf(of, person)]));
}

export interface Furnished {
  readonly file: string;
  readonly eve: Person;
  /** What names the person, in any form. */
  readonly traces: readonly string[];
}

/** Makes the room once. */
export async function furnish(): Promise<Furnished> {
  const database = new TempDatabase();
  const house = new House(await database.open());
  await house.open();
  const groupchat = (from: string, id: string, inner: string): string =>
    `<message from="${from}" to="${ROOM}" type="groupchat" id="${id}">${inner}</message>`;
  await house.play(
    enter(ANN, ROOM, 'ann'),
    instant(ANN, ROOM),
    `<iq from="${ANN}" to="${ROOM}" type="set" id="o"><query xmlns="http://jabber.org/protocol/muc#owner"><x xmlns="jabber:x:data" type="submit">` +
      '<field var="FORM_TYPE"><value>http://jabber.org/protocol/muc#roomconfig</value></field><field var="{urn:parlour:room}archiveaccess"><value>stays</value></field>' +
      `<field var="muc#roomconfig_changesubject"><value>1</value></field><field var="{urn:parlour:room}contactjid"><value>${EVE}</value></field></x></query></iq>`,
    enter(`${EVE}/1`, ROOM, NICK),
    groupchat(`${EVE}/1`, 's', '<subject>xyzzyword</subject>'),
    ...Array.from({ length: 6 }, (_, i) =>
      groupchat(i % 2 === 0 ? `${EVE}/1` : ANN, `m${i}`, i % 2 === 0 ? '<body>xyzzyword</body>' : '<body>tea</body>'),
    ),
    affiliate(ANN, ROOM, `<item affiliation="admin" jid="${EVE}" nick="${NICK}"/>`),
    affiliate(`${EVE}/1`, ROOM, '<item affiliation="member" jid="cat@x.lit"/>'),
  );
  await house.close();
  const db = new Sqlite(database.file);
  // As the store has it: what a page is split into leaves nothing behind.
  db.pragma('secure_delete = ON');
  const room = db.prepare('SELECT id FROM room WHERE jid = ?').pluck().get(ROOM) as number;
  const id = db.prepare('SELECT id FROM occupant WHERE jid = ?').pluck().get(EVE) as string;
  const eve = personOf(EVE, id, NICK);
  const put = db.prepare('REPLACE INTO feature (room, feature, key, value, place) VALUES (?, ?, ?, ?, 0)');
  for (const declaration of ROWS)
    for (const person of [eve, OTHER])
      put.run(
        room,
        declaration.name,
        keyOf(declaration, person),
        JSON.stringify(VALUES[declaration.name] ?? valueOf(declaration.value, person)),
      );
  const woken = db.prepare('INSERT INTO woken_account (jid, since, tries, waiting, full_at) VALUES (?, ?, 10, 10, 0)');
  for (const { jid } of [eve, OTHER]) woken.run(jid, Date.now());
  db.prepare('INSERT INTO foreign_id (room, id, message) SELECT room, ?, min(id) FROM message').run('elsewhere-1');
  db.close();
  return { file: database.file, eve, traces: ['evangeline', 'EVANGELINE', NICK, 'xyzzyword', id] };
}

/** Numbers that stand in keys are places of messages, and such. */
function keyOf({ key }: RowDeclaration, person: Person): string {
  return key.map((part) => (part === 'plain' ? (person === OTHER ? '2' : '1') : { ...NOBODY, ...person }[part])).join(' ');
}

/** A copy of the file for one test, at the place where that is to open it. */
export class Copy {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'parlour-rows-'));
  readonly file = path.join(this.folder, 'parlour.db');

  constructor({ file }: Furnished) {
    copyFileSync(file, this.file);
  }

  /** Which of these texts any file of the database has in its bytes. */
  found(texts: readonly string[]): string[] {
    const bytes = readdirSync(this.folder).map((name) => readFileSync(path.join(this.folder, name)));
    return texts.filter((text) => bytes.some((all) => all.includes(text)));
  }

  /** Where a text stands: table, column, and of features the name. */
  places(text: string): string[] {
    const db = new Sqlite(this.file, { readonly: true });
    const columns = db
      .prepare(
        "SELECT m.name AS \"table\", p.name AS column FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table' AND m.name NOT LIKE 'message_text%'",
      )
      .all() as { table: string; column: string }[];
    const places = columns.flatMap(
      ({ table, column }) =>
        db
          .prepare(
            `SELECT DISTINCT ${table === 'feature' ? "'feature ' || feature" : `'${table}.${column}'`} FROM "${table}" WHERE instr(CAST("${column}" AS TEXT), ?) > 0`,
          )
          .pluck()
          .all(text) as string[],
    );
    db.close();
    return [...new Set(places)].sort();
  }

  query<T>(sql: string, ...values: unknown[]): T[] {
    const db = new Sqlite(this.file, { readonly: true });
    const rows = db
      .prepare(sql)
      .pluck()
      .all(...values) as T[];
    db.close();
    return rows;
  }
}
