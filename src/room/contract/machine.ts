/** The contract between a room and whoever runs it: inputs go in with the time, decisions come out. No I/O on either side. */
import type { Nick } from '../../xmpp/nick';
import type { LateMap } from '../late-map';
import type { Language, Text } from '../../words';
import type { Asked, CheckAnswers } from '../checks';
import type { By } from './audit';
import type { BareJid, FullJid, RoomJid } from '../../xmpp/fold';
import type { Element } from '../../xmpp/xml';
import type { Outgoing } from '../../xmpp/outgoing';
import type { Burying, Change, Counters, MessageRow, Millis, Rev, StanzaId } from './rows';
import type { ArchiveAnswer, ArchiveQuery } from './archive-query';
import type { Command, CommandOutcome } from './commands';
import type { Condition, StanzaError } from '../../xmpp/stanza-error';

/** What cannot be refused is decided again when its decision could not be committed. */
interface Repeatable {
  /** For whoever runs rooms: how often that was. */
  failures?: number;
}

/** A stanza sent to the room or to one of its occupants. */
export interface StanzaInput extends Repeatable {
  readonly kind: 'stanza';
  readonly stanza: Element;
  /** The sender, folded: full JID, or bare for servers and components. The stanza has the spelling, which is answered. */
  readonly from: FullJid;
  /** The nickname addressed, or '' for the room itself. */
  readonly nick: string;
  /** Answers to checks that it has waited for; it was charged for before. */
  readonly answers?: CheckAnswers;
  /** What its account was charged for already; for whoever runs rooms. */
  readonly paid?: string;
  /** Bytes of memory that the stanza takes while it waits; for whoever runs rooms. */
  readonly memory?: number;
}

/** What somebody is to a room. */
export interface Standing {
  /** The nick of the session, if it is in. */
  readonly nick: string | undefined;
  /** `runs`: owner or admin. `belongs`: has another affiliation, or is in with another session. */
  readonly is: 'runs' | 'belongs' | 'stranger';
}

/** What the service keeps with a session of a room. It is a field of the session, to save a look into a table for each message. */
export interface SessionMemo {
  account?: object | undefined;
}

/** The answer to a read effect: the archived messages it asked for, oldest first. */
export interface MessagesInput {
  readonly kind: 'messages';
  readonly effect: ReadMessages;
  readonly rows: readonly MessageRow[];
  /** Full JIDs whose new entry waits for this: they know already that they were out. */
  readonly joining?: ReadonlySet<FullJid>;
}

/** A full JID is known to be gone (hard bounce, or an unanswered probe): its sessions end with 333. */
interface GoneInput extends Repeatable {
  readonly kind: 'gone';
  readonly jid: FullJid;
  /** What its server said, for people to read. */
  readonly text: string;
}

/** A message of the room, or of an occupant, to somebody who is not in it came back: what was written to, and why (RFC 6120 §8.3). */
export interface Bounce {
  /** Who could not be reached, folded. */
  readonly jid: FullJid;
  /** The nick of the occupant it came from; undefined: the room itself. */
  readonly nick?: string;
  readonly condition: Condition;
  /** Whether the service ever had a stanza from that account, as far as it knows. */
  readonly seen?: boolean;
}

interface BounceInput extends Repeatable {
  readonly kind: 'bounced';
  readonly bounce: Bounce;
}

/** The answer to a request that was passed on to an occupant. */
export interface RelayedInput extends Repeatable {
  readonly kind: 'relayed';
  readonly effect: RelayIq;
  /** `busy`: it was not sent, since too many are under way. */
  readonly answer:
    { readonly type: 'result' | 'error'; readonly stanza: Element } | { readonly type: 'timeout' | 'offline' | 'busy' | 'too-large' };
}

/** The room's deadline has come. */
interface TimerInput extends Repeatable {
  readonly kind: 'timer';
}

/** What became of what the room wanted to know of, or have written into, the bookmarks of an account, in whose name its server lets the service ask (XEP-0356). */
export type AccountAnswer =
  /** A bookmark is there, or the account does not take one: it is not asked for again. */
  | { readonly about: 'bookmark'; readonly jid: BareJid }
  /** What the account has set for this room; null: nothing. */
  | { readonly about: 'settings'; readonly asked: AskSettings; readonly wake: AccountWake | null };

interface AccountInput extends Repeatable {
  readonly kind: 'account';
  readonly answer: AccountAnswer;
}

