/** A complete Store in memory, whose commits and reads can be made to wait, fail or refuse by hand. */
import { accountKey, type BareJid, type Domain, type FullJid, type RoomJid } from '../../src/xmpp/fold';
import type { StayRow } from '../../src/room/contract/own-rows';
import type { Change, Counters, MessageRow, Millis, RoomRows } from '../../src/room/contract/rows';
import type { MessageQuery } from '../../src/store/archive';
import type { Channel } from '../../src/room/contract/channel';
import { sortedPage } from '../../src/store/sorted-page';
import {
  type ChannelPage,
  type ChannelQuery,
  comparePlaces,
  type FoundChannel,
  type AuditEntry,
  type AuditQuery,
  type ListedRoom,
  MAX_COUNTED,
  type Registration,
  type RegistrationQuery,
  type RoomActivity,
  type RoomListPage,
  type RoomListQuery,
  type Seat,
  type SeatQuery,
  MAX_LOOKED_AT,
  type FoundRoom,
  type FoundRooms,
  type RoomSearch,
} from '../../src/store/directory';
import { EVENTS, withoutWords } from '../../src/room/contract/events';
import { withoutPerson } from '../../src/room/contract/declared-rows';
import { eventBytes, type EventBounds, type EventEntry, type EventPage } from '../../src/store/events';
import { RoomTaken, StoreFailed } from '../../src/store/failures';
import {
  type AuditBounds,
  auditBytes,
  type ImportEnd,
  importKey,
  type ImportKey,
  type ImportSlice,
  type Lag,
  type PersonErasure,
  type RetentionStep,
} from '../../src/store/maintenance';
import { storedToken, type Claim, type ClaimToken, type Batch, type Refused } from '../../src/store/room-store';
import type { Store } from '../../src/store/store';
import type { StoredToken } from '../../src/store/tokens';
import type { WakeFormRow, WakeUpChanges, WokenRow } from '../../src/store/wake-ups';
import { boundInForce } from '../../src/room/configuring/retention';
import { answerQuery } from './archive-page';
import { Stays } from './archive-rows';
import { LAST_VISITS, RESERVED_NICKS } from '../../src/room/contract/row-names';
import { occupantId } from '../../src/room/talking/ids';
import type { ArchiveAnswer, ArchiveQuery } from '../../src/room/contract/archive-query';
import { findsWords } from './finds-words';
import { MemoryRoom } from './memory-room';

/** What outlives a store: hand it to the next one to play a restart. */
export class MemoryDisk {
  readonly rooms = new Map<RoomJid, MemoryRoom>();
  readonly erasures = new Map<BareJid, PersonErasure>();
  readonly imports = new Map<ImportKey, MemoryRoom>();
  importsMade = 0;
  audit: AuditEntry[] = [];
  acts = 0;
  batch = 0;
  events: EventEntry[] = [];
  eventNumber = 0;
  eventsRemoved = 0;
  readonly cursors = new Map<string, number>();
  /** Who runs which room. */
  readonly claims = new Map<RoomJid, { readonly holder: object; readonly token: ClaimToken }>();
  tokens = 0;
  readonly apiTokens = new Map<string, StoredToken>();
  readonly woken = new Map<BareJid, WokenRow>();
  readonly wakeForms = new Map<Domain, WakeFormRow>();
}

type Gate = { promise: Promise<void>; open: () => void } | null;

export class MemoryStore implements Store {
  /** Every batch that was taken, in order. */
  readonly taken: Batch[] = [];
  private readonly claimed = new Set<RoomJid>();
  /** The latest batch in which a room was refused. */
  private readonly refusedIn = new Map<string, number>();
  private batch: number;
  /** Its lease is over: it renews its claims no longer. */
  private expired = false;
  private readonly failures: StoreFailed[] = [];
  private readonly toRefuse = new Map<string, string>();
  private failing: StoreFailed | null = null;
  private commitGate: Gate = null;
  private readGate: Gate = null;
  private writes: Promise<unknown> = Promise.resolve();
  private listener: (() => void) | undefined;

  /** `shared`: others have the disk too, and keep their claims. Otherwise they have ended. */
  constructor(
    readonly disk = new MemoryDisk(),
    shared = false,
  ) {
    this.batch = disk.batch;
    if (!shared) disk.claims.clear();
  }

  /** Its process hangs: its lease ends, and it does not know. */
  expire(): void {
    this.expired = true;
  }

  /** Another process runs the room from now on. */
  lose(room: RoomJid): void {
    this.disk.claims.set(room, { holder: {}, token: storedToken('another') });
  }

  /** That process has let go of the room. */
  letGoOf(room: RoomJid): void {
    this.disk.claims.delete(room);
  }

