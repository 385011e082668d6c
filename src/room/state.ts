/** The state of one room, and the small steps that change it together with the rows that remember it. */
import type { BareJid, FullJid, RoomJid } from '../xmpp/fold';
import { bareOf } from '../xmpp/jid';
import { Checks } from './checks';
import { AffiliationLists } from './governing/affiliation-lists';
import type { Policy, Random } from './contract/env';
import type { Facts } from './contract/facts';
import { bitOf, bitsOf } from './contract/row-bits';
import { FeatureValues, type GroupOf } from './contract/feature-values';
import { newSecret, occupantId } from './talking/ids';
import { messageEnd } from './talking/message-xml';
import { LateMap } from './late-map';
import { Occupants, type Occupant, type Session } from './occupants/occupants';
import type { ReadMessages } from './contract/machine';
import { Memory } from './contract/memory';
import { RoomOptions } from './contract/options';
import type { Burying } from './contract/rows';
import { isAdmin, type Affiliation, type Role } from './governing/roles';
import type {
  AffiliationRow,
  CreationLimit,
  MessageRow,
  Millis,
  OccupantId,
  Rev,
  StanzaId,
  RoomRow,
  RoomRows,
  SayingRow,
} from './contract/rows';
import type { Subject } from './contract/rows';
import type { Saying } from './contract/saying';
import type { Turn } from './turn';

/** How much is said again in one decision. */
export interface Slices {
  /** Messages that are read at once, and bytes of their contents. */
  readonly messages: number;
  readonly bytes: number;
  /** Stanzas that are said in one decision, and sessions that begin to enter. */
  readonly things: number;
}

/** What every room of the service shares. Its features are declared where features are (`contract/feature.ts`), which know the room. */
export interface RoomEnv {
  readonly random: Random;
  readonly policy: Policy;
  /** How much is said again in one decision; without it what `saying-again.ts` states. */
  readonly slices?: Slices;
}

/** An attempt to say again what may not have arrived, and how far it has come (`talking/saying-again.ts`). */
export interface Attempt {
  readonly token: number;
  joining: ReadonlySet<FullJid>;
  read(rows: readonly MessageRow[]): void;
  goOn(turn: Turn): boolean;
  readonly next: ReadMessages;
}

/** How far times of messages run ahead of the clock, in ms: with more than a thousand messages in a second some are equal. */
const MAX_LEAD_MS = 1_000;

/** How far a room's time may be ahead of the clock, in ms, before the clock was wrong when it was set: then the room's time follows the clock again. */
export const MOST_AHEAD_MS = 60_000;

/** The stored time of use is at most so old, in ms, while the room is used in ways that write nothing. */
const USED_UNSAVED_MS = 3_600_000;

export class RoomState {
  occupants: Occupants;
  rev: Rev = 0;
  deliveredRev: Rev = 0;
  seq = 0;
  /** The room's time: that of the latest decision, or of the latest message where that is ahead. */
  stamp: Millis = 0;
  /** The time of the running decision; unlike `stamp` it is the clock's again when that was once ahead. */
  time: Millis = 0;
  /** When somebody last entered or spoke; 0: nobody has since the room was made. And what of that was written for its own sake. */
  used: Millis = 0;
  private usedSaved: Millis = 0;
  private isAhead = false;
  /** No archived message is later; the clock's time when it was said; and how far times were put ahead of the clock. */
  private saidAt = 0;
  private saidWhen = 0;
  private lead = 0;
  /** Messages may be named by ids that they had elsewhere. */
  hasForeignIds = false;
  /** The room's own row; undefined before it was ever created. */
  row: RoomRow | undefined;
  options: RoomOptions;
  facts: Facts;
  /** The facts by which it was last looked whether stays are kept (`occupants/stays.ts`). */
  staysFor: Facts | undefined;
  subject: Subject | null = null;
  sayings: SayingRow[] = [];
  /** What became of messages that were retracted lately, by stanza-id: a read that was under way does not show it. */
  readonly retracted = new LateMap<StanzaId, Burying>();
  /** How many times something was retracted since this room was loaded. */
  burials = 0;
  /** How far saying again has come, while that is going on. */
  sayingAgain: Attempt | undefined;
  /** Rises with each attempt to say again. */
  attempts = 0;
  readonly checks = new Checks();
  /** What its parts remember, beside rows. */
  readonly memory = new Memory();
  /** Something may have moved the room's deadline. */
  rescheduling = false;
  /** A timer input was asked for and has not come. */
  waking = false;
  /** The features whose rules hold: others, when the operator's configuration was read again. */
  private rulesOf: RoomEnv['features'];
  private readonly features = new Map<string, FeatureValues>();
  private featureChanges = 0;
  /** Bits of the rows that its features keep (`contract/row-bits.ts`): what every message asks of each feature, told without a look into the map. */
  private kept = 0;
  /** Nobody who may be woken is away, as long as these are the facts: told to each message by one look (`features/wake-ups/roll.ts`). */
  nobodyAway: Facts | undefined;
  readonly affiliations = new AffiliationLists();
  /** Made once, since it is in every message. */
  readonly messageEnd: string;

