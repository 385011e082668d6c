/** Rooms that are brought along: put in place in slices, under a number that no room has yet, and made rooms at the end. */
import type { Database, Statement } from 'better-sqlite3';
import { importKey, type ImportEnd, type ImportKey, type ImportSlice } from '../../maintenance';
import type { PortableMessage } from '../../../room/contract/own-rows';
import type { Batch } from '../../room-store';
import type { Committer } from './committer';
import { RowFault } from '../failure';
import type { RoomKey } from './room-tables';

interface Begun {
  readonly seq: number;
  readonly stamp: number;
}

/** A room that has no row of its own yet. */
const KEY: Omit<RoomKey, 'id' | 'seq' | 'stamp'> = { destroyed: false, kept: false, archiveFrom: 0 };

export class Importer {
  private readonly reserve: Statement;
  private readonly giveBack: Statement;
  private readonly begun: Statement;
  private readonly begin: Statement;
  private readonly proceed: Statement;
  private readonly done: Statement;
  private readonly putStay: Statement;
  private readonly nextPlace: Statement;
  private readonly putForeign: Statement;

  constructor(
    private readonly db: Database,
    private readonly committer: Committer,
  ) {
    // A number that was given once is never given again.
    this.reserve = db.prepare(
      "INSERT INTO room (jid, state, options, name, listed, secret, creator, created_at, archive_from) VALUES ('', 'locked', '', '', 0, '', '', 0, 0)",
    );
    this.giveBack = db.prepare('DELETE FROM room WHERE id = ?');
    this.begun = db.prepare('SELECT seq, stamp FROM room_import WHERE room = ?');
    this.begin = db.prepare('INSERT INTO room_import (room, seq, stamp) VALUES (?, 0, 0)');
    this.proceed = db.prepare('UPDATE room_import SET seq = ?, stamp = ? WHERE room = ?');
    this.done = db.prepare('DELETE FROM room_import WHERE room = ?');
    this.putStay = db.prepare('REPLACE INTO stay (room, jid, begin_seq, end_seq) VALUES (?, ?, ?, ?)');
    this.nextPlace = db.prepare('SELECT coalesce(max(place), 0) + 1 FROM feature WHERE room = ?').pluck();
    this.putForeign = db.prepare('REPLACE INTO foreign_id (room, id, message) VALUES (?, ?, ?)');
  }

  /** What an earlier process left unfinished goes. Only where nobody else has the database. */
  clear(): void {
    for (const room of this.db.prepare('SELECT room FROM room_import').pluck().all() as number[]) this.drop(importKey(room));
  }

  start(): ImportKey {
    return this.committer.apart(() => {
      const room = Number(this.reserve.run().lastInsertRowid);
      this.giveBack.run(room);
      this.begin.run(room);
      return importKey(room);
    });
  }

  /** What is in place already is passed over: an unanswered slice is handed in once more. */
  slice(key: ImportKey, { affiliations = [], features = [], stays = [], messages = [] }: ImportSlice): void {
    const { tables } = this.committer;
    this.committer.apart(() => {
      const at = this.of(key);
      for (const row of affiliations) tables.write(key, { table: 'affiliation', jid: row.jid, row });
      tables.placeFrom(this.nextPlace.get(key) as number);
      for (const { feature, key: name, value } of features) tables.write(key, { table: 'feature', feature, key: name, value });
      for (const { jid, begin, end } of stays) this.putStay.run(key, jid, begin, end);
      const fresh = messages.filter(({ seq }) => seq > at.seq);
      const columns = columnsOf(fresh);
      const room = { ...KEY, ...at, id: key };
      fresh.forEach(({ foreignIds = [] }, i) => {
        const id = this.committer.message(columns, i, room);
        for (const foreign of foreignIds) this.putForeign.run(key, foreign, id);
      });
      this.proceed.run(room.seq, room.stamp, key);
    });
  }

  /** Makes it a room. False: its name is taken. */
  end(key: ImportKey, { row, counters, audit }: ImportEnd, now: number): boolean {
    const { committer } = this;
    return committer.apart(() => {
      // An end that was not answered is handed in once more.
      if (this.begun.get(key) === undefined && committer.tables.find(row.jid)?.id === key) return true;
      const { seq, stamp } = this.of(key);
      if (counters.seq < seq || counters.stamp < stamp) throw new RowFault(`Message ${seq} at ${stamp} is behind the room's latest`);
      if (!committer.takeName(row.jid, now)) return false;
      committer.addAs(key, row, counters);
      committer.audit.write(row.jid, audit);
      this.done.run(key);
      return true;
    });
  }

  drop(key: ImportKey): void {
    this.committer.apart(() => {
      if (this.done.run(key).changes === 1) this.committer.tables.remove(key);
    });
  }

  private of(key: ImportKey): Begun {
    const begun = this.begun.get(key) as Begun | undefined;
    if (!begun) throw new RowFault(`No room is being brought along as ${key}`);
    return begun;
  }
}

/** As the columns of a batch. What was said elsewhere has arrived: its rev is its number. */
function columnsOf(messages: readonly PortableMessage[]): Batch['messages'] {
  const column = <K extends keyof PortableMessage>(name: K): PortableMessage[K][] => messages.map((row) => row[name]);
  return {
    room: messages.map(() => 0),
    seq: column('seq'),
    rev: column('seq'),
    stamp: column('stamp'),
    id: column('id'),
    nick: column('nick'),
    sender: column('sender'),
    jidShown: column('jidShown'),
    occupantId: column('occupantId'),
    clientId: column('clientId'),
    lang: column('lang'),
    inHistory: column('inHistory'),
    payload: column('payload'),
  };
}
