/** What a room is given from outside: randomness, the operator's rules that concern every room, and its features. */
import type { BareJid, Domain } from '../../xmpp/fold';
import type { KeptToo } from '../talking/archivable';
import type { CreationLimit } from './rows';

/** Source of random bytes, handed in so that the same inputs give the same outputs. */
export interface Random {
  /** `count` bytes, to be used at once: the next call may overwrite them. */
  bytes(count: number): Uint8Array;
}

/** The operator's rules. */
export interface Policy {
  /** Who may create this room: undefined if they may, else a sentence why not. */
  mayCreate(bareJid: BareJid): boolean;
  /** Whether a name without a dot is a domain that the configuration names, or that somebody was seen on. */
  knowsDomain?(domain: BareJid): boolean;
  /** Service admins act as owners everywhere (XEP-0045 §5.2: "service-wide administrators"). */
  isServiceAdmin(bareJid: BareJid): boolean;
  /** Whether a domain is the server's own: its accounts are exempt from shares by domain. Not given: every domain counts as the server's own. */
  isLocal?(domain: Domain): boolean;
  /** Configuration of a room that nobody configured, by form field; overrides the features' own defaults. */
  readonly defaults: ReadonlyMap<string, readonly string[]>;
  readonly limits: RoomLimits;
  readonly creation: CreationLimit;
  readonly kept: KeptToo;
  readonly rooms: RoomRules;
  /** Without it as the configuration has it by default. */
  readonly wakeUps?: WakeUpRules;
}

/** What wakes those who are away, unless the room or they themselves say otherwise, and how often. */
export interface WakeUpRules {
  readonly default: 'auto' | 'all' | 'mentions' | 'nothing';
  readonly intervalSeconds: number;
}

/** What the operator chose of how rooms speak and whom they let in. */
interface RoomRules {
  /** Whether each status code carries its condition of XEP-0306. */
  readonly conditions: boolean;
  /** Whether owners need the password of their own rooms, as §7.2.5 says. */
  readonly ownersNeedPassword: boolean;
  /** Whether the room's avatar is also told by presence from the room's own JID (XEP-0153). */
  readonly avatarPresence: boolean;
  /** Whether whom those who run the service add finds the room among their bookmarks, where their server allows that (XEP-0402, XEP-0356). */
  readonly bookmarks?: boolean;
}

export interface RoomLimits {
  /** Upper bound of `muc#maxhistoryfetch` and of what a joiner may ask for. */
  readonly history: number;
  /** Longest nickname, in Unicode code points. */
  readonly nick: number;
  /** Longest subject, name and description, in code points. */
  readonly subject: number;
  readonly name: number;
  readonly description: number;
  /** Rows of each affiliation. */
  readonly affiliationsPerRoom: number;
  /** Longest list in one answer, in bytes of XML. */
  readonly listBytes: number;
  /** Most that a client adds to a presence, in bytes of XML. */
  readonly presenceBytes: number;
  /** Upper bound of `muc#roomconfig_maxusers`. */
  readonly occupants: number;
  /** Live stanzas kept for somebody still entering. */
  readonly heldForEntering: number;
  /** Days for which a destroyed persistent room is remembered; 0: not at all. */
  readonly destroyedDays: number;
  /** Minutes after which a room that its creator has not configured is given up. */
  readonly lockedMinutes: number;
  /** Largest vCard of a room, in bytes of XML. */
  readonly vcardBytes: number;
  /** Most archived messages in one answer (XEP-0313 §4.3.1). */
  readonly archivePage: number;
  /** Largest stanza, in bytes of XML: an archived message that would be larger once it is wrapped goes without its content. */
  readonly stanzaBytes: number;
  /** Registrations, invitations, voice requests and held messages of one room that wait, of each kind. */
  readonly waiting: number;
}

/** How much is said again in one decision. */
export interface Slices {
  /** Messages that are read at once, and bytes of their contents. */
  readonly messages: number;
  readonly bytes: number;
  /** Stanzas that are said in one decision, and sessions that begin to enter. */
  readonly things: number;
}

/** What every room of the service shares. Its features are declared where they are a set (`feature-set.ts`), which knows the room. */
export interface RoomEnv {
  readonly random: Random;
  readonly policy: Policy;
  /** How much is said again in one decision; without it what `saying-again.ts` states. */
  readonly slices?: Slices;
}