  constructor(
    readonly jid: RoomJid,
    readonly env: RoomEnv,
    rows: RoomRows | null,
  ) {
    this.messageEnd = messageEnd(jid);
    this.rulesOf = env.features;
    this.occupants = new Occupants(jid);
    this.options = RoomOptions.fromJson('{}', env.policy.defaults);
    this.facts = env.features.facts(this.options, env.policy);
    if (rows) this.load(rows);
  }

  /** Payloads that only features of the room say (`Passed`). */
  get reserved(): ReadonlySet<string> {
    return this.env.features.reserved;
  }

  private load(rows: RoomRows): void {
    this.row = rows.room;
    this.hasForeignIds = rows.hasForeignIds === true;
    this.rev = rows.counters.rev;
    this.deliveredRev = rows.counters.deliveredRev;
    this.seq = rows.counters.seq;
    this.stamp = this.time = this.saidAt = rows.counters.stamp;
    this.used = this.usedSaved = rows.counters.used;
    this.sayings = [...rows.sayings];
    if (!this.exists) return;
    this.options = RoomOptions.fromJson(rows.room.options, this.env.policy.defaults);
    this.facts = this.env.features.facts(this.options, this.env.policy);
    this.subject = rows.room.subject === null ? null : (JSON.parse(rows.room.subject) as Subject);
    for (const { feature, key, value } of rows.features) this.keepFeatureValue(feature, key, value);
    for (const row of rows.affiliations) this.affiliations.set(row.jid, row);
    for (const row of rows.occupants) this.occupants.add(row);
    for (const row of rows.sessions) {
      const occupant = this.occupants.withId(row.occupantId);
      if (occupant) this.occupants.attach(row, occupant);
    }
    for (const occupant of this.occupants.all()) occupant.visible = this.facts.broadcast.has(occupant.role);
  }

  /** Takes the operator's rules if they have changed: as if it had been loaded with them. */
  takeRules(): void {
    const { features, policy } = this.env;
    if (this.rulesOf === features) return;
    this.rulesOf = features;
    this.options = this.exists
      ? RoomOptions.fromJson((this.row as RoomRow).options, policy.defaults)
      : RoomOptions.fromJson('{}', policy.defaults);
    this.facts = features.facts(this.options, policy);
    for (const occupant of this.occupants.all()) occupant.visible = this.facts.broadcast.has(occupant.role);
    this.rescheduling = true;
  }

  /**
   * The room's time for a decision at `now`: never before an earlier decision's, unless that is so far ahead that the clock must have been wrong.
   * Then it is the clock's again. `stamp` stays: what is archived goes on just behind the latest message, since its order is that of its times.
   */
  timeAt(now: Millis): Millis {
    const isAhead = this.stamp - now > MOST_AHEAD_MS;
    // By that clock other things are due.
    if (isAhead && !this.isAhead) this.rescheduling = true;
    this.isAhead = isAhead;
    if (isAhead) return (this.time = now);
    return (this.time = this.stamp = Math.max(now, this.stamp));
  }

