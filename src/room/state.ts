/** The state of one room, and the small steps that change it together with the rows that remember it. */
import { bareOf, domainOf } from '../xmpp/jid';
import type { Policy, Random } from './env';
import type { Facts, FeatureSet } from './feature';
import { occupantId } from './ids';
import { Occupants, type Occupant, type Session } from './occupants';
import { RoomOptions } from './options';
import type { Affiliation, Role } from './roles';
import type { AffiliationRow, CreationLimit, RoomRow, RoomRows, SayingRow } from './rows';
import type { Subject } from './subject';
import type { Saying } from './say-again';
import type { Turn } from './turn';
import { nickKey } from '../xmpp/nick';

/** What every room of the service shares. */
export interface RoomEnv {
  readonly random: Random;
  readonly policy: Policy;
  readonly features: FeatureSet;
}

export class RoomState {
  occupants: Occupants;
  rev = 0;
  deliveredRev = 0;
  seq = 0;
  stamp = 0;
  /** The room's own row; undefined before it was ever created. */
  row: RoomRow | undefined;
  options: RoomOptions;
  facts: Facts;
  subject: Subject | null = null;
  sayings: SayingRow[] = [];
  /** Sessions whose stored row still says `entering` although they are live. */
  settled: Session[] = [];
  private affiliations = new Map<string, AffiliationRow>();
  private reserved = new Map<string, AffiliationRow>();

  constructor(
    readonly jid: string,
    readonly env: RoomEnv,
    rows: RoomRows | null,
  ) {
    this.occupants = new Occupants(jid);
    this.options = new RoomOptions(new Map(), env.policy.defaults);
    this.facts = env.features.facts(this.options, env.policy);
    if (rows) this.load(rows);
  }

  private load(rows: RoomRows): void {
    this.row = rows.room;
    this.rev = rows.counters.rev;
    this.deliveredRev = rows.counters.deliveredRev;
    this.seq = rows.counters.seq;
    this.stamp = rows.counters.stamp;
    this.sayings = [...rows.sayings];
    if (!this.exists) return;
    this.options = RoomOptions.fromJson(rows.room.options, this.env.policy.defaults);
    this.facts = this.env.features.facts(this.options, this.env.policy);
    this.subject = rows.room.subject === null ? null : (JSON.parse(rows.room.subject) as Subject);
    for (const row of rows.affiliations) this.remember(row);
    for (const row of rows.occupants) this.occupants.add(row);
    for (const row of rows.sessions) {
      const occupant = this.occupants.withId(row.occupantId);
      if (occupant) this.occupants.attach(row, occupant);
    }
  }

  /** Whether there is a room, locked or open. */
  get exists(): boolean {
    return this.row !== undefined && this.row.state !== 'destroyed';
  }

  get locked(): boolean {
    return this.row?.state === 'locked';
  }

  /** The affiliation in force for a bare JID: its own, else its domain's (§9.2); service admins stand as owners. */
  affiliationOf(jid: string): Affiliation {
    const bare = bareOf(jid);
    if (this.env.policy.isServiceAdmin(bare)) return 'owner';
    return (this.affiliations.get(bare) ?? this.affiliations.get(domainOf(bare)))?.affiliation ?? 'none';
  }

  /** The row of exactly this bare JID or domain. */
  affiliationRow(jid: string): AffiliationRow | undefined {
    return this.affiliations.get(jid);
  }

  affiliationRows(): IterableIterator<AffiliationRow> {
    return this.affiliations.values();
  }

  /** Who reserved a nick, if anybody did (§7.10). */
  holderOf(nick: string): AffiliationRow | undefined {
    return this.reserved.get(nickKey(nick));
  }

  private remember(row: AffiliationRow): void {
    this.affiliations.set(row.jid, row);
    if (row.nick !== null) this.reserved.set(nickKey(row.nick), row);
  }

  /** Sets or (null) removes an affiliation. */
  setAffiliation(turn: Turn, jid: string, row: AffiliationRow | null): void {
    const before = this.affiliations.get(jid);
    if (before?.nick != null) this.reserved.delete(nickKey(before.nick));
    if (row) this.remember(row);
    else this.affiliations.delete(jid);
    turn.write({ table: 'affiliation', jid, row });
  }