  /** Commits wait from now on, until `letGo`. */
  hold(): void {
    this.commitGate ??= gate();
  }

  /** Lets the waiting commits go on, and does not hold later ones. */
  letGo(): void {
    this.commitGate?.open();
    this.commitGate = null;
  }

  /** As `hold`, for claims and message queries. */
  holdReads(): void {
    this.readGate ??= gate();
  }

  letReadsGo(): void {
    this.readGate?.open();
    this.readGate = null;
  }

  /** The next commit (after those already told to) fails as a whole. */
  failNext(reason: StoreFailed['reason'] = 'full'): void {
    this.failures.push(new StoreFailed(reason, `told to fail: ${reason}`));
  }

  /** Every commit and probe fails until `heal`. */
  fail(reason: StoreFailed['reason'] = 'full'): void {
    this.failing = new StoreFailed(reason, `told to fail: ${reason}`);
  }

  heal(): void {
    this.failing = null;
  }

  /** The next batch that holds this room has the room's part refused as a bad row. */
  refuse(room: string, detail = 'told to refuse'): void {
    this.toRefuse.set(room, detail);
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  commit(batch: Batch): Promise<readonly Refused[]> {
    const result = this.writes.then(async () => {
      await this.commitGate?.promise;
      return this.take(batch);
    });
    this.writes = result.catch(() => undefined);
    if (batch.changes.some((changes) => changes?.some(({ table }) => table === 'event')))
      result.then(
        () => this.listener?.(),
        () => undefined,
      );
    return result;
  }

  async probe(): Promise<void> {
    await this.writes;
    await this.commitGate?.promise;
    if (this.failing) throw this.failing;
  }

  async claim(room: RoomJid): Promise<Claim> {
    if (this.claimed.has(room)) throw new Error(`${room} is claimed already`);
    const holder = this.holderOf(room);
    if (holder && holder !== this) throw new RoomTaken(room);
    this.claimed.add(room);
    const token = storedToken(String(++this.disk.tokens));
    this.disk.claims.set(room, { holder: this, token });
    await this.readGate?.promise;
    return { token, rows: this.disk.rooms.get(room)?.rows() ?? null };
  }

  release(room: RoomJid): Promise<void> {
    this.claimed.delete(room);
    if (this.disk.claims.get(room)?.holder === this) this.disk.claims.delete(room);
    return Promise.resolve();
  }

  private holderOf(room: RoomJid): object | undefined {
    const holder = this.disk.claims.get(room)?.holder;
    return holder instanceof MemoryStore && holder !== this && holder.expired ? undefined : holder;
  }

  private holds(room: RoomJid, token: ClaimToken | null): boolean {
    const holder = this.holderOf(room);
    return token === null ? holder === undefined : holder === this && this.disk.claims.get(room)?.token === token;
  }

  async messages(room: RoomJid, query: MessageQuery): Promise<MessageRow[]> {
    await this.readGate?.promise;
    return this.disk.rooms.get(room)?.find(query) ?? [];
  }

  async archive(room: RoomJid, query: ArchiveQuery): Promise<ArchiveAnswer> {
    await this.readGate?.promise;
    if (query.want === 'audit') return { kind: 'audit', acts: await this.audit({ ...query, room, from: query.since }) };
    const found = this.disk.rooms.get(room);
    return answerQuery(found?.visible() ?? [], found?.stays ?? new Stays(), query, findsWords);
  }

  listRooms({ max, after, before, last }: RoomListQuery): Promise<RoomListPage> {
    const all: ListedRoom[] = this.sorted()
      .filter(({ room }) => room.listed && room.state === 'open')
      .map(({ room }) => ({ jid: room.jid, name: room.name }));
    let rooms: ListedRoom[] = [];
    if (max > 0) {
      if (before !== undefined) rooms = all.filter(({ jid }) => compare(jid, before) < 0).slice(-max);
      else if (last) rooms = all.slice(-max);
      else rooms = all.filter(({ jid }) => compare(jid, after ?? '') > 0).slice(0, max);
    }
    const first = rooms[0];
    const index = first ? all.indexOf(first) : 0;
    const known = index <= MAX_COUNTED || (last && before === undefined);
    return Promise.resolve({ rooms, count: all.length, index: known ? index : undefined });
  }

  listOccupied(query: RoomListQuery): Promise<RoomListPage> {
    const all: ListedRoom[] = this.sorted()
      .filter(({ room, sessions }) => room.listed && room.state === 'open' && sessions.size > 0)
      .map(({ room }) => ({ jid: room.jid, name: room.name }));
    const { items, index } = sortedPage(all, query, ({ jid }, place) => compare(jid, place));
    return Promise.resolve({ rooms: items, count: all.length, index });
  }

  findChannels(query: ChannelQuery): Promise<ChannelPage> {
    const { by, words, within } = query;
    const all = this.sorted()
      .filter(({ room }) => room.listed && room.state === 'open' && room.channel != null)
      .map(({ room, occupants }): FoundChannel => ({
        jid: room.jid,
        occupants: occupants.size,
        channel: JSON.parse(room.channel as string) as Channel,
      }))
      .filter(({ jid, channel }) => {
        const texts = within.map((part) => (part === 'address' ? jid : channel[part]).toLowerCase());
        return words.every((word) => texts.some((text) => text.includes(word.toLowerCase())));
      })
      .sort((a, b) => comparePlaces(by, a, b));
    const { items, index } = sortedPage(all, query, (one, place) => comparePlaces(by, one, place));
    return Promise.resolve({ channels: items, count: all.length, index });
  }

  unsaidAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    const unsaid = this.sorted().filter(
      (room) => room.counters.deliveredRev < room.counters.rev || [...room.sessions.values()].some((s) => s.entering),
    );
    return Promise.resolve(page(unsaid, after, limit));
  }

