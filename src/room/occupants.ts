/** Who is in the room: occupants by occupant-id and nick, their sessions by full JID, and the lists of addresses. */
import { address, type Address, type Outgoing } from '../xmpp/outgoing';
import { nickKey } from '../xmpp/nick';
import { NS } from '../xmpp/ns';
import { escapeAttribute } from '../xmpp/xml';
import { LookAlikes } from './look-alikes';
import type { Affiliation, Role } from './roles';
import type { Millis, OccupantRow, SessionRow } from './rows';

/** One connected client of an occupant. */
export interface Session {
  /** Full JID, folded. */
  readonly jid: string;
  /** The same in the spelling that the session came in with: stanzas go there. */
  address: Address;
  readonly occupant: Occupant;
  /** Finished XML of the last presence's children, as others see it. */
  presence: string;
  priority: number;
  /** Live stanzas kept back until history and subject are out (§7.1); null once they are. */
  held: Outgoing[] | null;
  /** Tells this entry from a later one of the same full JID. */
  token: number;
  askedNick: string | null;
  readonly joinedAt: Millis;
  /** He has not been told yet who is there: that waits for his turn. */
  roster: RosterDue | null;
  /** The room's rev when this entry began: what happened since was held for him. 0: when the room was loaded, or before. */
  beganRev: number;
  /** The room's rev when history and subject went out; undefined while the stored row says so already. */
  enteredRev?: number | undefined;
}

/** What the own presence says that ends a roster, and whether an earlier roster may have reached him in part. */
export interface RosterDue {
  readonly codes: readonly number[];
  readonly id: string | undefined;
  readonly seen: boolean;
}

/** What others are shown of an occupant: the texts made of these values. */
export interface ShownPresence {
  readonly content: string;
  readonly jid: string | undefined;
  readonly role: Role;
  readonly affiliation: Affiliation;
  entitled?: string;
  plain?: string;
}

/** Somebody in the room, under one nick, with at least one session. */
export interface Occupant {
  readonly id: string;
  /** Bare JID. */
  readonly jid: string;
  nick: string;
  /** The occupant JID: room/nick. */
  from: string;
  role: Role;
  rev: number;
  /** Whether the others see him: his was a role they see when they last heard of him (§7.2.2). */
  visible: boolean;
  /** The one others are shown first. */
  sessions: Session[];
  shown?: ShownPresence;
}

/** A frozen list of addresses per audience, made anew only after membership has changed. */
export interface Audiences {
  /** Every session that gets live traffic. */
  readonly everyone: readonly Address[];
  readonly moderators: readonly Address[];
  readonly others: readonly Address[];
  /** Sessions still entering; live traffic for them is held. */
  readonly entering: readonly Session[];
}

/** Whether a groupchat message was archived: then, and only then, it carries the room's stanza-id, and history has it. */
function isArchived(stanza: Outgoing, room: string): boolean {
  return stanza.rest.includes(`" by="${escapeAttribute(room)}"/>`) && stanza.rest.includes(`<stanza-id xmlns="${NS.stanzaId}"`);
}

export class Occupants {
  private readonly byId = new Map<string, Occupant>();
  private readonly byNick = new Map<string, Occupant>();
  private readonly byLook = new LookAlikes<Occupant>();
  private readonly sessionsByJid = new Map<string, Session>();
  private cached: Audiences | undefined;
  private latest: Audiences = { everyone: [], moderators: [], others: [], entering: [] };
  private nextToken = 1;

  constructor(private readonly room: string) {}

  get count(): number {
    return this.byId.size;
  }

  all(): IterableIterator<Occupant> {
    return this.byId.values();
  }

  session(jid: string): Session | undefined {
    return this.sessionsByJid.get(jid);
  }

  withId(id: string): Occupant | undefined {
    return this.byId.get(id);
  }

  /** By nick, case and width folded (RFC 8266 comparison). */
  withNick(nick: string): Occupant | undefined {
    return this.byNick.get(nickKey(nick));
  }

  /** Somebody else than `id` whose nick looks like this one, or undefined. */
  lookAlike(nick: string, id: string): Occupant | undefined {
    return this.byLook.find(nick, (occupant) => occupant.id !== id);
  }

  /** Adds an occupant from his row; sessions follow with `attach`. */
  add(row: OccupantRow): Occupant {
    const occupant: Occupant = { ...row, from: `${this.room}/${row.nick}`, visible: false, sessions: [] };
    this.byId.set(row.id, occupant);
    this.index(occupant);
    return occupant;
  }

  attach(row: SessionRow, occupant: Occupant): Session {
    const session: Session = {
      jid: row.jid,
      address: address(row.spelling ?? row.jid),
      occupant,
      presence: row.presence,
      priority: row.priority,
      held: row.entering ? [] : null,
      token: this.nextToken++,
      askedNick: row.askedNick,
      joinedAt: row.joinedAt,
      roster: null,
      beganRev: 0,
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
    this.cached = undefined;
  }

  /** Removes an occupant with whatever sessions he has left. */
  remove(occupant: Occupant): void {
    for (const session of occupant.sessions) this.sessionsByJid.delete(session.jid);
    occupant.sessions = [];
    this.byId.delete(occupant.id);
    this.unindex(occupant);
    this.cached = undefined;
  }

  rename(occupant: Occupant, nick: string): void {
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
    occupant.role = role;
    this.cached = undefined;
  }

  /**
   * A session starts a new entry: a later answer to the former one is told by the token. What was held for the former one and is
   * told again by roster and history is dropped; what stands nowhere else, such as a private message, stays held.
   */
  enterAgain(session: Session): void {
    session.held = (session.held ?? []).filter((stanza) => stanza.name === 'message' && !isArchived(stanza, this.room));
    session.roster = null;
    session.token = this.nextToken++;
    this.cached = undefined;
  }

  /** History and subject are out: the session gets live traffic from now on. */
  goLive(session: Session): void {
    session.held = null;
    session.roster = null;
    this.cached = undefined;
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
    const entering: Session[] = [];
    for (const occupant of this.byId.values()) {
      const rest = occupant.role === 'moderator' ? moderators : others;
      for (const session of occupant.sessions) {
        if (session.held) {
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
      entering,
    };
    return this.cached;
  }
}

/** The former list if the new one is no different: who only enters changes none, and what waits to be written shares it. */
function same(former: readonly Address[], list: readonly Address[]): readonly Address[] {
  return former.length === list.length && former.every((one, i) => one === list[i]) ? former : list;
}