  /** The role an affiliation brings (§5.1.2). */
  roleFor(affiliation: Affiliation): Role {
    if (affiliation === 'outcast') return 'none';
    if (affiliation === 'owner' || affiliation === 'admin') return 'moderator';
    if (affiliation === 'member') return 'participant';
    return this.facts.moderated ? 'visitor' : 'participant';
  }

  /** Whether somebody in that role may see real JIDs (§4.2, §14.5). */
  seesJids(role: Role): boolean {
    return role === 'moderator' || this.facts.jidsVisible;
  }

  idOf(bareJid: string): string {
    return occupantId((this.row as RoomRow).secret, bareJid);
  }

  /** Something that others see happens now: the room's rev goes up. */
  raise(): number {
    return ++this.rev;
  }

  writeRoom(turn: Turn, change: Partial<RoomRow>, create?: CreationLimit): void {
    this.row = { ...(this.row as RoomRow), ...change };
    turn.write({ table: 'room', row: this.row, ...(create ? { create } : {}) });
  }

  setOptions(turn: Turn, options: RoomOptions): void {
    this.options = options;
    this.facts = this.env.features.facts(options, this.env.policy);
    this.writeRoom(turn, { options: options.toJson(), name: this.facts.name, listed: this.facts.listed });
  }

  /** Others have seen this occupant change: he carries the new rev. */
  writeOccupant(turn: Turn, occupant: Occupant): void {
    occupant.rev = this.raise();
    const { id, jid, nick, role, rev } = occupant;
    turn.write({ table: 'occupant', id, row: { id, jid, nick, role, rev } });
  }

  /** Stored as entering until history and subject are known to be delivered, so that a crash in between gives them again. */
  writeSession(turn: Turn, session: Session): void {
    const entering = session.held !== null || this.settled.includes(session);
    const { address, occupant, presence, priority, askedNick, joinedAt } = session;
    turn.write({
      table: 'session',
      jid: address.jid,
      row: { jid: address.jid, occupantId: occupant.id, presence, priority, entering, askedNick, joinedAt },
    });
  }

  /** Remembers something said that no other row tells, until it is delivered. */
  writeSaying(turn: Turn, saying: Saying): void {
    const row: SayingRow = { rev: this.raise(), what: JSON.stringify(saying) };
    this.sayings.push(row);
    turn.write({ table: 'saying', row });
  }

  /** Sessions whose history has reached the server are no longer stored as entering. */
  settle(turn: Turn): void {
    const done = this.settled.filter((session) => (session.enteredRev ?? 0) <= this.deliveredRev);
    if (done.length === 0) return;
    this.settled = this.settled.filter((session) => !done.includes(session));
    for (const session of done) this.writeSession(turn, session);
  }

  /** Ends one session's rows. */
  dropSession(turn: Turn, session: Session): void {
    this.occupants.detach(session);
    this.settled = this.settled.filter((other) => other !== session);
    turn.write({ table: 'session', jid: session.address.jid, row: null });
  }

  /** Ends an occupant and all his sessions. */
  dropOccupant(turn: Turn, occupant: Occupant): void {
    for (const session of [...occupant.sessions]) this.dropSession(turn, session);
    this.occupants.remove(occupant);
    turn.write({ table: 'occupant', id: occupant.id, row: null });
  }

  /** Forgets everything about the room but its counters and unsaid sayings (§10.9). */
  end(turn: Turn): void {
    turn.write({ table: 'clear' });
    this.writeRoom(turn, {
      state: 'destroyed',
      listed: false,
      options: '{}',
      name: '',
      subject: null,
      deadline: null,
      archiveFrom: this.seq,
    });
    this.affiliations.clear();
    this.reserved.clear();
    this.settled = [];
    this.occupants = new Occupants(this.jid);
    this.options = new RoomOptions(new Map(), this.env.policy.defaults);
    this.facts = this.env.features.facts(this.options, this.env.policy);
    this.subject = null;
  }
}
