/** Which rooms hold something of a bare JID: asked by those who export a person or forget an account, without loading any room. */
import type { Database, Statement } from 'better-sqlite3';
import { FORMER_IDS } from '../../../room/contract/row-names';
import { occupantId, type IdMaker } from '../../../room/talking/ids';
import type { BareJid, RoomJid } from '../../../xmpp/fold';

interface Looked {
  readonly id: number;
  readonly jid: RoomJid;
  readonly secret: string;
  readonly idScheme: 'own' | 'prosody';
  readonly idSalt: string | null;
}

interface Whose {
  readonly room: number;
  readonly jid: BareJid;
  readonly id: string;
}

/** Columns with a bare or full JID, by table. */
const NAMED = ['affiliation.jid', 'affiliation.set_by', 'occupant.jid', 'stay.jid'] as const;

export class KnowingReader {
  private readonly looked: Statement<[string, number], Looked>;
  private readonly holds: Statement<[Whose], number>;
  private readonly filled: Statement<[], number>;
  private readonly waiting: Statement<[{ jid: BareJid; upTo: number }], number>;
  private readonly acts: Statement<[{ jid: BareJid; room: RoomJid }], number>;

  constructor(private readonly db: Database) {
    this.looked = db.prepare(
      'SELECT id, jid, secret, id_scheme AS idScheme, id_salt AS idSalt FROM room WHERE jid > ? ORDER BY jid LIMIT ?',
    );
    const named = NAMED.map((column) => {
      const [table] = column.split('.') as [string];
      return `EXISTS (SELECT 1 FROM ${table} WHERE ${table}.room = @room AND ${column} = @jid)`;
    });
    // What features keep names them somewhere, however it is declared: as they are stored, addresses are folded but those that stanzas go to.
    const inText = (name: string): string =>
      `instr(lower(key), ${name}) > 0 OR instr(lower(value), ${name}) > 0 OR instr(lower(value), substr(json_quote(${name}), 2, length(json_quote(${name})) - 2)) > 0`;
    this.holds = db
      .prepare<[Whose], number>(
        `SELECT ${named.join(' OR ')}
         OR EXISTS (SELECT 1 FROM room WHERE id = @room AND (creator = @jid OR instr(options, @jid) > 0 OR instr(coalesce(subject, ''), @id) > 0))
         OR EXISTS (SELECT 1 FROM feature WHERE room = @room AND (${inText('@jid')} OR instr(key, @id) > 0 OR instr(value, @id) > 0))
         OR EXISTS (SELECT 1 FROM message_occupant WHERE room = @room AND occupant_id IN
             (SELECT @id UNION ALL SELECT key FROM feature WHERE room = @room AND feature = '${FORMER_IDS}' AND value = json_quote(@id)))`,
      )
      .pluck();
    this.filled = db.prepare<[], number>("SELECT up_to FROM filled WHERE name = 'occupant'").pluck();
    this.waiting = db
      .prepare<[{ jid: BareJid; upTo: number }], number>(
        "SELECT DISTINCT room FROM message WHERE id > @upTo AND (sender = @jid OR (sender > @jid || '/' AND sender < @jid || '0'))",
      )
      .pluck();
    this.acts = db
      .prepare<[{ jid: BareJid; room: RoomJid }], number>(
        `SELECT EXISTS (SELECT 1 FROM audit WHERE room = @room AND actor = @jid)
         OR EXISTS (SELECT 1 FROM audit_item JOIN audit ON audit.id = audit_item.audit WHERE object = @jid AND audit.room = @room)`,
      )
      .pluck();
  }

  rooms(jid: BareJid, after: RoomJid | '', limit: number): { rooms: RoomJid[]; next: RoomJid | null } {
    return this.db.transaction(() => {
      const looked = this.looked.all(after, limit);
      const waiting = new Set(this.waiting.all({ jid, upTo: this.filled.get() as number }));
      const rooms = looked.filter((room) => waiting.has(room.id) || this.knows(room, jid)).map((room) => room.jid);
      return { rooms, next: looked.length < limit ? null : (looked.at(-1)?.jid ?? null) };
    })();
  }

  private knows(room: Looked, jid: BareJid): boolean {
    const { secret, idScheme, idSalt } = room;
    const maker: IdMaker = idScheme === 'prosody' ? { secret, idScheme, idSalt: idSalt ?? '' } : { secret };
    return this.holds.get({ room: room.id, jid, id: occupantId(maker, jid) }) === 1 || this.acts.get({ jid, room: room.jid }) === 1;
  }
}