  dueRooms(now: Millis, limit: number): Promise<{ rooms: RoomJid[]; next: Millis | null }> {
    const waiting = this.sorted().filter(({ room }) => room.deadline !== null);
    const deadline = (room: MemoryRoom): number => room.room.deadline as number;
    const due = waiting.filter((room) => deadline(room) <= now).sort((a, b) => deadline(a) - deadline(b));
    const later = waiting.map(deadline).filter((at) => at > now);
    if (due.length > limit) return Promise.resolve({ rooms: due.slice(0, limit).map(({ room }) => room.jid), next: now });
    return Promise.resolve({ rooms: due.map(({ room }) => room.jid), next: later.length === 0 ? null : Math.min(...later) });
  }

  roomsOf(jid: FullJid, after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    const rooms = this.sorted().filter((room) => room.sessions.has(jid));
    return Promise.resolve(page(rooms, after, limit));
  }

  seatsOf(jid: FullJid, { limit, after, before, last = false }: SeatQuery): Promise<Seat[] | null> {
    if ([after, before].some((name) => name !== undefined && !this.disk.rooms.has(name as RoomJid))) return Promise.resolve(null);
    const between = ({ room }: Seat): boolean => (after === undefined || room > after) && (before === undefined || room < before);
    const all = this.sorted().flatMap(({ room, sessions, occupants }) => {
      const occupant = occupants.get(sessions.get(jid)?.occupantId ?? '');
      return occupant ? [{ room: room.jid, nick: occupant.nick }] : [];
    });
    const seats = all.filter(between);
    return Promise.resolve(last ? seats.slice(Math.max(0, seats.length - limit)) : seats.slice(0, limit));
  }

  registrationsOf(jid: BareJid, { named = false, limit }: RegistrationQuery): Promise<Registration[]> {
    const registrations = this.sorted().flatMap(({ room, affiliations, features }): Registration[] => {
      const row = affiliations.get(jid);
      const reserved = features.get(`${RESERVED_NICKS}\n${jid}`)?.value;
      if (!row && reserved !== undefined)
        return [{ room: room.jid, name: room.name, affiliation: 'none', nick: (JSON.parse(reserved) as { nick: string }).nick }];
      if (!row || row.affiliation === 'outcast') return [];
      return [{ room: room.jid, name: room.name, affiliation: row.affiliation, nick: row.nick }];
    });
    return Promise.resolve(registrations.filter(({ nick }) => !named || nick !== null).slice(0, limit));
  }

  async activityOf(jid: BareJid, limit: number): Promise<RoomActivity[]> {
    await this.readGate?.promise;
    return this.sorted()
      .filter(({ room, affiliations }) => room.state === 'open' && ![undefined, 'outcast'].includes(affiliations.get(jid)?.affiliation))
      .slice(0, limit)
      .map(({ room, counters, features, sessions }) => {
        const since = Math.max(room.archiveFrom, Number(features.get(`${LAST_VISITS}\n${jid}`)?.value ?? 0));
        const present = [...sessions.keys()].some((full) => full.startsWith(`${jid}/`));
        return { room: room.jid, active: counters.seq > since && !present };
      });
  }

  hasRoom(room: RoomJid): Promise<boolean> {
    return Promise.resolve(this.disk.rooms.has(room));
  }

  occupiedAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    const occupied = this.sorted().filter(({ room, sessions }) => sessions.size > 0 && compare(room.jid, after) > 0);
    return Promise.resolve(occupied.slice(0, limit).map(({ room }) => room.jid));
  }

  people(limit: number): Promise<{ count: number; jids: BareJid[] }> {
    const jids = [...new Set(this.sorted().flatMap(({ occupants }) => [...occupants.values()].map(({ jid }) => jid)))].sort(compare);
    return Promise.resolve({ count: jids.length, jids: jids.slice(0, limit) });
  }

  sessionsAfter(after: FullJid | '', limit: number): Promise<{ jid: FullJid; address: string }[]> {
    const all = new Map<FullJid, string>();
    for (const { jid, spelling } of this.sorted().flatMap((room) => [...room.sessions.values()])) {
      if (spelling != null || !all.has(jid)) all.set(jid, spelling ?? jid);
    }
    return Promise.resolve(
      [...all]
        .map(([jid, address]) => ({ jid, address }))
        .filter(({ jid }) => compare(jid, after) > 0)
        .sort((a, b) => compare(a.jid, b.jid))
        .slice(0, limit),
    );
  }

  lastBatch(): Promise<number> {
    return Promise.resolve(this.batch);
  }

  counts(): Promise<{ rooms: number; occupants: number; messages: number }> {
    const all = this.sorted();
    const sum = (of: (room: MemoryRoom) => number): number => all.reduce((total, room) => total + of(room), 0);
    return Promise.resolve({
      rooms: sum(({ room }) => (room.state === 'destroyed' ? 0 : 1)),
      occupants: sum((room) => room.occupants.size),
      messages: sum((room) => room.visible().length),
    });
  }

  findRooms({ after, limit, listed, empty, orphaned, creator, idleSince }: RoomSearch): Promise<FoundRooms> {
    const part = this.sorted()
      .filter(({ room }) => compare(room.jid, after) > 0)
      .slice(0, MAX_LOOKED_AT);
    const found = part.flatMap(({ room, counters, sessions, occupants, affiliations }): FoundRoom[] => {
      const { jid, name, state, createdAt } = room;
      const owned = [...affiliations.values()].some((row) => row.affiliation === 'owner');
      const there = { listed: room.listed, empty: sessions.size === 0, orphaned: !owned };
      const wrong =
        (listed ?? there.listed) !== there.listed ||
        (empty ?? there.empty) !== there.empty ||
        (orphaned ?? there.orphaned) !== there.orphaned ||
        (creator ?? room.creator) !== room.creator ||
        (idleSince !== undefined && Math.max(counters.used, createdAt) > idleSince);
      if (state === 'destroyed' || wrong) return [];
      const made = room.creator === '' ? null : room.creator;
      return [
        {
          jid,
          name,
          state,
          listed: room.listed,
          creator: made,
          createdAt,
          latest: Math.max(counters.used, createdAt),
          occupants: sessions.size === 0 ? 0 : occupants.size,
        },
      ];
    });
    const rooms = found.slice(0, limit);
    const last = part.length === MAX_LOOKED_AT ? (part.at(-1)?.room.jid ?? null) : null;
    return Promise.resolve({ rooms, next: rooms.length === limit ? (rooms.at(-1)?.jid ?? null) : last });
  }

  roomsAfter(after: RoomJid | '', limit: number): Promise<RoomJid[]> {
    const jids = this.sorted().map(({ room }) => room.jid);
    return Promise.resolve(jids.filter((jid) => compare(jid, after) > 0).slice(0, limit));
  }

  async retain({ now, days, messages, after, budget }: RetentionStep): Promise<{ next: RoomJid | '' | null; erased: number }> {
    await this.writes;
    await this.commitGate?.promise;
    if (this.failing) throw this.failing;
    let erased = 0;
    let done = after;
    for (const room of this.sorted().filter(({ room: row }) => compare(row.jid, after) > 0)) {
      const age = boundInForce(room.room.keepDays, days);
      const count = boundInForce(room.room.keepMessages, messages);
      const over = room.messages.filter(
        (row) =>
          row.rev <= room.counters.deliveredRev &&
          (row.stamp < now - (age ?? Infinity) * 86_400_000 || row.seq <= room.counters.seq - (count ?? Infinity)),
      );
      const gone = new Set(over.slice(0, budget - erased));
      room.messages = room.messages.filter((row) => !gone.has(row));
      erased += gone.size;
      if (gone.size < over.length || erased >= budget) return { next: gone.size < over.length ? done : room.room.jid, erased };
      done = room.room.jid;
    }
    return { next: null, erased };
  }

  checkpoint(): Promise<boolean> {
    return Promise.resolve(true);
  }

  async noteErasure(jid: BareJid, erasure: PersonErasure | null): Promise<void> {
    await this.writes;
    await this.commitGate?.promise;
    if (this.failing) throw this.failing;
    if (erasure) this.disk.erasures.set(jid, erasure);
    else {
      this.disk.erasures.delete(jid);
      this.forgetEvents(null, jid);
      this.disk.woken.delete(jid);
    }
  }

  subscribe(names: readonly string[]): Promise<number[]> {
    for (const name of this.disk.cursors.keys()) if (!names.includes(name)) this.disk.cursors.delete(name);
    for (const name of names) if (!this.disk.cursors.has(name)) this.disk.cursors.set(name, this.disk.eventNumber);
    return Promise.resolve(names.map((name) => this.disk.cursors.get(name) as number));
  }

  eventsAfter(number: number, limit: number, bytes: number): Promise<EventPage> {
    let sofar = 0;
    const events = this.disk.events
      .filter((event) => event.number > number)
      .slice(0, limit)
      .filter(({ value }) => {
        const fits = sofar < bytes;
        sofar += eventBytes(JSON.stringify(value));
        return fits;
      });
    return Promise.resolve({ events, removedUpTo: this.disk.eventsRemoved });
  }

  moveCursor(name: string, number: number): Promise<void> {
    if (this.failing) return Promise.reject(this.failing);
    if (this.disk.cursors.has(name)) this.disk.cursors.set(name, number);
    this.dropTold();
    return Promise.resolve();
  }

  boundEvents({ before, rows, bytes }: EventBounds): Promise<boolean> {
    this.dropTold();
    const size = (): number => this.disk.events.reduce((sum, { value }) => sum + eventBytes(JSON.stringify(value)), 0);
    for (;;) {
      const [oldest, ...rest] = this.disk.events;
      if (!oldest || (oldest.at >= before && rest.length < rows && size() <= bytes)) return Promise.resolve(false);
      this.disk.events = rest;
      this.disk.eventsRemoved = oldest.number;
    }
  }

  onEvents(listener: (() => void) | undefined): void {
    this.listener = listener;
  }

  private dropTold(): void {
    const told = Math.min(Infinity, ...this.disk.cursors.values());
    this.disk.events = this.disk.events.filter(({ number }) => number > told);
  }

  private forgetEvents(room: RoomJid | null, jid: BareJid): void {
    const person = { jid, ids: new Set<string>(), nicks: new Set<string>() };
    this.disk.events = this.disk.events.filter(
      (event) =>
        (room !== null && event.room !== room) ||
        withoutPerson(EVENTS, { key: event.room, value: JSON.stringify(event.value) }, person) !== null,
    );
  }

  /** What a part of a batch does to events. */
  private noteEvent(room: RoomJid, change: Change): void {
    const silence = (is: (event: EventEntry) => boolean): void => {
      this.disk.events = this.disk.events.map((event) => (is(event) ? { ...event, value: withoutWords(event.value) } : event));
    };
    if (change.table === 'event') this.disk.events.push({ ...change.row, number: ++this.disk.eventNumber, room });
    if (change.table === 'clear') silence((event) => event.room === room);
    if (change.table === 'retraction') silence(({ value }) => value.id === change.id);
    if (change.table === 'audit-erasure') this.forgetEvents(room, change.jid);
  }

  audit({ room, actor, object, from = -Infinity, to = Infinity, before = Infinity, limit }: AuditQuery): Promise<AuditEntry[]> {
    const fits = (one: AuditEntry): boolean =>
      (room === undefined || one.room === room) &&
      (actor === undefined || one.by.name === actor) &&
      (object === undefined || one.items.some((item) => item.object === object)) &&
      one.at >= from &&
      one.at <= to &&
      one.id < before;
    return Promise.resolve(this.disk.audit.filter(fits).reverse().slice(0, limit));
  }

  boundAudit({ before, rows, bytes }: AuditBounds): Promise<boolean> {
    const young = this.disk.audit.filter(({ at }) => at >= before);
    this.disk.audit = young;
    for (const [weight, bound] of [[() => 1, rows] as const, [auditBytes, bytes] as const]) {
      while (this.disk.audit.reduce((sum, act) => sum + weight(act), 0) > bound) this.dropAct(weight);
    }
    return Promise.resolve(false);
  }

  /** Drops the oldest act of the room whose acts weigh most. */
  private dropAct(weight: (act: AuditEntry) => number): void {
    const rooms = new Map<string, number>();
    for (const act of this.disk.audit) rooms.set(act.room, (rooms.get(act.room) ?? 0) + weight(act));
    const most = Math.max(...rooms.values());
    const oldest = this.disk.audit.findIndex(({ room }) => rooms.get(room) === most);
    this.disk.audit.splice(oldest, 1);
  }

  erasures(): Promise<PersonErasure[]> {
    return Promise.resolve([...this.disk.erasures.values()].sort((a, b) => a.askedAt - b.askedAt || compare(a.jid, b.jid)));
  }

  async addToken(token: StoredToken): Promise<boolean> {
    if (this.failing) throw this.failing;
    const there = this.disk.apiTokens.get(token.name);
    if (!there) this.disk.apiTokens.set(token.name, token);
    return there === undefined || there.hash === token.hash;
  }

  async rehashToken(hash: string, next: string): Promise<boolean> {
    if (this.failing) throw this.failing;
    const { apiTokens } = this.disk;
    for (const token of apiTokens.values()) if (token.hash === hash) apiTokens.set(token.name, { ...token, hash: next });
    return [...apiTokens.values()].some((token) => token.hash === next);
  }

  async dropToken(name: string): Promise<boolean> {
    if (this.failing) throw this.failing;
    return this.disk.apiTokens.delete(name);
  }

  tokens(): Promise<StoredToken[]> {
    return Promise.resolve([...this.disk.apiTokens.values()].sort((a, b) => compare(a.name, b.name)));
  }

  async keepWakeUps({ woken, seen, forms, formsOver }: WakeUpChanges): Promise<void> {
    if (this.failing) throw this.failing;
    for (const row of woken) this.disk.woken.set(row.jid, row);
    for (const jid of seen) this.disk.woken.delete(jid);
    for (const row of forms) this.disk.wakeForms.set(row.domain, row);
    for (const domain of formsOver) this.disk.wakeForms.delete(domain);
  }

  wokenAfter(after: BareJid | '', limit: number): Promise<WokenRow[]> {
    const rows = [...this.disk.woken.values()].sort((a, b) => compare(a.jid, b.jid));
    return Promise.resolve(rows.filter(({ jid }) => compare(jid, after) > 0).slice(0, limit));
  }

  woken(jid: BareJid): Promise<WokenRow | null> {
    return Promise.resolve(this.disk.woken.get(jid) ?? null);
  }

  wakeForms(): Promise<WakeFormRow[]> {
    return Promise.resolve([...this.disk.wakeForms.values()].sort((a, b) => a.askedAt - b.askedAt || compare(a.domain, b.domain)));
  }

  roomsKnowing(jid: BareJid, after: RoomJid | '', limit: number): Promise<{ rooms: RoomJid[]; next: RoomJid | null }> {
    const looked = page(this.sorted(), after, limit);
    // Whatever its rows say of them, or of the id by which they are known.
    const knows = (room: RoomJid): boolean => {
      const found = this.disk.rooms.get(room) as MemoryRoom;
      const { room: row, affiliations, occupants, features, messages, stays } = found;
      const acts = this.disk.audit.filter((act) => act.room === room);
      const texts = [row, [...affiliations.values()], [...occupants.values()], [...features.values()], messages, stays, acts];
      return [jid, occupantId(row, jid)].some((name) => JSON.stringify(texts).includes(JSON.stringify(name).slice(1, -1)));
    };
    return Promise.resolve({ rooms: looked.filter(knows), next: looked.length < limit ? null : (looked.at(-1) ?? null) });
  }

  rowsOf(room: RoomJid): Promise<RoomRows | null> {
    return Promise.resolve(this.disk.rooms.get(room)?.rows() ?? null);
  }

  staysAfter(room: RoomJid, after: Pick<StayRow, 'jid' | 'begin'> | null, limit: number): Promise<StayRow[]> {
    const all = (this.disk.rooms.get(room)?.stays.toJSON() ?? []) as StayRow[];
    const order = (a: Pick<StayRow, 'jid' | 'begin'>, b: Pick<StayRow, 'jid' | 'begin'>): number =>
      compare(a.jid, b.jid) || a.begin - b.begin;
    const behind = all.filter((stay) => after === null || order(stay, after) > 0);
    return Promise.resolve(behind.sort(order).slice(0, limit));
  }

  foreignIds(room: RoomJid, ids: readonly string[]): Promise<{ id: string; foreign: string }[]> {
    const found = this.disk.rooms.get(room)?.foreign ?? new Map<string, readonly string[]>();
    return Promise.resolve(ids.flatMap((id) => (found.get(id) ?? []).map((foreign) => ({ id, foreign }))));
  }

  async beginImport(): Promise<ImportKey> {
    await this.ready();
    const key = importKey(++this.disk.importsMade);
    this.disk.imports.set(key, new MemoryRoom(undefined as never));
    return key;
  }

  async importSlice(key: ImportKey, slice: ImportSlice): Promise<void> {
    await this.ready();
    const room = this.disk.imports.get(key)?.copy();
    if (!room) throw new Error('No such import');
    const fault = room.bring(slice);
    if (fault !== null) throw new Error(fault);
    this.disk.imports.set(key, room);
  }

  async endImport(key: ImportKey, { row, counters, audit }: ImportEnd): Promise<boolean> {
    await this.ready();
    const room = this.disk.imports.get(key);
    const taken = this.disk.rooms.get(row.jid);
    if (!room) throw new Error('No such import');
    if (taken && (taken.room.state !== 'destroyed' || taken.counters.deliveredRev < taken.counters.rev)) return false;
    room.room = row;
    room.counters = counters;
    this.disk.rooms.set(row.jid, room);
    this.disk.imports.delete(key);
    this.noteAct(row.jid, { table: 'audit', row: audit });
    return true;
  }

  async dropImport(key: ImportKey): Promise<void> {
    await this.ready();
    this.disk.imports.delete(key);
  }

  private async ready(): Promise<void> {
    await this.writes;
    await this.commitGate?.promise;
    if (this.failing) throw this.failing;
  }

  lag(): Promise<Lag> {
    return Promise.resolve({ time: 0, occupant: 0, text: 0 });
  }

  async close(): Promise<void> {
    await this.writes;
    for (const room of [...this.claimed]) await this.release(room);
  }

  private take(batch: Batch): Refused[] {
    if (batch.knows < batch.number - 1 && this.batch !== batch.number - 1)
      throw new StoreFailed('unavailable', `Batch ${batch.number} builds on one that failed`);
    const failure = this.failing ?? this.failures.shift();
    if (failure) throw failure;
    if (batch.number <= this.batch) throw new Error(`Batch ${batch.number} was handed in after batch ${this.batch}`);
    const refused: Refused[] = [];
    batch.rooms.forEach((jid, i) => {
      const told = this.toRefuse.get(jid);
      this.toRefuse.delete(jid);
      const answer =
        (this.refusedIn.get(jid) ?? 0) > batch.knows
          ? { room: jid, reason: 'earlier' as const, detail: '' }
          : told === undefined
            ? this.holds(jid, batch.tokens?.[i] ?? null)
              ? this.takeRoom(batch, jid, i)
              : { room: jid, reason: 'lost' as const, detail: '' }
            : { room: jid, reason: 'row' as const, detail: told };
      if (answer) refused.push(answer);
    });
    for (const { room, reason } of refused) if (reason !== 'earlier') this.refusedIn.set(room, batch.number);
    this.batch = batch.number;
    this.disk.batch = Math.max(this.disk.batch, batch.number);
    this.taken.push(batch);
    return refused;
  }

  private takeRoom(batch: Batch, jid: RoomJid, i: number): Refused | null {
    const changes = batch.changes[i] ?? [];
    const before = this.disk.rooms.get(jid);
    const renamed = changes.find((change) => change.table === 'rename');
    if (renamed && ![undefined, this].includes(this.holderOf(renamed.to) as this | undefined))
      return { room: jid, reason: 'row', detail: `Another process runs ${renamed.to}` };
    const over = this.overLimit(changes, before);
    if (over !== null) return { room: jid, reason: 'limit', detail: over };
    const first = changes.find((change) => change.table === 'room');
    const room = before?.copy() ?? (first && new MemoryRoom(first.row));
    if (!room) return { room: jid, reason: 'row', detail: 'There is no such room' };
    const { rev, deliveredRev, seq, stamp, used } = batch.counters;
    const counters: Counters = {
      rev: rev[i] as number,
      deliveredRev: deliveredRev[i] as number,
      seq: seq[i] as number,
      stamp: stamp[i] as number,
      used: used[i] as number,
    };
    const at = changes.findIndex((change) => change.table === 'rename');
    if (at >= 0) return this.takeRenamed(jid, room, { changes, at, counters, messages: messagesOf(batch, i) });
    const fault = room.apply(jid, changes, counters, messagesOf(batch, i));
    if (fault !== null) return { room: jid, reason: 'row', detail: fault };
    for (const change of changes) this.noteAct(jid, change);
    for (const change of changes) this.noteEvent(jid, change);
    this.keep(jid, room, counters);
    return null;
  }

  /** What comes before a rename goes with the room; the rest is of its old name. */
  private takeRenamed(
    jid: RoomJid,
    room: MemoryRoom,
    { changes, at, counters, messages }: { changes: readonly Change[]; at: number; counters: Counters; messages: readonly MessageRow[] },
  ): Refused | null {
    const rename = changes[at] as Extract<Change, { table: 'rename' }>;
    const { to, tombstone } = rename;
    const refuse = (detail: string): Refused => ({ room: jid, reason: 'row', detail });
    const taken = this.disk.rooms.get(to);
    if (taken && (taken.room.state !== 'destroyed' || taken.counters.deliveredRev < taken.counters.rev))
      return refuse(`There is a room ${to}`);
    if (tombstone.jid !== jid || to === jid) return refuse('the tombstone of another room');
    const { seq } = rename.counters;
    const before = changes.slice(0, at);
    const fault = room.apply(
      jid,
      before,
      rename.counters,
      messages.filter((row) => row.seq <= seq),
    );
    if (fault !== null) return refuse(fault);
    const left = new MemoryRoom(tombstone);
    left.sayings = [...(this.disk.rooms.get(jid)?.sayings ?? []), ...before.flatMap((one) => (one.table === 'saying' ? [one.row] : []))];
    const later = left.apply(
      jid,
      changes.slice(at + 1),
      counters,
      messages.filter((row) => row.seq > seq),
    );
    if (later !== null) return refuse(later);
    const born = room.room.createdAt;
    for (const change of before) this.noteAct(jid, change);
    for (const change of before) this.noteEvent(jid, change);
    this.disk.events = this.disk.events.map((event) => (event.room === jid && event.at >= born ? { ...event, room: to } : event));
    this.disk.audit = this.disk.audit.map((act) => (act.room === jid && act.at >= born ? { ...act, room: to } : act));
    for (const change of changes.slice(at + 1)) this.noteAct(jid, change);
    for (const change of changes.slice(at + 1)) this.noteEvent(jid, change);
    room.room = { ...room.room, jid: to };
    room.sessions.clear();
    room.occupants.clear();
    room.sayings = [];
    this.disk.rooms.set(to, room);
    this.keep(jid, left, counters);
    return null;
  }

  private keep(jid: RoomJid, room: MemoryRoom, counters: Counters): void {
    if (room.room.state === 'destroyed' && room.room.tombstone === null && counters.deliveredRev >= counters.rev)
      this.disk.rooms.delete(jid);
    else this.disk.rooms.set(jid, room);
  }

  private noteAct(room: RoomJid, change: Change): void {
    const { disk } = this;
    if (change.table === 'audit') disk.audit.push({ ...change.row, id: ++disk.acts, room });
    if (change.table !== 'audit-erasure') return;
    const hidden = (name: string): string => (name === change.jid ? `erased-${disk.acts + 1}` : name);
    disk.audit = disk.audit.map((act) => {
      if (act.room !== room) return act;
      const items = act.items.map((item) => (item.object === change.jid ? { ...item, object: hidden(item.object), reason: null } : item));
      return { ...act, by: { ...act.by, name: act.by.name && hidden(act.by.name) }, items };
    });
  }

  private overLimit(changes: readonly Change[], before: MemoryRoom | undefined): string | null {
    if (before && before.room.state !== 'destroyed') return null;
    const all = [...this.disk.rooms.values()].map(({ room }) => room);
    const alive = all.filter((room) => room.state !== 'destroyed');
    const remembered = all.filter((room) => room.state === 'destroyed' && room.tombstone !== null);
    for (const change of changes) {
      if (change.table !== 'room' || !change.create) continue;
      const { row, create } = change;
      const ofCreator = [...alive, ...remembered].filter(({ creator }) => keyOf(creator) === keyOf(row.creator));
      if (create.roomsPerCreator !== null && ofCreator.length >= create.roomsPerCreator) return 'too many rooms of one creator';
      if (create.rooms !== null && alive.length >= create.rooms) return 'too many rooms';
    }
    return null;
  }

  private sorted(): MemoryRoom[] {
    return [...this.disk.rooms.values()].sort((a, b) => compare(a.room.jid, b.room.jid));
  }
}

/** '': they were erased. */
const keyOf = (creator: BareJid | ''): BareJid | '' => (creator === '' ? '' : accountKey(creator));

/** The order of SQLite: by UTF-8 bytes. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function messagesOf(batch: Batch, room: number): MessageRow[] {
  const m = batch.messages;
  const rows: MessageRow[] = [];
  m.room.forEach((index, j) => {
    if (index !== room) return;
    const row: Partial<Record<keyof MessageRow, unknown>> = {};
    for (const key of [
      'seq',
      'rev',
      'stamp',
      'id',
      'nick',
      'sender',
      'jidShown',
      'occupantId',
      'clientId',
      'lang',
      'inHistory',
      'payload',
    ] as const)
      row[key] = m[key][j];
    rows.push(row as unknown as MessageRow);
  });
  return rows;
}

function page(rooms: readonly MemoryRoom[], after: RoomJid | '', limit: number): RoomJid[] {
  return rooms
    .map(({ room }) => room.jid)
    .filter((jid) => compare(jid, after) > 0)
    .slice(0, limit);
}

function gate(): NonNullable<Gate> {
  let open = (): void => undefined;
  const promise = new Promise<void>((resolve) => (open = resolve));
  return { promise, open };
}
