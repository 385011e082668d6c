/** The audit trail as rows: written with the batch that changed something, read by room, actor, object and time, bounded by number, bytes and age. */
import type { BareJid, RoomJid } from '../../../xmpp/fold';
import type { Database, Statement } from 'better-sqlite3';
import type { AuditItem, AuditRow, By } from '../../../room/contract/audit';
import { blanked } from '../messages/message-rows';
import type { AuditEntry, AuditQuery } from '../../directory';
import { type AuditBounds, auditBytes } from '../../maintenance';

/** Acts that are removed at a time, and about how many bytes: few, so that batches do not wait. */
const PER_STEP = 200;
const BYTES_PER_STEP = 200_000;

interface KeptAct {
  readonly id: number;
  readonly bytes: number;
}

export class AuditWriter {
  private readonly add: Statement;
  private readonly addItem: Statement;
  private readonly hideActor: Statement;
  private readonly hideItem: Statement;
  private readonly concerned: Statement;
  private readonly next: Statement;
  private readonly most: Record<'rows' | 'bytes', Statement>;
  private readonly aged: Statement;
  private readonly kept: Statement;
  private readonly move: Statement;
  private readonly drop: Statement;
  private readonly dropItems: Statement;

  constructor(db: Database) {
    this.add = db.prepare(
      'INSERT INTO audit (at, room, kind, actor, face, claimed, act, count, bytes) VALUES (@at, @room, @kind, @actor, @face, @claimed, @act, @count, @bytes)',
    );
    this.addItem = db.prepare('INSERT INTO audit_item (audit, place, object, before, after, reason) VALUES (?, ?, ?, ?, ?, ?)');
    this.concerned = db.prepare(
      `SELECT audit, place, object, before, after, reason, act, actor FROM audit_item JOIN audit ON audit.id = audit
       WHERE room = @room AND (actor = @jid OR object = @jid OR instr(before, @jid) > 0 OR instr(after, @jid) > 0)`,
    );
    this.hideActor = db.prepare('UPDATE audit SET actor = @name WHERE room = @room AND actor = @jid');
    this.hideItem = db.prepare(
      'UPDATE audit_item SET object = @object, before = @before, after = @after, reason = @reason WHERE audit = @audit AND place = @place',
    );
    this.next = db.prepare("SELECT seq + 1 FROM sqlite_sequence WHERE name = 'audit'").pluck();
    // Of the room that has most: the owner of one room could otherwise push out what was done in all others.
    const ofRoomWithMost = (what: 'count(*)' | 'sum(bytes)'): Statement =>
      db.prepare(
        `SELECT id, bytes FROM audit WHERE room = (SELECT room FROM audit GROUP BY room ORDER BY ${what} DESC, min(id) LIMIT 1)
         ORDER BY id LIMIT ${PER_STEP}`,
      );
    this.most = { rows: ofRoomWithMost('count(*)'), bytes: ofRoomWithMost('sum(bytes)') };
    this.aged = db.prepare(`SELECT id, bytes FROM audit WHERE at < @before ORDER BY at LIMIT ${PER_STEP}`);
    this.move = db.prepare('UPDATE audit SET room = @to WHERE room = @from AND at >= (SELECT created_at FROM room WHERE id = @id)');
    this.kept = db.prepare('SELECT count(*) AS rows, coalesce(sum(bytes), 0) AS bytes FROM audit');
    this.drop = db.prepare('DELETE FROM audit WHERE id = ?');
    this.dropItems = db.prepare('DELETE FROM audit_item WHERE audit = ?');
  }

  /** One act in a room. */
  write(room: RoomJid, row: AuditRow): void {
    const { at, by, act, count, items } = row;
    const { kind, name, face, claimed = false } = by;
    const added = this.add.run({ at, room, kind, actor: name, face, claimed: claimed ? 1 : 0, act, count, bytes: auditBytes(row) });
    const id = Number(added.lastInsertRowid);
    items.forEach(({ object, before, after, reason }, place) => this.addItem.run(id, place, object, before, after, reason));
  }

  /** The acts of the room with this number go with it to its new name; those of a room that had the name before stay. */
  rename(id: number, from: RoomJid, to: RoomJid): void {
    this.move.run({ id, from, to });
  }

