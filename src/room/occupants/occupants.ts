/** Who is in the room: occupants by occupant-id and nick, their sessions by full JID, and the lists of addresses. */
import { accountKey, type BareJid, type FullJid, type RoomJid } from '../../xmpp/fold';
import { LateMap } from '../late-map';
import { address, type Address, type Outgoing } from '../../xmpp/outgoing';
import { nickKey, type Nick } from '../../xmpp/nick';
import { NS } from '../../xmpp/ns';
import { escapeAttribute } from '../../xmpp/xml';
import type { Language } from '../../words';
import type { Additions, KeptAdditions } from '../contract/additions';
import { Entry, withoutVersion } from './entry';
import { LookAlikes } from './look-alikes';
import type { Affiliation, Role } from '../governing/roles';
import type { Millis, OccupantId, OccupantRow, Rev, SessionRow } from '../contract/rows';
import type { SessionMemo } from '../contract/machine';

/** One connected client of an occupant. */
export interface Session extends SessionMemo {
  /** Full JID, folded. */
  readonly jid: FullJid;
  /** The same in the spelling that the session came in with: stanzas go there. */
  address: Address;
  readonly occupant: Occupant;
  /** Finished XML of the last presence's children, as others see it. */
  presence: string;
  priority: number;
  /** Its entry, until all of it is known to have arrived; then null. */
  entry: Entry | null;
  askedNick: string | null;
  /** As in its row (`SessionRow`). */
  heldLists: string | null;
  /** As its latest presence with an `xml:lang` said, since the room was loaded. */
  language: Language | undefined;
  /** The room's time then. */
  joinedAt: Millis;
}

/** A session that is entering: live stanzas are held for it. */
export type Entering = Session & { entry: Entry };

/** Whether live stanzas are held for the session. */
export function isEntering(session: Session): session is Entering {
  return session.entry !== null && !session.entry.isOut;
}

/** What others are shown of an occupant: the texts made of these values. */
interface ShownPresence {
  readonly content: string;
  readonly jid: FullJid | undefined;
  readonly role: Role;
  readonly affiliation: Affiliation;
  readonly added: Additions | undefined;
  entitled: string | undefined;
  plain: string | undefined;
  moderators: string | undefined;
  groups: Map<string, string> | undefined;
}

/** Somebody in the room, under one nick, with at least one session. */
export interface Occupant {
  readonly id: OccupantId;
  /** Bare JID. */
  readonly jid: BareJid;
  nick: Nick;
  /** The occupant JID: room/nick. */
  from: string;
  role: Role;
  rev: Rev;
  /** Whether the others see the occupant: by the role at the last presence they got (§7.2.2). */
  visible: boolean;
  /** The one others are shown first. */
  sessions: Session[];
  shown: ShownPresence | undefined;
  additions: KeptAdditions | undefined;
}

/** A frozen list of addresses per audience, made anew only after membership has changed. */
export interface Audiences {
  /** Every session that gets live traffic. */
  readonly everyone: readonly Address[];
  readonly moderators: readonly Address[];
  readonly others: readonly Address[];
  /** Sessions still entering; live traffic for them is held. */
  readonly entering: readonly Entering[];
}

/** Whether a groupchat message was archived: then, and only then, it carries the room's stanza-id, and history has it. */
function isArchived(stanza: Outgoing, room: RoomJid): boolean {
  return stanza.rest.includes(`" by="${escapeAttribute(room)}"/>`) && stanza.rest.includes(`<stanza-id xmlns="${NS.stanzaId}"`);
}

/** Where those who are entering are told who has left. */
export interface EnteringAside {
  readonly sessions: readonly Entering[];
  readonly moderators: readonly Address[];
  readonly others: readonly Address[];
}

export class Occupants {
  private readonly byId = new Map<OccupantId, Occupant>();
  private readonly byNick = new Map<string, Occupant>();
  private readonly byLook = new LookAlikes<Occupant>();
  private readonly sessionsByJid = new Map<FullJid, Session>();
  /** Those whose address is not the key of their account, by that key (rule 7). */
  private readonly otherwise = new LateMap<BareJid, readonly Occupant[]>();
  private cached: Audiences | undefined;
  private latest: Audiences = { everyone: [], moderators: [], others: [], entering: [] };
  private nextToken = 1;
  private aside: EnteringAside | undefined;
  /** Sessions whose entry is out and not known to have arrived; undefined: there are none, which each decision that writes asks. */
  private arriving: Set<Session> | undefined;
  /** Rises with each change of a role, and of what a session has of the lists of affiliations: what `audiences` does not tell. */
  changes = 0;