  /**
   * The time of the next archived message: later than that of the one before, although both came in one millisecond.
   * Clients that read an archive by pages sort by time alone, and would turn the two around at the border of a page.
   */
  nextStamp(turn: Turn): Millis {
    const { now, stamp } = turn;
    // What the clock has gained meanwhile; set back, it gains from where it is.
    this.lead = Math.max(0, this.lead - Math.max(0, now - this.saidWhen));
    this.saidWhen = now;
    if (stamp > this.saidAt) this.saidAt = stamp;
    else if (this.lead < MAX_LEAD_MS) {
      this.saidAt += 1;
      this.lead += 1;
    }
    if (this.saidAt < this.stamp) this.amendJoins(turn);
    this.stamp = this.saidAt;
    return this.stamp;
  }

  /** The clock was set back: who came in by its former time came before the message that is being said, and after a crash is told it. */
  private amendJoins(turn: Turn): void {
    for (const occupant of this.occupants.all()) {
      const late = occupant.sessions.filter(({ joinedAt }) => joinedAt >= this.saidAt).sort((a, b) => a.joinedAt - b.joinedAt);
      // In the order in which they came.
      late.forEach((session, i) => {
        session.joinedAt = this.saidAt - late.length + i;
        this.writeSession(turn, session);
      });
      if (late.length > 1) this.occupants.order(occupant);
    }
  }

  /** When somebody last entered or spoke, or, if nobody has, when the room was made. */
  get lastUsed(): Millis {
    return Math.max(this.used, this.row?.createdAt ?? 0);
  }

  /** Whether the room's counters are to be written although this decision writes nothing: what leaves no row, such as a message that is not archived, tells that the room is used. */
  mustCount(turn: Turn): true | undefined {
    // Whatever is written has it too; not to note that costs one row an hour at most, and to note it would cost each message.
    if (turn.writes.length > 0 || this.used - this.usedSaved < USED_UNSAVED_MS) return undefined;
    this.usedSaved = this.used;
    return true;
  }

  /** Whether there is a room, locked or open. */
  get exists(): boolean {
    return this.row !== undefined && this.row.state !== 'destroyed';
  }

  get locked(): boolean {
    return this.row?.state === 'locked';
  }

  /** Whether it stands in the service's room list: no room does before it is configured (§10.1.1). */
  get listed(): boolean {
    return this.row?.state === 'open' && this.facts.listed;
  }

  /** The affiliation in force for a bare JID: its own, else its domain's (§9.2); service admins stand as owners. */
  affiliationOf(jid: FullJid): Affiliation {
    const bare = bareOf(jid);
    if (this.env.policy.isServiceAdmin(bare)) return 'owner';
    return this.affiliations.inForce(bare)?.affiliation ?? 'none';
  }

  /** The row of exactly this bare JID or domain. */
  affiliationRow(jid: BareJid): AffiliationRow | undefined {
    return this.affiliations.get(jid);
  }

  affiliationRows(): IterableIterator<AffiliationRow> {
    return this.affiliations.all();
  }

  /** Sets or (null) removes an affiliation. */
  setAffiliation(turn: Turn, jid: BareJid, row: AffiliationRow | null): void {
    if (row?.expiresAt != null || this.affiliations.get(jid)?.expiresAt != null) this.rescheduling = true;
    this.affiliations.set(jid, row);
    this.nobodyAway = undefined;
    turn.write({ table: 'affiliation', jid, row });
  }

  /** Whether there may be rows of these bits; false is sure. */
  mayKeep(bits: number): boolean {
    return (this.kept & bits) !== 0;
  }

  /** The names of rows of which there are any. */
  keptRows(): readonly string[] {
    return [...this.features.keys()];
  }

  /** How many rows its features keep. */
  get rowCount(): number {
    return [...this.features.values()].reduce((sum, values) => sum + values.texts.size, 0);
  }

  /** What a feature keeps, by key; undefined if nothing. */
  featureValues(feature: string): ReadonlyMap<string, string> | undefined {
    return this.features.get(feature)?.texts;
  }

  /** What a feature keeps under a key, read once: not to be changed. */
  featureValue(feature: string, key: string): unknown {
    return this.features.get(feature)?.value(key);
  }

  /** Another number whenever something of a feature has changed, by whomever. 0: it keeps nothing. */
  featureVersion(feature: string): number {
    return this.features.get(feature)?.version ?? 0;
  }

