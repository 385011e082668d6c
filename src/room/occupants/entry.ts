/**
 * One session's entry (§7.1): who is there, its own presence, history, subject, what was held meanwhile. Then it is *out*: the session gets live
 * traffic, and is stored as entering until all of it is known to have arrived, so that a crash in between gives it again.
 */
import { NS } from '../../xmpp/ns';
import type { Address, Outgoing } from '../../xmpp/outgoing';
import type { Rev } from '../contract/rows';
import type { Missed } from '../talking/missed';
import { saysStatus, STATUS, type StatusCode } from './status';

/** What the own presence says that ends a roster, and whether an earlier roster may have reached the session in part. */
export interface RosterDue {
  readonly codes: readonly StatusCode[];
  readonly id: string | undefined;
  readonly seen: boolean;
  /** The client asks for the lists of affiliations (XEP-0463), if it does. */
  readonly asked?: ListQuestion | undefined;
}

/** Which version of the lists a client has; undefined: none. */
export interface ListQuestion {
  readonly since: string | undefined;
}

/** The bounds of what is held. */
export interface HeldBounds {
  /** Messages. */
  readonly messages: number;
  /** Those in the room: of presence, the latest from each address is enough. */
  readonly occupants: number;
}

export class Entry {
  private held: Outgoing[];
  /** What was said before that, and from which place on it is for this session. */
  private owed: { readonly missed: Missed; readonly from: number } | undefined;
  private due: RosterDue | null = null;
  private began = 0;
  private outAt: number | undefined;

  /**
   * @param token tells this entry from another of the same full JID: an answer for an earlier one is void.
   * @param held what an earlier entry of the session held and nothing else tells.
   */
  constructor(
    readonly token: number,
    held: readonly Outgoing[] = [],
  ) {
    this.held = [...held];
  }

  /** The room's rev when it began: what happened since was held. 0: when the room was loaded, or before. */
  get beganRev(): Rev {
    return this.began;
  }

  /** Not told yet who is there: that waits for its turn. */
  get rosterDue(): RosterDue | null {
    return this.due;
  }

  /** The room's rev when history and subject went out; undefined while live stanzas are held for it. */
  get outRev(): number | undefined {
    return this.outAt;
  }

  get isOut(): boolean {
    return this.outAt !== undefined;
  }

  /** It begins at that rev of the room; `due`: the roster waits for its turn. */
  begin(rev: Rev, due: RosterDue | null): void {
    this.began = rev;
    this.due = due;
  }

  /** Keeps a live stanza. False: it is more than the bounds allow, and the history is to be given up. */
  hold(stanza: Outgoing, { messages, occupants }: HeldBounds): boolean {
    const { due, held } = this;
    // The roster that is due tells who is there; of those who were there only that they left, if the session may have been shown them.
    if (due && stanza.name === 'presence' && !(due.seen && isDeparture(stanza))) return true;
    held.push(stanza);
    if (held.length <= messages) return true;
    // Presence is bounded by those who are there, and does not cost anybody their history.
    if (stanza.name === 'presence' && held.length <= 2 * (messages + occupants)) return true;
    const presences = new Map(held.filter(({ name }) => name === 'presence').map((one) => [one.from, one]));
    // The session's own change of nick says who it is from then on, whoever has the former nick now.
    this.held = held.filter(
      (one) => one.name !== 'presence' || presences.get(one.from) === one || isOwnDeparture(one) || tellsVersion(one),
    );
    const waiting = this.held.filter(({ name }) => name === 'message').length;
    return waiting <= messages && this.held.length <= 2 * (messages + occupants);
  }

  /** Who has left since it began: an entry that begins anew was shown them, and the new roster is silent about them. */
  departures(): readonly Outgoing[] {
    return this.held.filter(isDeparture);
  }

  /** What is held of messages; presence stands in the roster. */
  messages(): readonly Outgoing[] {
    return this.held.filter(({ name }) => name === 'message');
  }

  /** Everything that is held, in order. */
  everything(): readonly Outgoing[] {
    return this.held;
  }

  /** Nothing of what was held is told. */
  holdNothing(): void {
    this.held = [];
    this.owed = undefined;
  }

  /** From that place on, all of the list comes before what is held: others share it. */
  owe(missed: Missed, from: number): void {
    this.owed = { missed, from };
  }

  /** The list that it shares with others, if there is one. */
  get missed(): Missed | undefined {
    return this.owed?.missed;
  }

  /** What the session has missed, for its address. */
  *missedBy(to: readonly Address[]): Generator<Outgoing> {
    if (!this.owed) return;
    for (const stanza of this.owed.missed.from(this.owed.from)) yield { ...stanza, to };
  }

  /** What is held with one of these texts has the other from now on. */
  rewrite(texts: ReadonlyMap<string, string>): void {
    this.held.forEach((stanza, i) => {
      const rest = stanza.name === 'message' ? texts.get(stanza.rest) : undefined;
      if (rest !== undefined) this.held[i] = { ...stanza, rest };
    });
  }

  /** What was held has been said at that rev of the room; live traffic follows. */
  out(rev: Rev): void {
    this.holdNothing();
    this.due = null;
    this.outAt = rev;
  }
}

/** It tells which version the lists of affiliations have from then on (XEP-0463): each is the beginning of the next. */
const tellsVersion = ({ rest }: Outgoing): boolean => rest.includes(`<mav xmlns="${NS.listVersions}"`);

/** The same without that version: a list that is told before it has the change already. */
export const withoutVersion = (stanza: Outgoing): Outgoing =>
  tellsVersion(stanza) ? { ...stanza, rest: stanza.rest.replace(VERSION, '') } : stanza;

/** As the room writes it; clients cannot say it (`talking/room-only.ts`). */
const VERSION = new RegExp(`<mav xmlns="${NS.listVersions}"[^>]*/>`);

/** One's own presence carries 110 (§7.6). */
const isOwnDeparture = (stanza: Outgoing): boolean => isDeparture(stanza) && saysStatus(stanza.rest, STATUS.selfPresence);

const isDeparture = (stanza: Outgoing): boolean => stanza.name === 'presence' && stanza.rest.startsWith(' type="unavailable"');
