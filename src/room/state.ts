/** The state of one room, and the small steps that change it together with the rows that remember it. */
import type { BareJid, FullJid, RoomJid } from '../xmpp/fold';
import { bareOf } from '../xmpp/jid';
import { Checks } from './checks';
import { AffiliationLists } from './governing/affiliation-lists';
import {
  endedRow,
  formerRow,
  type Remains,
  type Burying,
  type AffiliationRow,
  type CreationLimit,
  type MessageRow,
  type Millis,
  type OccupantId,
  type Rev,
  type StanzaId,
  type RoomRow,
  type RoomRows,
  type SayingRow,
  type Subject,
} from './contract/rows';
import type { RoomEnv } from './contract/env';
import type { Facts } from './contract/facts';
import { KeptValues } from './contract/feature-values';
import { newSecret, occupantId } from './talking/ids';
import { messageEnd } from './talking/message-xml';
import { LateMap } from './late-map';
import { RoomTimes } from './room-times';
import { Occupants, type Occupant, type Session } from './occupants/occupants';
import type { ReadMessages } from './contract/machine';
import { Memory } from './contract/memory';
import { RoomOptions } from './contract/options';
import { isAdmin, type Affiliation, type Role } from './governing/roles';
import type { Saying } from './contract/saying';
import type { Turn } from './turn';

/** An attempt to say again what may not have arrived, and how far it has come (`talking/saying-again.ts`). */
export interface Attempt {
  readonly token: number;
  joining: ReadonlySet<FullJid>;
  read(rows: readonly MessageRow[]): void;
  goOn(turn: Turn): boolean;
  readonly next: ReadMessages;
}

/** The stored time of use is at most so old, in ms, while the room is used in ways that write nothing. */
const USED_UNSAVED_MS = 3_600_000;

export class RoomState {
  occupants: Occupants;
  rev: Rev = 0;
  deliveredRev: Rev = 0;
  seq = 0;
  /** Its times; `stamp` and `time` are said there. */
  private readonly times = new RoomTimes();
  /** When somebody last entered or spoke; 0: nobody has since the room was made. And what of that was written for its own sake. */
  used: Millis = 0;
  private usedSaved: Millis = 0;
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
  /** The rules by which people were told the room's capabilities, or would be told the same (`room-presence.ts`). */
  capsOf: RoomEnv['features'] | undefined;
  /** What its features keep. */
  readonly kept = new KeptValues();
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
    this.times.load(rows.counters.stamp);
    this.used = this.usedSaved = rows.counters.used;
    this.sayings = [...rows.sayings];
    if (!this.exists) return;
    this.options = RoomOptions.fromJson(rows.room.options, this.env.policy.defaults);
    this.facts = this.env.features.facts(this.options, this.env.policy);
    this.subject = rows.room.subject === null ? null : (JSON.parse(rows.room.subject) as Subject);
    for (const { feature, key, value } of rows.features) this.kept.keep(feature, key, value);
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

  /** The room's time: that of the latest decision, or of the latest message where that is ahead. */
  get stamp(): Millis {
    return this.times.stamp;
  }

  /** The time of the running decision; unlike `stamp` it is the clock's again when that was once ahead. */
  get time(): Millis {
    return this.times.time;
  }

  /** The room's time for a decision at `now` by the clock (`room-times.ts`). */
  timeAt(now: Millis): Millis {
    if (this.times.begin(now)) this.rescheduling = true;
    return this.times.time;
  }

  /** The time of the next archived message. */
  nextStamp(turn: Turn): Millis {
    const before = this.times.stamp;
    const next = this.times.next(turn.now, turn.stamp);
    if (next < before) this.amendJoins(turn, next);
    return next;
  }

  /** The clock was set back: who came in by its former time came before the message that is being said, and after a crash is told it. Times that become equal are ordered as when the room is loaded. */
  private amendJoins(turn: Turn, saidAt: Millis): void {
    for (const occupant of this.occupants.all()) {
      const late = occupant.sessions.filter(({ joinedAt }) => joinedAt >= saidAt).sort((a, b) => a.joinedAt - b.joinedAt);
      // In the order in which they came.
      late.forEach((session, i) => {
        session.joinedAt = saidAt - late.length + i;
        this.writeSession(turn, session);
      });
      if (late.length > 0) this.occupants.order(occupant);
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

  /** Sets or (null) removes a value that a feature keeps. What nobody has declared cannot be kept: nothing would erase it. */
  setFeatureValue(turn: Turn, feature: string, key: string, value: string | null): void {
    if (value !== null && !this.env.features.rows.has(feature)) throw new Error(`The rows "${feature}" are not declared`);
    if (value === null && this.kept.textsOf(feature)?.has(key) !== true) return;
    this.kept.keep(feature, key, value);
    this.nobodyAway = undefined;
    this.rescheduling = true;
    turn.write({ table: 'feature', feature, key, value });
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

  /** Forgets everything about the room but its counters and unsaid sayings, and `remains` until their time (§10.9). */
  end(turn: Turn, remains: Remains | null = null): void {
    turn.write({ table: 'clear' });
    this.writeRoom(turn, endedRow(this.seq, remains));
    this.forget();
    for (const feature of this.env.features.ended) feature.ended?.(this, turn);
  }

  /** The room is `to` from now on, with all it has. What is left here is its old name, with `remains` until their time, or none. */
  moveAway(turn: Turn, to: RoomJid, remains: Remains | null): void {
    const { rev, seq, stamp, used } = this;
    const left = formerRow(this.row as RoomRow, endedRow(seq, remains), newSecret(this.env.random), turn.stamp);
    turn.write({ table: 'rename', to, tombstone: left, counters: { rev, deliveredRev: rev, seq, stamp, used } });
    this.row = left;
    this.forget();
  }

  /** Nobody is in it any more, in memory. */
  empty(): void {
    this.occupants = new Occupants(this.jid);
  }

  /** What an ended room has in memory: nothing. */
  private forget(): void {
    this.kept.clear();
    this.nobodyAway = undefined;
    this.affiliations.clear();
    this.empty();
    this.options = RoomOptions.fromJson('{}', this.env.policy.defaults);
    this.facts = this.env.features.facts(this.options, this.env.policy);
    this.staysFor = undefined;
    this.subject = null;
  }
}