  featureKeysIn(feature: string, group: string, of: GroupOf): readonly string[] {
    return this.features.get(feature)?.keysIn(group, of) ?? [];
  }

  /** Sets or (null) removes a value that a feature keeps. What nobody has declared cannot be kept: nothing would erase it. */
  setFeatureValue(turn: Turn, feature: string, key: string, value: string | null): void {
    if (value !== null && !this.env.features.rows.has(feature)) throw new Error(`The rows "${feature}" are not declared`);
    if (value === null && this.features.get(feature)?.texts.has(key) !== true) return;
    this.keepFeatureValue(feature, key, value);
    this.rescheduling = true;
    turn.write({ table: 'feature', feature, key, value });
  }

  private keepFeatureValue(feature: string, key: string, value: string | null): void {
    let values = this.features.get(feature);
    if (!values) this.features.set(feature, (values = new FeatureValues()));
    if (value === null) values.delete(key);
    else values.set(key, value);
    values.version = ++this.featureChanges;
    this.nobodyAway = undefined;
    if (values.texts.size > 0) {
      this.kept |= bitOf(feature);
      return;
    }
    this.features.delete(feature);
    this.kept = bitsOf(this.features.keys());
  }

  /** Whether a timer input is to be asked for: not if that was done already. */
  wakes(): boolean {
    const asks = !this.waking;
    this.waking = true;
    return asks;
  }

  /** The earliest time at which something is due by itself goes into the room's row. */
  reschedule(turn: Turn): void {
    this.rescheduling = false;
    if (!this.exists) return;
    let earliest: Millis | null = null;
    for (const feature of this.env.features.timed) {
      const at = feature.deadline?.(this) ?? null;
      if (at !== null && (earliest === null || at < earliest)) earliest = at;
    }
    if (earliest !== (this.row?.deadline ?? null)) this.writeRoom(turn, { deadline: earliest });
  }

  /** Whether something with an end of its own keeps somebody without voice now: a mute, or that they are new. Admins and owners are never silenced. */
  isSilenced(bareJid: BareJid): boolean {
    return (
      !isAdmin(this.affiliationOf(bareJid)) && this.env.features.silences.some((feature) => feature.silences?.(this, bareJid) === true)
    );
  }

  /** The role that somebody enters with: visitor while they are silenced, else a kept one, else the default of their affiliation. */
  roleOnEntry(bareJid: BareJid): Role {
    if (this.isSilenced(bareJid)) return 'visitor';
    for (const feature of this.env.features.roleOnEntry) {
      const role = feature.roleOnEntry?.(this, bareJid);
      if (role !== undefined) return role;
    }
    return this.roleFor(this.affiliationOf(bareJid));
  }

  /** The role an affiliation brings (§5.1.2). */
  roleFor(affiliation: Affiliation): Role {
    if (affiliation === 'outcast') return 'none';
    if (affiliation === 'owner' || affiliation === 'admin') return 'moderator';
    if (affiliation === 'member') return 'participant';
    return this.facts.visitorsByDefault ? 'visitor' : 'participant';
  }

  /** Whether somebody in that role may see real JIDs (§4.2, §14.5). */
  seesJids(role: Role): boolean {
    return role === 'moderator' || this.facts.jidsVisible;
  }

  idOf(bareJid: BareJid): OccupantId {
    return occupantId(this.row as RoomRow, bareJid);
  }

  /** Something that others see happens now: the room's rev goes up. */
  raise(): Rev {
    return ++this.rev;
  }

  writeRoom(turn: Turn, change: Partial<RoomRow>, create?: CreationLimit): void {
    this.row = { ...(this.row as RoomRow), ...change };
    turn.write({ table: 'room', row: this.row, ...(create ? { create } : {}) });
  }

  setOptions(turn: Turn, options: RoomOptions): void {
    const { features, policy } = this.env;
    const json = options.toJson();
    this.options = RoomOptions.fromJson(json, policy.defaults);
    this.rescheduling = true;
    this.facts = features.facts(this.options, policy);
    const { name, listed, channel, keepDays, keepMessages } = this.facts;
    this.writeRoom(turn, { options: json, name, listed, channel, keepDays, keepMessages });
  }

