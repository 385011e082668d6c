/** The prepared statements that write one room's rows. No transactions and no decisions here. */
import type { RoomJid } from '../../../xmpp/fold';
import type { Database, Statement } from 'better-sqlite3';
import { MOST_STAYS, type AffiliationRow, type Change, type OccupantRow, type RoomRow, type SessionRow } from '../../../room/contract/rows';
import { blanked, CONTENT } from '../messages/message-rows';
import { MessageOrder } from '../messages/message-order';
import { PlainTail } from '../messages/tail';
import { NameIndex } from '../messages/name-index';
import { FindableRooms } from './findable-rooms';
import { TextIndex } from '../messages/text-index';

/** What the committer keeps in mind of a room. */
export interface RoomKey {
  readonly id: number;
  destroyed: boolean;
  /** A destroyed room that is remembered (it has a tombstone). */
  kept: boolean;
  archiveFrom: number;
  /** Number and time of its latest message. */
  seq: number;
  stamp: number;
}

export type Retraction = Extract<Change, { table: 'retraction' }>;

/** A message as it is before it is retracted. */
interface Content {
  /** In its row. */
  readonly own: string;
  readonly payload: string;
  readonly sender: string | null;
  readonly nick: string | null;
  readonly clientId: string | null;
  readonly occupantId: string | null;
  readonly stanzaId: string;
}

/** Every table that holds rows of a room, apart from its messages. */
const OF_A_ROOM = ['affiliation', 'occupant', 'session', 'feature', 'stay', 'saying', 'counters', 'findable'] as const;
const CLEARED = ['affiliation', 'occupant', 'session', 'feature', 'stay'] as const;

/** Places of one batch. */
const PLACES = 65_536;

export class RoomTables {
  private readonly findRoom: Statement;
  private readonly addRoom: Statement;
  private readonly addCounters: Statement;
  private readonly changeRoom: Statement;
  private readonly removeRoom: Statement;
  private readonly putAffiliation: Statement;
  private readonly dropAffiliation: Statement;
  private readonly putOccupant: Statement;
  private readonly dropOccupant: Statement;
  private readonly putSession: Statement;
  private readonly dropSession: Statement;
  private readonly addSaying: Statement;
  private readonly putFeature: Statement;
  private readonly dropFeature: Statement;
  private readonly putErasure: Statement;
  private readonly getContent: Statement;
  private readonly blank: Statement;
  private readonly putTombstone: Statement;
  private readonly text: TextIndex;
  private readonly names: NameIndex;
  private readonly findable: FindableRooms;
  private readonly order: MessageOrder;
  private readonly beginStay: Statement;
  private readonly endStay: Statement;
  private readonly boundStays: Statement;
  private readonly forgetStays: Statement;
  private readonly cleared: Statement[];
  private readonly removed: Statement[];
  /** Of the next row of a feature: they come back in the order in which they were first set. */
  private place = 0;