/** A command from another face than XMPP (HTTP, ad-hoc, command line, plug-in) (architecture.md, rule 5). */
export interface CommandInput {
  readonly kind: 'command';
  /** Who wants it; the service itself unless given. */
  readonly by?: By;
  readonly command: Command;
  /** Called by the room with what it decided; the asker hears of it when that is committed. By long ones (`LONG_COMMANDS`) when all of it is. */
  readonly done: (outcome: CommandOutcome) => void;
}

/** Everything above `deliveredRev` is to be said again: after a start or a lost link. */
interface SayAgainInput {
  readonly kind: 'say-again';
}

/** What the archive answers to a `read-archive` effect. */
export interface ArchiveInput {
  readonly kind: 'archive';
  readonly effect: ReadArchive;
  readonly answer: ArchiveAnswer;
}

export type Input =
  | StanzaInput
  | MessagesInput
  | ArchiveInput
  | GoneInput
  | BounceInput
  | RelayedInput
  | TimerInput
  | CommandInput
  | SayAgainInput
  | AccountInput;

/** What the room knew by heart of retractions when it asked, and how many there had been. */
interface AskedWhen {
  readonly retracted: LateMap<StanzaId, Burying>;
  readonly burials: number;
}

/** What is common to reads of messages. */
interface MessagesRead {
  readonly kind: 'read-messages';
  /** The room's own (`retracting/retract.ts`). */
  asked?: AskedWhen;
  /** Tells a session's earlier entry from its present one. */
  readonly token: number;
  readonly upToSeq: number;
  readonly afterRev?: Rev;
  readonly since?: Millis;
  /** Only what was said while this bare JID belonged to the room. */
  readonly stayOf?: BareJid;
  readonly limit: number;
  /** Of history: messages that are shown, and whether the joiner limited it. More is read, since reactions and their like are no messages to people. */
  readonly show?: number;
  readonly ownLimits?: boolean;
  /** Bytes of contents together: the newest messages that fit. */
  readonly maxBytes?: number;
  /** Of history: characters of all stanzas together (§7.2.14), or none. */
  readonly maxChars?: number;
}

/** The history of a joiner: `session` is the full JID. */
export interface ReadHistory extends MessagesRead {
  readonly purpose: 'history';
  readonly session: FullJid;
}

/** What was not delivered; it is for no session. */
interface ReadUndelivered extends MessagesRead {
  readonly purpose: 'say-again';
  readonly session: '';
  /** The oldest that fit instead, and one at least. */
  readonly oldestFirst?: true;
  /** Something was said again already in this attempt. */
  readonly goesOn?: true;
}

/** Asks the store for messages, after the commit of this decision; the answer comes back as MessagesInput. */
export type ReadMessages = ReadHistory | ReadUndelivered;

/** Passes an occupant's request on to another (§17.4); the answer comes back as RelayedInput. */
export interface RelayIq {
  readonly kind: 'relay-iq';
  /** Occupant JID of who asks. */
  readonly from: string;
  /** Real JID that is asked: full, or bare for requests that the account answers. */
  readonly to: string;
  readonly type: 'get' | 'set';
  /** Finished XML of the payload. */
  readonly payload: string;
  /** The asker and the request: the asker's full JID as spelt, the id, and the occupant JID it was sent to. */
  readonly asker: string;
  readonly id: string;
  readonly asked: string;
}

/** Asks the archive, after the commit of this decision and all before it; the answer comes back as ArchiveInput. */
export interface ReadArchive extends Repeatable {
  readonly kind: 'read-archive';
  readonly query: ArchiveQuery;
  /** What waits for the answer: it is what a refusal answers. null: nobody waits. */
  readonly stanza: Element | null;
  /** What goes on with the answer writes nothing, though no stanza says so. */
  readonly asks?: boolean;
  /** Whose turn it takes, where no stanza tells: an account that asks by another face. Without either it is the room's own work. */
  readonly asker?: BareJid;
  /** Whoever asks neither is in the room nor belongs to it. */
  readonly stranger?: boolean;
  /** The room's own (`retracting/retract.ts`). */
  asked?: AskedWhen;
  /** For whoever runs rooms: the command whose answer it is part of. */
  owner?: CommandInput;
  /** The first of several that ask the same, since what was read may have changed meanwhile. */
  readonly first?: ReadArchive;
  /** Goes on with the answer, in the room as it then is: perhaps made anew, perhaps gone. Access is to be checked again. For the room alone (`ask-archive.ts`). */
  readonly answered: (room: never, turn: never, answer: ArchiveAnswer) => StanzaError | undefined;
}

/** Asks for a check, after the commit of all that was decided before; the same stanza comes back as an input with the answer. Nothing else came of it. */
export interface AskCheck {
  readonly kind: 'ask-check';
  readonly input: StanzaInput;
  readonly asked: Asked;
}