  /** Others have seen this occupant change: the occupant gets the new rev. */
  writeOccupant(turn: Turn, occupant: Occupant): void {
    occupant.rev = this.raise();
    const { id, jid, nick, role, rev } = occupant;
    turn.write({ table: 'occupant', id, row: { id, jid, nick, role, rev } });
  }

  /** Stored as entering until history and subject are known to be delivered, so that a crash in between gives them again. */
  writeSession(turn: Turn, session: Session): void {
    const entering = session.entry !== null;
    const { jid, address, occupant, presence, priority, askedNick, joinedAt, heldLists } = session;
    const spelling = address.jid === jid ? {} : { spelling: address.jid };
    const lists = heldLists === null ? {} : { heldLists };
    turn.write({
      table: 'session',
      jid,
      row: { jid, ...spelling, occupantId: occupant.id, presence, priority, entering, askedNick, joinedAt, ...lists },
    });
  }

  /** Remembers something said that no other row tells, until it is delivered. */
  writeSaying(turn: Turn, saying: Saying): void {
    const row: SayingRow = { rev: this.raise(), what: JSON.stringify(saying) };
    this.sayings.push(row);
    turn.write({ table: 'saying', row });
  }

  /** Sessions whose entry has reached the server are no longer stored as entering. */
  noteArrivals(turn: Turn): void {
    for (const session of this.occupants.arrived(this.deliveredRev)) this.writeSession(turn, session);
  }

  /** Ends one session's rows. */
  dropSession(turn: Turn, session: Session): void {
    this.occupants.detach(session);
    turn.write({ table: 'session', jid: session.jid, row: null });
  }

  /** Ends an occupant and all their sessions. */
  dropOccupant(turn: Turn, occupant: Occupant): void {
    for (const session of [...occupant.sessions]) this.dropSession(turn, session);
    this.occupants.remove(occupant);
    turn.write({ table: 'occupant', id: occupant.id, row: null });
  }

  /** Forgets everything about the room but its counters and unsaid sayings, and `tombstone` until its time (§10.9). */
  end(turn: Turn, tombstone: { readonly json: string; readonly until: Millis } | null = null): void {
    turn.write({ table: 'clear' });
    this.writeRoom(turn, this.ended(tombstone));
    this.forget();
    for (const feature of this.env.features.ended) feature.ended?.(this, turn);
  }

  /** The room is `to` from now on, with all it has. What is left here is its old name, with a tombstone until its time, or none. */
  moveAway(turn: Turn, to: RoomJid, tombstone: { readonly json: string; readonly until: Millis } | null): void {
    const { rev, seq, stamp, used } = this;
    // Seals and ids of the one mean nothing to the other.
    const secret = newSecret(this.env.random);
    // Nor do ids that it has from elsewhere.
    const left: { -readonly [Name in keyof RoomRow]: RoomRow[Name] } = {
      ...(this.row as RoomRow),
      ...this.ended(tombstone),
      secret,
      createdAt: turn.stamp,
    };
    delete left.idScheme;
    delete left.idSalt;
    turn.write({ table: 'rename', to, tombstone: left, counters: { rev, deliveredRev: rev, seq, stamp, used } });
    this.row = left;
    this.forget();
  }

  /** Nobody is in it any more, in memory. */
  empty(): void {
    this.occupants = new Occupants(this.jid);
  }

  private ended(tombstone: { readonly json: string; readonly until: Millis } | null): Partial<RoomRow> {
    return {
      state: 'destroyed',
      listed: false,
      channel: null,
      options: '{}',
      name: '',
      subject: null,
      deadline: tombstone?.until ?? null,
      tombstone: tombstone?.json ?? null,
      keepDays: null,
      keepMessages: null,
      archiveFrom: this.seq,
    };
  }

  /** What an ended room has in memory: nothing. */
  private forget(): void {
    this.features.clear();
    this.kept = 0;
    this.nobodyAway = undefined;
    this.affiliations.clear();
    this.empty();
    this.options = RoomOptions.fromJson('{}', this.env.policy.defaults);
    this.facts = this.env.features.facts(this.options, this.env.policy);
    this.staysFor = undefined;
    this.subject = null;
  }
}