  constructor(db: Database) {
    this.findRoom = db.prepare(
      "SELECT id, state = 'destroyed' AS destroyed, tombstone IS NOT NULL AS kept, archive_from AS archiveFrom, seq, stamp FROM room JOIN counters ON room = id WHERE jid = ?",
    );
    this.addRoom = db.prepare(
      'INSERT INTO room (id, jid, state, options, name, listed, channel, subject, secret, creator, created_at, archive_from, deadline, keep_days, keep_messages, tombstone, id_scheme, id_salt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.addCounters = db.prepare('INSERT INTO counters (room, rev, delivered_rev, seq, stamp) VALUES (?, 0, 0, 0, 0)');
    this.changeRoom = db.prepare(
      'UPDATE room SET jid = ?, state = ?, options = ?, name = ?, listed = ?, channel = ?, subject = ?, secret = ?, creator = ?, created_at = ?, archive_from = ?, deadline = ?, keep_days = ?, keep_messages = ?, tombstone = ?, id_scheme = ?, id_salt = ? WHERE id = ?',
    );
    this.removeRoom = db.prepare('DELETE FROM room WHERE id = ?');
    this.putAffiliation = db.prepare(
      'REPLACE INTO affiliation (room, jid, affiliation, nick, reason, set_by, set_by_name, set_at, expires_at, afterwards) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.dropAffiliation = db.prepare('DELETE FROM affiliation WHERE room = ? AND jid = ?');
    this.putOccupant = db.prepare('REPLACE INTO occupant (room, id, jid, nick, role, rev) VALUES (?, ?, ?, ?, ?, ?)');
    this.dropOccupant = db.prepare('DELETE FROM occupant WHERE room = ? AND id = ?');
    this.putSession = db.prepare(
      'REPLACE INTO session (room, jid, occupant_id, presence, priority, entering, asked_nick, joined_at, spelling, held_lists) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    );
    this.dropSession = db.prepare('DELETE FROM session WHERE room = ? AND jid = ?');
    this.addSaying = db.prepare('INSERT INTO saying (room, rev, what) VALUES (?, ?, ?)');
    this.putFeature = db.prepare(
      'INSERT INTO feature (room, feature, key, value, place) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    );
    this.dropFeature = db.prepare('DELETE FROM feature WHERE room = ? AND feature = ? AND key = ?');
    this.putErasure = db.prepare(
      'INSERT INTO erasure (room, up_to) VALUES (?, ?) ON CONFLICT (room) DO UPDATE SET up_to = max(up_to, excluded.up_to)',
    );
    this.getContent = db.prepare(
      `SELECT payload AS own, ${CONTENT} AS payload, sender, nick, client_id AS clientId, occupant_id AS occupantId, stanza_id AS stanzaId FROM message WHERE id = ?`,
    );
    this.text = new TextIndex(db);
    this.names = new NameIndex(db);
    this.findable = new FindableRooms(db);
    this.blank = db.prepare('UPDATE message SET payload = ?, sender = ?, nick = ?, client_id = ? WHERE id = ?');
    this.putTombstone = db.prepare('REPLACE INTO message_tombstone (id, payload) VALUES (?, ?)');
    this.order = new MessageOrder(db, new PlainTail(db));
    this.beginStay = db.prepare(
      // What ended with the same message goes on: nothing was said in between.
      `INSERT INTO stay (room, jid, begin_seq, end_seq)
       SELECT @room, @jid, coalesce((SELECT min(begin_seq) FROM stay WHERE room = @room AND jid = @jid AND end_seq = @seq), @seq), NULL
       WHERE NOT EXISTS (SELECT 1 FROM stay WHERE room = @room AND jid = @jid AND end_seq IS NULL) ON CONFLICT DO UPDATE SET end_seq = NULL`,
    );
    this.endStay = db.prepare('UPDATE stay SET end_seq = @seq WHERE room = @room AND jid = @jid AND end_seq IS NULL');
    this.boundStays = db.prepare(
      `DELETE FROM stay WHERE room = @room AND jid = @jid AND begin_seq < (
         SELECT begin_seq FROM stay WHERE room = @room AND jid = @jid ORDER BY begin_seq DESC LIMIT 1 OFFSET ${MOST_STAYS - 1})`,
    );
    this.forgetStays = db.prepare('DELETE FROM stay WHERE room = ? AND jid = ?');
    this.cleared = CLEARED.map((table) => db.prepare(`DELETE FROM ${table} WHERE room = ?`));
    this.removed = OF_A_ROOM.map((table) => db.prepare(`DELETE FROM ${table} WHERE room = ?`));
  }

  /** A batch begins: what it adds stands behind what those before it did. */
  begin(batch: number): void {
    this.text.begin();
    this.place = batch * PLACES;
  }

  /** Rows of features that are written next stand at this place and behind it. */
  placeFrom(place: number): void {
    this.place = place;
  }

  /** The room of this name, if it has a row. */
  find(jid: RoomJid): RoomKey | undefined {
    const row = this.findRoom.get(jid) as (Omit<RoomKey, 'destroyed' | 'kept'> & { destroyed: number; kept: number }) | undefined;
    return row && { ...row, destroyed: row.destroyed === 1, kept: row.kept === 1 };
  }

  /** Adds a room with counters at zero, under a number that was reserved or the next one. */
  add(row: RoomRow, reserved: number | null = null): RoomKey {
    const id = Number(this.addRoom.run(reserved, ...columns(row)).lastInsertRowid);
    this.addCounters.run(id);
    this.findable.put(id, row);
    return { id, destroyed: row.state === 'destroyed', kept: row.tombstone !== null, archiveFrom: row.archiveFrom, seq: 0, stamp: 0 };
  }

  change(id: number, row: RoomRow): void {
    this.changeRoom.run(...columns(row), id);
    this.findable.put(id, row);
  }

  /** Removes the room and all its rows but the messages, which wait for the eraser. */
  remove(id: number): void {
    for (const statement of this.removed) statement.run(id);
    this.removeRoom.run(id);
    this.erase(id, Number.MAX_SAFE_INTEGER);
  }

  /** Leaves the room's messages with seq <= upTo to the eraser. */
  erase(id: number, upTo: number): void {
    this.putErasure.run(id, upTo);
  }

  /** Replaces the content of archived messages. `added`: ids of the room's messages that the running transaction added. */
  retract(id: number, retractions: readonly Retraction[], added: readonly number[]): void {
    const order = this.order.of(id, added);
    for (const { id: stanzaId, payload, person } of retractions) {
      const place = order.find(stanzaId);
      if (!place) continue;
      const content = this.getContent.get(place.id) as Content;
      const { own, sender, nick, clientId, ...before } = content;
      this.text.replace({ id: place.id, room: id, payload: before.payload }, payload);
      this.names.forget({ ...content, id: place.id, room: id }, person === 'erased');
      const name = [sender, nick, clientId].map((text) => (person === 'erased' ? blanked(text) : text));
      this.blank.run(blanked(own), ...name, place.id);
      this.putTombstone.run(place.id, payload);
    }
  }

  /** Writes any change but that of the room's own row, and those of messages. */
  write(id: number, change: Exclude<Change, { table: 'room' | 'audit' | 'audit-erasure' | 'event' | 'rename' } | Retraction>): void {
    switch (change.table) {
      case 'affiliation':
        if (change.row) this.affiliation(id, change.row);
        else this.dropAffiliation.run(id, change.jid);
        break;
      case 'occupant':
        if (change.row) this.occupant(id, change.row);
        else this.dropOccupant.run(id, change.id);
        break;
      case 'session':
        if (change.row) this.session(id, change.row);
        else this.dropSession.run(id, change.jid);
        break;
      case 'saying':
        this.addSaying.run(id, change.row.rev, change.row.what);
        break;
      case 'feature':
        if (change.value === null) this.dropFeature.run(id, change.feature, change.key);
        else this.putFeature.run(id, change.feature, change.key, change.value, this.place++);
        break;
      case 'stay':
        if (change.event === 'forgotten') this.forgetStays.run(id, change.jid);
        else (change.event === 'begins' ? this.beginStay : this.endStay).run({ room: id, jid: change.jid, seq: change.seq });
        if (change.event === 'begins') this.boundStays.run({ room: id, jid: change.jid });
        break;
      case 'clear':
        for (const statement of this.cleared) statement.run(id);
        break;
    }
  }

  private affiliation(id: number, row: AffiliationRow): void {
    this.putAffiliation.run(
      id,
      row.jid,
      row.affiliation,
      row.nick,
      row.reason,
      row.setBy,
      row.setByName,
      row.setAt,
      row.expiresAt,
      row.afterwards,
    );
  }

  private occupant(id: number, row: OccupantRow): void {
    this.putOccupant.run(id, row.id, row.jid, row.nick, row.role, row.rev);
  }

  private session(id: number, row: SessionRow): void {
    const entering = row.entering ? 1 : 0;
    const { jid, occupantId, presence, priority, askedNick, joinedAt, spelling = null, heldLists = null } = row;
    this.putSession.run(id, jid, occupantId, presence, priority, entering, askedNick, joinedAt, spelling, heldLists);
  }
}

function columns(row: RoomRow): (string | number | null)[] {
  return [
    row.jid,
    row.state,
    row.options,
    row.name,
    row.listed ? 1 : 0,
    row.channel ?? null,
    row.subject,
    row.secret,
    row.creator,
    row.createdAt,
    row.archiveFrom,
    row.deadline,
    row.keepDays,
    row.keepMessages,
    row.tombstone,
    row.idScheme ?? 'own',
    row.idSalt ?? null,
  ];
}
