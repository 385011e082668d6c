/** One room of the store in memory: its rows, with the rules that the database's schema has. */
import type { BareJid, FullJid, RoomJid } from '../../src/xmpp/fold';
import type {
  AffiliationRow,
  Change,
  Counters,
  FeatureRow,
  MessageRow,
  OccupantRow,
  RoomRow,
  RoomRows,
  SayingRow,
  SessionRow,
} from '../../src/room/contract/rows';
import { oldestThatFit, retracted, Stays } from './archive-rows';
import type { MessageQuery } from '../../src/store/archive';
import type { ImportSlice } from '../../src/store/maintenance';

export class MemoryRoom {
  counters: Counters = { rev: 0, deliveredRev: 0, seq: 0, stamp: 0, used: 0 };
  affiliations = new Map<BareJid, AffiliationRow>();
  occupants = new Map<string, OccupantRow>();
  sessions = new Map<FullJid, SessionRow>();
  features = new Map<string, FeatureRow>();
  sayings: SayingRow[] = [];
  messages: MessageRow[] = [];
  stays = new Stays();
  /** By stanza-id: those that messages had elsewhere. */
  foreign = new Map<string, readonly string[]>();

  constructor(public room: RoomRow) {}

  /** A copy that can be changed without changing this one: rows themselves are never changed. */
  copy(): MemoryRoom {
    const copy = new MemoryRoom(this.room);
    copy.counters = this.counters;
    copy.affiliations = new Map(this.affiliations);
    copy.occupants = new Map(this.occupants);
    copy.sessions = new Map(this.sessions);
    copy.features = new Map(this.features);
    copy.sayings = [...this.sayings];
    copy.stays = this.stays.copy();
    copy.messages = [...this.messages];
    copy.foreign = new Map(this.foreign);
    return copy;
  }

  /** Applies everything, or answers why a row cannot be taken; the room is then to be thrown away. */
  apply(jid: RoomJid, changes: readonly Change[], counters: Counters, messages: readonly MessageRow[]): string | null {
    for (const change of changes) {
      const fault = change.table === 'retraction' ? null : this.write(jid, change);
      if (fault !== null) return fault;
    }
    this.counters = counters;
    this.sayings = this.sayings.filter(({ rev }) => rev > counters.deliveredRev);
    for (const row of messages) {
      if (typeof row.payload !== 'string') return 'a message without payload';
      const last = this.messages.at(-1);
      if (last && (row.seq <= last.seq || row.stamp < last.stamp)) return 'a message that is not behind the last';
      this.messages.push(row);
    }
    // What is retracted may have been said in the same batch.
    for (const change of changes) if (change.table === 'retraction') this.write(jid, change);
    return null;
  }

  /** A part of a room that is brought along; answers why it cannot be taken. */
  bring({ affiliations = [], features = [], stays = [], messages = [] }: ImportSlice): string | null {
    for (const row of affiliations) this.affiliations.set(row.jid, row);
    for (const row of features) this.features.set(`${row.feature}\n${row.key}`, row);
    for (const row of stays) this.stays.put(row);
    const latest = this.messages.at(-1);
    for (const { foreignIds, ...row } of messages) {
      if (row.seq <= (latest?.seq ?? 0)) continue;
      const last = this.messages.at(-1);
      if (last && (row.seq <= last.seq || row.stamp < last.stamp)) return 'a message that is not behind the last';
      this.messages.push({ ...row, rev: row.seq });
      if (foreignIds && foreignIds.length > 0) this.foreign.set(row.id, foreignIds);
    }
    return null;
  }

  rows(): RoomRows {
    return {
      room: this.room,
      ...(this.foreign.size > 0 ? { hasForeignIds: true as const } : {}),
      counters: this.counters,
      // In another order than that in which they came, which no store promises; only the rows of one feature keep theirs.
      affiliations: [...this.affiliations.values()].reverse(),
      occupants: [...this.occupants.values()],
      sessions: [...this.sessions.values()],
      sayings: [...this.sayings].sort((a, b) => a.rev - b.rev),
      features: [...this.features.values()].sort((a, b) => (a.feature < b.feature ? 1 : a.feature > b.feature ? -1 : 0)),
    };
  }

  /** Without the messages of a former room of this name. */
  visible(): MessageRow[] {
    return this.messages.filter(({ seq }) => seq > this.room.archiveFrom);
  }

  find({
    upToSeq = Infinity,
    afterRev = -Infinity,
    historyOnly = false,
    since = -Infinity,
    stayOf,
    limit,
    maxBytes = Infinity,
    oldestFirst = false,
  }: MessageQuery): MessageRow[] {
    if (limit <= 0) return [];
    const all = this.visible()
      .filter((row) => stayOf === undefined || this.stays.include(stayOf, row.seq))
      .filter((row) => row.seq <= upToSeq && row.rev > afterRev && row.stamp >= since && (!historyOnly || row.inHistory))
      .sort((a, b) => a.stamp - b.stamp || a.seq - b.seq);
    if (oldestFirst) return oldestThatFit(all, { limit, maxBytes });
    const fitting = all.slice(-limit);
    let bytes = 0;
    const tooMuch = fitting.findLastIndex(({ payload }) => (bytes += Buffer.byteLength(payload)) > maxBytes);
    return fitting.slice(tooMuch + 1);
  }

  private write(jid: RoomJid, change: Change): string | null {
    switch (change.table) {
      case 'room':
        if (change.row.jid !== jid) return 'the row of another room';
        this.room = change.row;
        return null;
      case 'affiliation':
        if (change.row && !['owner', 'admin', 'member', 'outcast'].includes(change.row.affiliation)) return 'no such affiliation';
        return put(this.affiliations, change.jid, change.row);
      case 'occupant':
        if (change.row && !['moderator', 'participant', 'visitor', 'none'].includes(change.row.role)) return 'no such role';
        return put(this.occupants, change.id, change.row);
      case 'session':
        return put(this.sessions, change.jid, change.row);
      case 'feature': {
        const { feature, key, value } = change;
        return put(this.features, `${feature}\n${key}`, value === null ? null : { feature, key, value });
      }
      case 'saying':
        this.sayings.push(change.row);
        return null;
      case 'retraction':
        this.messages = this.messages.map((row) => (row.id === change.id ? retracted(row, change) : row));
        return null;
      case 'stay':
        this.stays.apply(change);
        return null;
      case 'audit':
      case 'audit-erasure':
      case 'event':
        // The store keeps them beside the rooms.
        return null;
      case 'rename':
        return 'a rename is of two rooms';
      case 'clear':
        this.stays.clear();
        for (const table of [this.affiliations, this.occupants, this.sessions, this.features]) table.clear();
        return null;
    }
  }
}

function put<Key, Row>(table: Map<Key, Row>, key: Key, row: Row | null): null {
  if (row === null) table.delete(key);
  else table.set(key, row);
  return null;
}
