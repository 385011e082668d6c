/** A house with one room, backups of it, and what becomes of it after one is restored. */
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { BY_ITSELF } from '../../src/room/contract/audit';
import type { Command } from '../../src/room/contract/commands';
import { eraseAgain, restoreDatabase, type ErasedSince, type Restored } from '../../src/store/sqlite';
import type { RoomJid } from '../../src/xmpp/fold';
import { enter, instant } from '../service/real-rooms';
import { ANN, BOB, DOMAIN, ROOM, say } from '../service/rig';
import { House } from './house';
import { ROWS, TempDatabase } from './temp';

export const NOTHING: ErasedSince = { people: [], rooms: [], retracted: [], trimmed: [] };

export class RestoredHouse {
  readonly database = new TempDatabase();
  readonly folder = this.database.folder;
  readonly file = this.database.file;

  /** A file in the folder. */
  at(name: string): string {
    return path.join(this.folder, name);
  }

  async open(): Promise<House> {
    const house = new House(await this.database.open({ domain: DOMAIN }));
    await house.open();
    return house;
  }

  /** The house runs while `acts` go on. */
  async during(acts: (house: House) => Promise<unknown>): Promise<void> {
    const house = await this.open();
    await acts(house);
    await house.close();
  }

  /** ROOM is made, Ann and Bob enter, and Ann says this. */
  async begin(...words: string[]): Promise<House> {
    const house = await this.open();
    await house.play(enter(ANN, ROOM, 'ann'), instant(ANN, ROOM), enter(BOB, ROOM, 'bob'), ...words.map((word) => say(ANN, word)));
    return house;
  }

  restore(from: string, to = this.file, now = Date.now()): Restored {
    return restoreDatabase({ path: to, from: this.at(from), domain: DOMAIN, now });
  }

  again(later: string, agree: (since: ErasedSince) => Promise<void> = () => Promise.resolve()): Promise<ErasedSince> {
    return eraseAgain({ path: this.file, later: path.resolve(this.folder, later), domain: DOMAIN, rows: ROWS, now: Date.now(), agree });
  }

  /** What the rooms have in their archives. */
  async said(room: RoomJid = ROOM): Promise<string[]> {
    const store = await this.database.open({ domain: DOMAIN });
    const rows = (await store.hasRoom(room)) ? await store.messages(room, { limit: 100 }) : [];
    await store.close();
    return rows.map(({ payload }) => payload.replace(/<\/?body>/g, ''));
  }

  query<T>(sql: string, file = this.file): T[] {
    const db = new Sqlite(file, { readonly: true });
    try {
      return db.prepare(sql).pluck().all() as T[];
    } finally {
      db.close();
    }
  }

  dispose(): Promise<void> {
    return this.database.dispose();
  }
}

export const execute = (house: House, room: RoomJid, command: Command): Promise<unknown> =>
  house.service.execute({ actor: BY_ITSELF, room, command });
