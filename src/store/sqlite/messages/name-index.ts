/** By which ids messages are known to those who wrote them, and which they correct (XEP-0308): what only contents say at once, the rest behind the commits, with the words. */
import { createHash } from 'node:crypto';
import type { Database, Statement } from 'better-sqlite3';
import { stampOf } from '../../../room/talking/ids';
import { correctedIds, ownNames } from '../../../room/retracting/retraction-xml';
import { escapeAttribute } from '../../../xmpp/xml';
import { CONTENT } from './message-rows';

/** A row of `message` as far as the index needs it. */
export interface NamedRow {
  readonly id: number;
  readonly room: number;
  readonly occupantId: string | null;
  readonly stanzaId: string;
  readonly clientId: string | null;
  readonly payload: string;
}

export const NAMED = `message.id, message.room, message.occupant_id AS occupantId, message.stanza_id AS stanzaId, message.client_id AS clientId,
  ${CONTENT} AS payload`;

/** Corrections of corrections that are followed back to what they correct; clients correct the first message as a rule (XEP-0308 §4). */
export const STEPS = 5;

/** `is`: messages of this author with this id. `corrects`: messages that correct this id. `stems`: messages that correct any other version of that message. */
export function nameHash(kind: 'is' | 'corrects' | 'stems', occupantId: string, name: string): number {
  return createHash('sha256').update(`${kind} ${occupantId} ${name}`).digest().readUIntBE(0, 6);
}

/**
 * Hashes of what the columns of a message do not say of its names: what it corrects, and each `origin-id` that is not its `id`. They are put in by the commit
 * itself: few messages have any, and of those that wait for the index no content need be read then.
 */
function hashesAtOnce(occupantId: string, clientId: string | null, payload: string): number[] {
  const column = clientId === null ? undefined : escapeAttribute(clientId);
  const own = payload.includes('<origin-id ') ? ownNames({ clientId, payload }).filter((name) => name !== column) : [];
  return [
    ...own.map((name) => nameHash('is', occupantId, name)),
    ...correctedIds(payload).map((name) => nameHash('corrects', occupantId, name)),
  ];
}

/** Gives a migration the function `names_at_once(occupant_id, client_id, payload)`: the hashes as a JSON array. */
export function registerNames(db: Database): void {
  db.function('names_at_once', { deterministic: true }, (occupantId: unknown, clientId: unknown, payload: unknown) =>
    typeof occupantId === 'string' && typeof payload === 'string'
      ? JSON.stringify(hashesAtOnce(occupantId, typeof clientId === 'string' ? clientId : null, payload))
      : '[]',
  );
}

export class NameIndex {
  private readonly add: Statement;
  private readonly remove: Statement;
  private readonly bearer: Statement;
  private readonly named: Statement;
  private readonly get: Statement;

  constructor(private readonly db: Database) {
    this.add = db.prepare('INSERT OR IGNORE INTO message_name (room, hash, id) VALUES (?, ?, ?)');
    this.remove = db.prepare('DELETE FROM message_name WHERE room = ? AND hash = ? AND id = ?');
    this.bearer = db.prepare('SELECT max(id) FROM message_name WHERE room = ? AND hash = ? AND id < ?').pluck();
    this.named = db
      .prepare(
        'SELECT message.id FROM message_time AS time CROSS JOIN message ON message.id = time.id WHERE time.room = ? AND time.stamp = ? AND message.stanza_id = ?',
      )
      .pluck();
    this.get = db.prepare(`SELECT ${NAMED} FROM message WHERE id = ?`);
  }

  /** Authors may be called otherwise now: nothing counts as filled in, and what only contents say is. Within a transaction. */
  beginAnew(): void {
    registerNames(this.db);
    this.db.exec('UPDATE text_rules SET names_up_to = 0');
    this.db.exec(
      `INSERT OR IGNORE INTO message_name (room, hash, id)
        SELECT message.room, name.value, message.id FROM message, json_each(names_at_once(occupant_id, client_id, payload)) AS name`,
    );
  }

  /** What only a message's content says, within the commit that adds it. */
  putAtOnce({ id, room, occupantId, clientId, payload }: Omit<NamedRow, 'stanzaId'>): void {
    if (occupantId === null) return;
    for (const hash of hashesAtOnce(occupantId, clientId, payload)) this.add.run(room, hash, id);
  }

  /** Takes a message in. A correction is also found by all the ids of what it corrects, which may be lost one day. */
  put(row: NamedRow): void {
    const { id, room, occupantId } = row;
    if (occupantId === null) return;
    for (const name of ownNames(row)) this.add.run(room, nameHash('is', occupantId, name), id);
    for (const name of correctedIds(row.payload)) this.add.run(room, nameHash('corrects', occupantId, name), id);
    for (const name of this.corrected(row, occupantId)) this.add.run(room, nameHash('stems', occupantId, name), id);
  }

  /** What its content says leaves the index, or all of it. Within the transaction that changes or removes the row. */
  forget(row: NamedRow, all: boolean): void {
    const { id, room, occupantId, clientId } = row;
    if (occupantId === null) return;
    const names = ownNames(all ? row : { payload: row.payload, clientId: null });
    const kept = all ? [] : ownNames({ payload: '', clientId });
    for (const name of names) if (!kept.includes(name)) this.remove.run(room, nameHash('is', occupantId, name), id);
    for (const name of correctedIds(row.payload)) this.remove.run(room, nameHash('corrects', occupantId, name), id);
    for (const name of this.corrected(row, occupantId)) this.remove.run(room, nameHash('stems', occupantId, name), id);
  }

  /** All ids of what a message corrects, as far as that is there. */
  private corrected(row: NamedRow, occupantId: string): Set<string> {
    const names = new Set(correctedIds(row.payload));
    let last = [...names];
    for (let step = 0; step < STEPS && last.length > 0; step++) {
      const next = last.flatMap((name) => {
        const before = this.find(row, occupantId, name);
        return before ? [before.stanzaId, ...ownNames(before), ...correctedIds(before.payload)] : [];
      });
      last = next.filter((name) => !names.has(name));
      for (const name of last) names.add(name);
    }
    return names;
  }

  private find({ room, id }: NamedRow, occupantId: string, name: string): NamedRow | undefined {
    const stamp = stampOf(name);
    const found =
      (stamp === undefined ? undefined : (this.named.get(room, stamp, name) as number | undefined)) ??
      (this.bearer.get(room, nameHash('is', occupantId, name), id) as number | null);
    const row = found == null || found >= id ? undefined : (this.get.get(found) as NamedRow | undefined);
    return row?.occupantId === occupantId ? row : undefined;
  }
}