/** One person who is to be woken, and what they have missed that they wanted to be told of; both are 0 where nobody has counted. */
export interface Woken {
  readonly jid: BareJid;
  /** Messages since they were last here or woken, as far as they want to be told of all. */
  readonly messages: number;
  readonly mentions: number;
  /** Who mentions them, if that is why they are woken now. */
  readonly by: BareJid | null;
}

/** Wakes people who are away, after the commit of this decision. How, and whether their accounts can be woken at all, is for whoever runs rooms. */
export interface WakeUp {
  readonly kind: 'wake-up';
  readonly people: readonly Woken[];
  /** What wakes them, as those in the room have it: finished XML of its content, for servers that push it. null: several things. */
  readonly content: string | null;
  /** In which the room speaks. */
  readonly language: Language;
}

/** Somebody finds the room among their bookmarks, after the commit of this decision, if their server lets the service write there (XEP-0356). What becomes of it is told by an AccountInput. */
export interface Bookmark {
  readonly kind: 'bookmark';
  readonly jid: BareJid;
  /** False: they do not belong to the room any more, and what waits is not written. */
  readonly isWanted: boolean;
  /** The room's name; '': it has none. */
  readonly name: string;
  /** Reserved for them, or null. */
  readonly nick: Nick | null;
}

/** What a setting of an account asks for (XEP-0492 §"The notify element"): `always`, `on-mention`, `never`. */
export type AccountWake = 'all' | 'mentions' | 'nothing';

/** Asks what somebody has set for this room in their account (XEP-0492), if their server lets the service read it (XEP-0356). The answer, if there is one, is an AccountInput. */
export interface AskSettings {
  readonly kind: 'ask-settings';
  readonly jid: BareJid;
  /** Whether they belonged to the room when it was asked: what they were then, the answer is about. */
  readonly belongs: boolean;
  /** The nick that they wore last. */
  readonly nick: Nick | null;
}

/** What this address has asked of accounts (`Bookmark`, `AskSettings`), and waits, is not wanted any more: the room is over, or has another address. */
interface AsksNobody {
  readonly kind: 'asks-nobody';
}

export type Effect = ReadMessages | ReadArchive | RelayIq | AskCheck | WakeUp | Bookmark | AskSettings | AsksNobody;

/** A message to archive. */
interface MessageWrite {
  readonly table: 'message';
  readonly row: MessageRow;
}

export type Write = Change | MessageWrite;

/** What one input does. Everything in it is immutable from the moment it is handed out. */
export interface Decision {
  /** In order. Empty: nothing must last. */
  readonly writes: readonly Write[];
  /** In order, to leave when the writes of this and all earlier decisions of the room are committed. */
  readonly out: readonly Outgoing[];
  /** Run after that same commit. */
  readonly effects: readonly Effect[];
  /** The room's counters after this decision, if there are writes. */
  readonly counters: Counters;
  /** The counters are to be written although nothing else is. */
  readonly counts?: true;
  /** Notices to people outside the room that found no place and are lost; none if undefined. */
  readonly dropped?: number;
  /** The room asks for one timer input soon: work is left, or a query found that its deadline has changed. It is not asked for again until it comes. */
  readonly wakes?: true;
}

/** A room as the service runs it. */
export interface Machine {
  readonly jid: RoomJid;
  /** Decides one input. `now` is the clock's; the room's own time never goes back. Must not throw for any stanza. */
  decide(input: Input, now: Millis): Decision;
  /** False: there is no such room, and the machine can be dropped once its last decision is committed. */
  readonly exists: boolean;
  readonly occupied: boolean;
  /** How many are in it. */
  readonly occupants?: number;
  readonly counters: Counters;
  /** What a JID (full, or bare for servers and components) is to the room. */
  standing?(jid: FullJid): Standing;
  /** Whether an entry of this JID would make the room, where there is none: whoever may make none pays for an entry. */
  mayBegin?(jid: FullJid): boolean;
  /** The session of a full JID, if it is in. */
  session?(jid: FullJid): SessionMemo | undefined;
  /** Whether that is `runs`: asked of every stanza. */
  runs?(jid: FullJid): boolean;
  /** Tells the machine that everything up to `rev` has reached the server; as far as nothing of it is held for somebody entering, it goes into the counters of later decisions. */
  delivered(rev: Rev): void;
  /** The stanzas that refuse an input whose decision could not be committed: one error for a stanza that takes one, else none. */
  refuse(
    input: Input,
    condition: 'resource-constraint' | 'internal-server-error' | 'not-allowed' | 'policy-violation',
    text: Text,
  ): readonly Outgoing[];
}
