/** The rows of rooms in memory, taken at once: what a store would give back. */
import type { BareJid, FullJid } from '../../src/xmpp/fold';
import type { AuditRow } from '../../src/room/contract/audit';
import type { ReadMessages, Write } from '../../src/room/contract/machine';
import { answerQuery } from './archive-page';
import type { ArchiveAnswer, ArchiveQuery } from '../../src/room/contract/archive-query';
import { oldestThatFit, retracted, Stays } from './archive-rows';
import { findsWords } from './finds-words';
import type {
  AffiliationRow,
  Counters,
  MessageRow,
  OccupantRow,
  RoomRow,
  RoomRows,
  SayingRow,
  SessionRow,
} from '../../src/room/contract/rows';

interface Tables {
  room: RoomRow | undefined;
  counters: Counters;
  affiliations: Map<BareJid, AffiliationRow>;
  occupants: Map<string, OccupantRow>;
  sessions: Map<FullJid, SessionRow>;
  sayings: SayingRow[];
  features: Map<string, string>;
  messages: MessageRow[];
  stays: Stays;
  acts: readonly AuditRow[];
}

export class RoomTables {
  private readonly rooms = new Map<string, Tables>();

  /** A copy that can be changed without changing this one: rows themselves are never changed. */
  copy(): RoomTables {
    const copy = new RoomTables();
    for (const [jid, one] of this.rooms) {
      copy.rooms.set(jid, {
        ...one,
        affiliations: new Map(one.affiliations),
        occupants: new Map(one.occupants),
        sessions: new Map(one.sessions),
        sayings: [...one.sayings],
        features: new Map(one.features),
        messages: [...one.messages],
        stays: one.stays.copy(),
      });
    }
    return copy;
  }

  load(jid: string): RoomRows | null {
    const tables = this.rooms.get(jid);
    if (!tables?.room) return null;
    return {
      room: tables.room,
      counters: tables.counters,
      affiliations: [...tables.affiliations.values()],
      occupants: [...tables.occupants.values()],
      sessions: [...tables.sessions.values()],
      sayings: tables.sayings,
      features: [...tables.features].map(([at, value]) => {
        const [feature = '', key = ''] = at.split('\n');
        return { feature, key, value };
      }),
    };
  }

  apply(jid: string, writes: readonly Write[], counters: Counters): void {
    let tables = this.rooms.get(jid);
    if (!tables) {
      if (writes.length === 0) return;
      tables = {
        room: undefined,
        counters,
        affiliations: new Map(),
        occupants: new Map(),
        sessions: new Map(),
        sayings: [],
        features: new Map(),
        messages: [],
        stays: new Stays(),
        acts: [],
      };
      this.rooms.set(jid, tables);
    }
    for (const write of writes) {
      if (write.table === 'rename') tables = this.rename(jid, tables, write);
      else this.write(tables, write);
    }
    tables.counters = counters;
    tables.sayings = tables.sayings.filter((row) => row.rev > counters.deliveredRev);
  }

  /** The room's tables go to the new name. Returns those that the old name has from now on. */
  private rename(jid: string, tables: Tables, { to, tombstone, counters }: Extract<Write, { table: 'rename' }>): Tables {
    const moved = {
      ...tables,
      room: { ...(tables.room as RoomRow), jid: to },
      counters,
      occupants: new Map(),
      sessions: new Map(),
      sayings: [],
    };
    const left: Tables = {
      room: tombstone,
      counters,
      affiliations: new Map(),
      occupants: new Map(),
      sessions: new Map(),
      sayings: tables.sayings,
      features: new Map(),
      messages: [],
      stays: new Stays(),
      acts: [],
    };
    this.rooms.set(to, moved);
    this.rooms.set(jid, left);
    return left;
  }

  private write(tables: Tables, write: Exclude<Write, { table: 'rename' }>): void {
    const put = <K, R>(map: Map<K, R>, key: K, row: R | null): void => {
      if (row === null) map.delete(key);
      else map.set(key, row);
    };
    switch (write.table) {
      case 'room':
        tables.room = write.row;
        return;
      case 'affiliation':
        return put(tables.affiliations, write.jid, write.row);
      case 'occupant':
        return put(tables.occupants, write.id, write.row);
      case 'session':
        return put(tables.sessions, write.jid, write.row);
      case 'saying':
        tables.sayings.push(write.row);
        return;
      case 'feature':
        return put(tables.features, `${write.feature}\n${write.key}`, write.value);
      case 'message':
        tables.messages.push(write.row);
        return;
      case 'retraction':
        tables.messages = tables.messages.map((row) => (row.id === write.id ? retracted(row, write) : row));
        return;
      case 'stay':
        tables.stays.apply(write);
        return;
      case 'audit':
        tables.acts = [...tables.acts, write.row];
        break;
      case 'clear':
        tables.stays.clear();
        for (const map of [tables.affiliations, tables.occupants, tables.sessions, tables.features]) map.clear();
    }
  }

  messages(jid: string, effect: ReadMessages): MessageRow[] {
    const tables = this.rooms.get(jid);
    const from = tables?.room?.archiveFrom ?? 0;
    const all = (tables?.messages ?? [])
      .filter((row) => row.seq > from && row.seq <= effect.upToSeq && row.rev > (effect.afterRev ?? -1) && row.stamp >= (effect.since ?? 0))
      .filter((row) => effect.stayOf === undefined || tables?.stays.include(effect.stayOf, row.seq))
      .filter((row) => effect.purpose !== 'history' || row.inHistory);
    if (effect.limit === 0) return [];
    if (effect.purpose === 'say-again' && effect.oldestFirst) return oldestThatFit(all, effect);
    const fitting = all.slice(-effect.limit);
    let bytes = 0;
    const tooMuch = fitting.findLastIndex(({ payload }) => (bytes += Buffer.byteLength(payload)) > (effect.maxBytes ?? Infinity));
    return fitting.slice(tooMuch + 1);
  }

  archive(jid: string, query: ArchiveQuery): ArchiveAnswer {
    const tables = this.rooms.get(jid);
    const from = tables?.room?.archiveFrom ?? 0;
    if (query.want === 'audit') {
      const { object, since, limit } = query;
      const about = ({ items }: AuditRow): boolean => object === undefined || items.some((item) => item.object === object);
      return {
        kind: 'audit',
        acts: (tables?.acts ?? [])
          .filter((act) => act.at >= since && about(act))
          .reverse()
          .slice(0, limit),
      };
    }
    return answerQuery(
      (tables?.messages ?? []).filter((row) => row.seq > from),
      tables?.stays ?? new Stays(),
      query,
      findsWords,
    );
  }

  /** Everything that is kept of a room, as one text. Without messages that only wait to be erased. */
  dump(jid: string): string {
    const { room, messages = [], stays = [] } = this.rooms.get(jid) ?? {};
    return JSON.stringify([this.load(jid), messages.filter(({ seq }) => seq > (room?.archiveFrom ?? 0)), stays]);
  }

  /** Rooms in which something was said that has not arrived. */
  unsaid(): string[] {
    return [...this.rooms].filter(([, { counters }]) => counters.rev > counters.deliveredRev).map(([jid]) => jid);
  }
}