  /**
   * Erases a person from a room's acts: a number without meaning takes their place, and texts by them and about them are removed.
   * Texts are overwritten byte for byte, as with messages: otherwise copies would stay in unused space.
   */
  forget(room: RoomJid, jid: BareJid): void {
    const number = `erased-${(this.next.get() as number | undefined) ?? 1}`;
    const name = number.padEnd(Buffer.byteLength(jid));
    for (const item of this.concerned.all({ room, jid }) as Concerned[]) {
      const own = item.actor === jid;
      const hidden = (text: string | null): string | null =>
        text?.includes(jid) || (own && item.act === 'set-subject') ? blanked(text) : text;
      const about = item.object === jid;
      const [before, after] = [hidden(item.before), hidden(item.after)].map((text) => (about ? withoutNick(text) : text));
      const reason = own || about ? blanked(item.reason) : item.reason;
      this.hideItem.run({ audit: item.audit, place: item.place, object: about ? name : item.object, before, after, reason });
    }
    this.hideActor.run({ room, jid, name });
  }

  /** Removes a few acts that are too old, or too many: those of the room that has most, the oldest first. True if there may be more. */
  bound({ before, rows, bytes }: AuditBounds): boolean {
    const old = this.aged.all({ before }) as KeptAct[];
    if (this.remove(old, PER_STEP, BYTES_PER_STEP) < old.length || old.length === PER_STEP) return true;
    const kept = this.kept.get() as { rows: number; bytes: number };
    if (kept.rows > rows) this.remove(this.most.rows.all() as KeptAct[], kept.rows - rows, BYTES_PER_STEP);
    else if (kept.bytes > bytes) this.remove(this.most.bytes.all() as KeptAct[], PER_STEP, Math.min(BYTES_PER_STEP, kept.bytes - bytes));
    else return false;
    // Another room may have most now.
    return true;
  }

  /** Removes the first of these: at most so many, and no more when the last of them brought them to so many bytes. Returns how many. */
  private remove(acts: readonly KeptAct[], most: number, bytes: number): number {
    let left = bytes;
    let removed = 0;
    for (const act of acts.slice(0, most)) {
      this.dropItems.run(act.id);
      this.drop.run(act.id);
      removed++;
      left -= act.bytes;
      if (left <= 0) break;
    }
    return removed;
  }
}

interface Concerned extends AuditItem {
  readonly audit: number;
  readonly place: number;
  readonly act: AuditRow['act'];
  readonly actor: string | null;
}

/** A nickname stands in parentheses behind the value that it was given with. */
function withoutNick(text: string | null): string | null {
  const start = text?.indexOf(' (') ?? -1;
  return text === null || start < 0 ? text : text.slice(0, start) + (blanked(text.slice(start)) ?? '');
}

/** A text without its blanked parts; null: nothing is left. */
function unblanked(text: string | null): string | null {
  return text === null || text === '' ? text : text.trimEnd() || null;
}

type Stored = Omit<AuditEntry, 'by' | 'items'> & Omit<By, 'name' | 'claimed'> & { actor: string | null; claimed: number };

/** The acts that a query asks for, the latest first. */
export function readAudit(db: Database, query: AuditQuery): AuditEntry[] {
  const { room, actor, object, from, to, before, limit } = query;
  const conditions: string[] = [];
  if (room !== undefined) conditions.push('room = @room');
  if (actor !== undefined) conditions.push('actor = @actor');
  if (object !== undefined) conditions.push('id IN (SELECT audit FROM audit_item WHERE object = @object)');
  if (from !== undefined) conditions.push('at >= @from');
  if (to !== undefined) conditions.push('at <= @to');
  if (before !== undefined) conditions.push('id < @before');
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const rows = db
    .prepare(`SELECT id, at, room, kind, actor, face, claimed, act, count FROM audit ${where} ORDER BY id DESC LIMIT @limit`)
    .all({ room, actor, object, from, to, before, limit }) as Stored[];
  const items = db.prepare('SELECT object, before, after, reason FROM audit_item WHERE audit = ? ORDER BY place');
  return rows.map(({ kind, actor: name, face, claimed, ...rest }) => ({
    ...rest,
    by: { kind, name: name && name.trimEnd(), face, ...(claimed === 1 ? { claimed: true as const } : {}) },
    items: (items.all(rest.id) as AuditItem[]).map(({ object, before, after, reason }) => ({
      object: object.trimEnd(),
      before: unblanked(before),
      after: unblanked(after),
      reason: unblanked(reason),
    })),
  }));
}