  constructor(private readonly room: RoomJid) {}

  get count(): number {
    return this.byId.size;
  }

  all(): IterableIterator<Occupant> {
    return this.byId.values();
  }

  session(jid: FullJid): Session | undefined {
    return this.sessionsByJid.get(jid);
  }

  withId(id: OccupantId): Occupant | undefined {
    return this.byId.get(id);
  }

  /** Who may be the account of this key under another spelling of it. */
  spelledOtherwise(key: BareJid): readonly Occupant[] {
    return this.otherwise.get(key) ?? [];
  }

  /** By nick, case and width folded (RFC 8266 comparison). */
  withNick(nick: string): Occupant | undefined {
    return this.byNick.get(nickKey(nick));
  }

  /** Somebody else than `id` whose nick looks like this one, or undefined. */
  lookAlike(nick: string, id: OccupantId): Occupant | undefined {
    return this.byLook.find(nick, (occupant) => occupant.id !== id);
  }

  /** Adds an occupant from a row; sessions follow with `attach`. */
  add(row: OccupantRow): Occupant {
    const { id, jid, nick, role, rev } = row;
    // Field by field, with those that come later: all have one form, of which V8 makes another for each object that is spread and then grows.
    const occupant: Occupant = {
      id,
      jid,
      nick,
      from: `${this.room}/${nick}`,
      role,
      rev,
      visible: false,
      sessions: [],
      shown: undefined,
      additions: undefined,
    };
    this.byId.set(row.id, occupant);
    const key = accountKey(row.jid);
    if (key !== row.jid) this.otherwise.set(key, [...this.spelledOtherwise(key), occupant]);
    this.index(occupant);
    return occupant;
  }

  attach(row: SessionRow & { readonly entering: true }, occupant: Occupant): Entering;
  attach(row: SessionRow, occupant: Occupant): Session;
  attach(row: SessionRow, occupant: Occupant): Session {
    const session: Session = {
      jid: row.jid,
      address: address(row.spelling ?? row.jid),
      occupant,
      presence: row.presence,
      priority: row.priority,
      entry: row.entering ? new Entry(this.nextToken++) : null,
      askedNick: row.askedNick,
      heldLists: row.heldLists ?? null,
      joinedAt: row.joinedAt,
      language: undefined,
      account: undefined,
    };
    occupant.sessions.push(session);
    this.order(occupant);
    this.sessionsByJid.set(row.jid, session);
    this.cached = undefined;
    return session;
  }

  detach(session: Session): void {
    session.occupant.sessions = session.occupant.sessions.filter((other) => other !== session);
    this.sessionsByJid.delete(session.jid);
    this.hasArrived(session);
    this.cached = undefined;
  }

  /** Removes an occupant with all remaining sessions. */
  remove(occupant: Occupant): void {
    for (const session of occupant.sessions) {
      this.sessionsByJid.delete(session.jid);
      this.hasArrived(session);
    }
    occupant.sessions = [];
    this.byId.delete(occupant.id);
    const key = accountKey(occupant.jid);
    const rest = key === occupant.jid ? [] : this.spelledOtherwise(key).filter((other) => other !== occupant);
    if (rest.length > 0) this.otherwise.set(key, rest);
    else this.otherwise.delete(key);
    this.unindex(occupant);
    this.cached = undefined;
  }

  rename(occupant: Occupant, nick: Nick): void {
    this.unindex(occupant);
    occupant.nick = nick;
    occupant.from = `${this.room}/${nick}`;
    this.index(occupant);
  }

  private index(occupant: Occupant): void {
    this.byNick.set(nickKey(occupant.nick), occupant);
    this.byLook.add(occupant.nick, occupant);
  }

  private unindex(occupant: Occupant): void {
    this.byNick.delete(nickKey(occupant.nick));
    this.byLook.remove(occupant.nick, occupant);
  }

  setRole(occupant: Occupant, role: Role): void {
    // The lists know moderators from others, and no more: a thousand who get their voice at once share them.
    if ((occupant.role === 'moderator') !== (role === 'moderator')) this.cached = undefined;
    occupant.role = role;
    this.changes++;
  }

  /** What a session has of the lists of affiliations from now on. */
  holdLists(session: Session, lists: string | null): void {
    session.heldLists = lists;
    this.changes++;
  }

  /**
   * A session starts a new entry: a later answer to the former one is told by the token. What was held for the former one and is
   * told again by roster and history is dropped; what stands nowhere else, such as a private message, stays held.
   */
  enterAgain(session: Session): Entering {
    const kept = (session.entry?.messages() ?? []).filter((stanza) => !isArchived(stanza, this.room)).map(withoutVersion);
    this.hasArrived(session);
    // The lists know who enters, and not which entry it is.
    if (!isEntering(session)) this.cached = undefined;
    return Object.assign(session, { entry: new Entry(this.nextToken++, kept) });
  }

  /** History and subject are out, at that rev of the room: the session gets live traffic from now on. */
  goLive(session: Entering, rev: Rev): void {
    session.entry.out(rev);
    (this.arriving ??= new Set()).add(session);
    this.cached = undefined;
  }

  /** Things are said again: until `noMoreAside` nothing is held for those who are entering, since their entries will begin anew. */
  setEnteringAside(): EnteringAside {
    this.aside = undefined;
    const sessions = this.audiences.entering;
    const addresses = (moderators: boolean): Address[] =>
      sessions.filter(({ occupant }) => (occupant.role === 'moderator') === moderators).map((session) => session.address);
    this.aside = { sessions, moderators: addresses(true), others: addresses(false) };
    this.cached = undefined;
    return this.aside;
  }

  noMoreAside(): void {
    if (this.aside) this.cached = undefined;
    this.aside = undefined;
  }

  /** Whether nothing is held for those who are entering. */
  get isEnteringAside(): boolean {
    return this.aside !== undefined;
  }

  /** Ends the entries that are known to have arrived when everything up to `rev` has; returns their sessions. */
  arrived(rev: Rev): readonly Session[] {
    if (!this.arriving) return [];
    const done = [...this.arriving].filter(({ entry }) => (entry?.outRev ?? 0) <= rev);
    for (const session of done) {
      session.entry = null;
      this.hasArrived(session);
    }
    return done;
  }

  private hasArrived(session: Session): void {
    this.arriving?.delete(session);
    if (this.arriving?.size === 0) this.arriving = undefined;
  }

  /** Sessions whose entry went out above that rev: it may not have arrived. */
  outAbove(rev: Rev): readonly Session[] {
    return [...(this.arriving ?? [])].filter(({ entry }) => (entry?.outRev ?? 0) > rev);
  }

  /** What happened after this rev may be held for somebody whose entry was not all out at `rev`. Infinity: nothing is. */
  heldFrom(rev: Rev): Rev {
    let from = Infinity;
    for (const { entry } of this.aside?.sessions ?? this.audiences.entering) from = Math.min(from, entry.beganRev);
    for (const { entry } of this.outAbove(rev)) from = Math.min(from, entry?.beganRev ?? Infinity);
    return from;
  }

  /** Puts the session that others are shown first: highest priority, the first to come of equals. The same for the same rows. */
  order(occupant: Occupant): void {
    occupant.sessions = [...occupant.sessions].sort(
      (a, b) => b.priority - a.priority || a.joinedAt - b.joinedAt || (a.jid < b.jid ? -1 : 1),
    );
  }

  get audiences(): Audiences {
    if (this.cached) return this.cached;
    const everyone: Address[] = [];
    const moderators: Address[] = [];
    const others: Address[] = [];
    const entering: Entering[] = [];
    for (const occupant of this.byId.values()) {
      const rest = occupant.role === 'moderator' ? moderators : others;
      for (const session of occupant.sessions) {
        if (isEntering(session)) {
          entering.push(session);
          continue;
        }
        everyone.push(session.address);
        rest.push(session.address);
      }
    }
    const { latest } = this;
    this.cached = this.latest = {
      everyone: same(latest.everyone, everyone),
      moderators: same(latest.moderators, moderators),
      others: same(latest.others, others),
      entering: this.aside ? [] : entering,
    };
    return this.cached;
  }
}

/** The former list if the new one is no different: who only enters changes none, and what waits to be written shares it. */
function same(former: readonly Address[], list: readonly Address[]): readonly Address[] {
  // A copy has no room to grow, of which `push` leaves that of 17.
  return former.length === list.length && former.every((one, i) => one === list[i]) ? former : list.slice();
}
