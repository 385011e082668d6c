/** A feature: a room option or extension, in one file or folder, and what it may contribute. In which order features are asked: `feature-set.ts`. */
import type { Language } from '../../words';
import type { HatAnswer, LimitAnswer, WaitingAnswer } from './asking';
import type { BareJid, FullJid, RoomJid } from '../../xmpp/fold';
import type { Element } from '../../xmpp/xml';
import type { Nick } from '../../xmpp/nick';
import type { Answers } from '../../xmpp/answers';
import type { Field, FormOut } from '../../xmpp/forms';
import type { StanzaError } from '../../xmpp/stanza-error';
import type { Actor } from '../governing/rights';
import type { Affiliation, Role } from '../governing/roles';
import type { Option, RoomOptions } from './options';
import type { RoomState } from '../state';
import type { Occupant, Session } from '../occupants/occupants';
import type { Policy } from './env';
import type { CommandName, CommandOf, CommandOutcome } from './commands';
import type { AccountAnswer, Bounce } from './machine';
import type { RowDeclaration } from './row-declaration';
import type { MessageRow, Millis } from './rows';
import type { Outgoing } from '../../xmpp/outgoing';
import type { Additions, MessageAdditions } from './additions';
import type { ListChange } from './saying';
import type { Turn } from '../turn';
import type { StatusCode } from '../occupants/status';
import type { Key } from '../../words';

/** Somebody about to become an occupant. */
interface Entry {
  readonly room: RoomState;
  readonly stanza: Element;
  /** Bare JID. */
  readonly jid: BareJid;
  readonly affiliation: Affiliation;
  /** True: the account is in the room already, with another session. */
  readonly joinsOwnOccupant: boolean;
  readonly policy: Policy;
}

/** Somebody, in the room or not, who wants to read what was said in it. */
interface Reader {
  readonly room: RoomState;
  /** Bare JID. */
  readonly jid: BareJid;
  readonly affiliation: Affiliation;
  /** They are in the room now, and so have passed the entry checks. */
  readonly present: boolean;
}

/** A command that a feature carries out (architecture.md, rule 5). */
export interface Order<Name extends CommandName = CommandName> {
  readonly room: RoomState;
  readonly turn: Turn;
  readonly command: CommandOf<Name>;
  /** Whoever wants it, in the room as it is. */
  readonly actor: Actor;
  /** The same in the room as it is later, for what goes on over several decisions. */
  readonly actorIn: (room: RoomState) => Actor;
  /** For commands that go on (`LONG_COMMANDS`): what came of it, when that is certain. */
  readonly done: (outcome: CommandOutcome) => void;
}

/** Carries a command out. Returns the refusal, if any. */
export type CarryOut<Name extends CommandName> = (order: Order<Name>) => StanzaError | undefined;

/** What a feature carries out, by the command's name. */
export type Commands = { readonly [Name in CommandName]?: CarryOut<Name> };

/** A groupchat message about to be said. */
export interface Speech {
  readonly room: RoomState;
  /** For what the time has brought and nobody was told yet: a check changes nothing else. */
  readonly turn: Turn;
  readonly stanza: Element;
  readonly occupant: Occupant;
}

/** A groupchat message that nobody has refused, before it is said. */
export interface Utterance extends Speech {
  readonly session: Session;
}

/** A message that was said to everybody in the room. */
export interface Said {
  readonly room: RoomState;
  readonly turn: Turn;
  /** undefined: the room itself spoke, or a program that is not in it. */
  readonly occupant: Occupant | undefined;
  /** What was said, as everybody gets it. */
  readonly out: Omit<Outgoing, 'to'>;
  /** Its content, finished XML. */
  readonly payload: string;
  /** As it is archived; undefined: it is not. */
  readonly row: MessageRow | undefined;
}

/** A private message about to be passed on. */
interface Whisper extends Speech {
  readonly recipient: Occupant;
}

/** Presence of somebody in the room that asks for another nick, or changes availability. */
interface Appearance extends Speech {
  /** The nick asked for; undefined: it stays. */
  readonly nick: string | undefined;
}

/** A stanza to the room itself that a feature may take for its own. */
export interface Request {
  readonly room: RoomState;
  readonly turn: Turn;
  readonly stanza: Element;
  /** Full JID, prepared; bare for servers. */
  readonly from: FullJid;
}

/** An IQ get or set to the room, with its one payload. */
export interface IqRequest extends Request {
  readonly payload: Element;
}

/** Service discovery of one of the room's nodes. */
export interface NodeRequest {
  readonly room: RoomState;
  /** Full JID. */
  readonly from: FullJid;
  /** Of who asks. */
  readonly language: Language;
}

/** What is at a node: identities and features, and items, finished XML. */
export interface NodeContent {
  readonly info: string;
  readonly items: string;
}

/** An affiliation that has changed. */
export interface AffiliationChange {
  readonly room: RoomState;
  readonly turn: Turn;
  /** Bare JID or domain. */
  readonly jid: BareJid;
  readonly before: Affiliation;
  readonly after: Affiliation;
  /** The nick of the person with this JID, in use or reserved, if any. */
  readonly nick: string | undefined;
  /** Whether somebody of this very JID is in the room. */
  readonly present: boolean;
  readonly actor: Actor;
  readonly reason: string | undefined;
  /** What the lists' version has become with it, if they have versions (XEP-0463). */
  readonly lists?: ListChange | undefined;
}

/** An affiliation about to change. */
export interface AffiliationWish {
  readonly room: RoomState;
  readonly actor: Actor;
  /** Bare JID or domain. */
  readonly jid: BareJid;
  readonly before: Affiliation;
  readonly after: Affiliation;
  readonly reason: string | undefined;
}

/** A role about to change; `none` is a kick. */
export interface RoleWish {
  readonly room: RoomState;
  readonly actor: Actor;
  readonly occupant: Occupant;
  readonly after: Role;
  readonly reason: string | undefined;
}

/** An ad-hoc command at a room (XEP-0050): one form, and what is done once it is filled in. */
export interface RoomAdHocCommand {
  readonly node: string;
  /** A sentence by its key, or the text itself. */
  readonly title: Key | { readonly text: string };
  /** Why this JID (full, or bare) may not run it now, or undefined. Who may not is not shown it either. */
  refuse(room: RoomState, from: FullJid): StanzaError | undefined;
  /** undefined: it runs at once. */
  form(room: RoomState, from: FullJid): FormOut | undefined;
  /** Whether it takes a form that is filled in already, without having been asked for first. */
  readonly direct?: true;
  /** Does it, and says the result, now or later. Returns the refusal, if any. */
  run(request: IqRequest, answers: Answers, sessionid: string): StanzaError | undefined;
}

/** A row that was over by itself: whose declaration, its key, and what its value was. */
export interface OverRow {
  readonly rows: string;
  readonly key: string;
  readonly value: unknown;
}

/** Stages of checks in which features from outside (plug-ins) name their place. */
export type CheckStage = 'entry' | 'speak' | 'whisper' | 'appear';

export interface Feature {
  readonly name: string;
  /** What it keeps in rows; what is not declared cannot be kept. */
  readonly rows?: readonly RowDeclaration[];
  /** A row of it was over by itself, and is removed. */
  over?(room: RoomState, turn: Turn, row: OverRow): void;
  /** Of a plug-in: behind which feature it has its place in a stage; without it behind all. */
  readonly after?: Readonly<Partial<Record<CheckStage, string>>>;
  /** Fields of the owner's form. */
  readonly options?: readonly Option<never>[] | readonly Option<any>[]; // eslint-disable-line @typescript-eslint/no-explicit-any -- options of different value types in one list
  /** The names of the rows that `disco`, `info` and `forms` read, but for what changes by itself: what is told of the room's capabilities is kept until one of them changes. */
  readonly aboutRows?: readonly string[];
  /** Features in the room's disco#info, as this JID (full, or bare) is told them. */
  disco?(options: RoomOptions, room: RoomState, from: FullJid): readonly string[];
  /** What is said of the room in presence from its own JID; '' or no hook: nothing. */
  roomPresence?(room: RoomState): string;
  /** Fields of `muc#roominfo`. A field without a value is left out. */
  info?(room: RoomState): readonly Field[];
  /** More forms in the room's disco#info (XEP-0128), beside `muc#roominfo`. */
  forms?(room: RoomState, language: Language): readonly FormOut[];
  /** Refuses an entry. */
  enter?(entry: Entry): StanzaError | undefined;
  /** Refuses the archive (XEP-0313 §6.1.2: exactly who may enter may read). */
  read?(reader: Reader): StanzaError | undefined;
  /** Refuses a groupchat message that is not a subject change. */
  speak?(speech: Speech): StanzaError | undefined;
  /** Takes a groupchat message out of the way before it is said to all: true if it did. Runs after all `speak`. */
  detain?(utterance: Utterance): boolean;
  /**
   * A message, also a change of subject, was said to everybody. This is the path of every message: what it does for one that does not
   * concern it must cost next to nothing.
   */
  said?(said: Said): void;
  /** Whether a room with these options has any use for `said`; asked once for each configuration. Without this hook: always. */
  listens?(options: RoomOptions): boolean;
  /** Whether a room with these options has any use for `speak`; asked once for each configuration. Without this hook: always. */
  judges?(options: RoomOptions): boolean;
  /** Refuses a change of subject. */
  changeSubject?(speech: Speech): StanzaError | undefined;
  /** Refuses a private message. */
  whisper?(whisper: Whisper): StanzaError | undefined;
  /** Refuses a change of nick or availability. */
  appear?(appearance: Appearance): StanzaError | undefined;
  /** Refuses a change of an affiliation; asked for each of a request. */
  beforeAffiliation?(wish: AffiliationWish): StanzaError | undefined;
  /** Refuses a change of a role. */
  beforeRole?(wish: RoleWish): StanzaError | undefined;
  /**
   * Added to the presence of somebody in the room. It depends on nothing but the occupant, the options, and the rows of `rowsRead`: what was
   * added is kept until one of these changes.
   */
  addToPresence?(room: RoomState, occupant: Occupant): Additions | undefined;
  /** Whether it may differ by the affiliation of who gets it. */
  readonly addsByAffiliation?: boolean;
  /** Whether it adds anything in this room; without this hook it may. */
  adds?(room: RoomState): boolean;
  /** Whether what it adds is the same for all who get it. */
  readonly addsToAll?: true;
  /** The names of the rows that `addToPresence` reads. */
  readonly rowsRead?: readonly string[];
  /** Added to a message of an occupant to all; what is for all is archived with it. `payload`: its content. */
  addToMessage?(room: RoomState, occupant: Occupant, payload: string): MessageAdditions | undefined;
  /** The nick that somebody must use (210); undefined: the one they ask for. */
  assignNick?(room: RoomState, bareJid: BareJid): Nick | undefined;
  /** Whether it keeps somebody without voice now, whatever their role and affiliation give; admins and owners are not asked about. */
  silences?(room: RoomState, bareJid: BareJid): boolean;
  /** The role that somebody enters with; undefined: the default of their affiliation. */
  roleOnEntry?(room: RoomState, bareJid: BareJid): Role | undefined;
  /** What a submitted form means by fields that it leaves out, beside what it has: an absent field else stays as it is. */
  implied?(values: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, readonly string[]>;
  /** Refuses a combination of options; `after` is what was submitted, all of it parsed. */
  acceptable?(after: RoomOptions): StanzaError | undefined;
  /** Status codes that a change of options calls for (§10.2.1). A feature that has this hook does not ask for 104. */
  configured?(before: RoomOptions, after: RoomOptions): readonly StatusCode[];
  /** Status codes for a joiner's self-presence. */
  entryCodes?(options: RoomOptions): readonly StatusCode[];
  /** Answers IQs to the room, by `name namespace` of the payload. Returns the refusal, if any. */
  readonly iq?: Readonly<Record<string, (request: IqRequest) => StanzaError | undefined>>;
  /** Payloads that only it, or the room, says of people and messages, as `name namespace`: what a client says of it goes no further (`talking/room-only.ts`). */
  readonly reserves?: readonly string[];
  /** The commands that it carries out, whoever gives them. It says itself who may. */
  readonly commands?: Commands;
  /** Nodes of the room's service discovery (XEP-0030), or why the asker does not see one. */
  readonly nodes?: Readonly<Record<string, (request: NodeRequest) => NodeContent | StanzaError>>;
  /** What of it holds for somebody for a time, as far as this actor may know it. */
  limits?(room: RoomState, actor: Actor): readonly LimitAnswer[];
  /** Which hats there are, as far as this actor may know. One feature answers. */
  hats?(room: RoomState, actor: Actor): readonly HatAnswer[] | StanzaError;
  /** What of it waits for somebody's answer, as far as this actor may give one. */
  waiting?(room: RoomState, actor: Actor): readonly WaitingAnswer[];
  /** Ad-hoc commands at the room. */
  readonly adHoc?: readonly RoomAdHocCommand[];
  /** Takes a message to the room that is not groupchat, also from outside: `pass` if it is none of its own. */
  message?(request: Request): 'pass' | StanzaError | undefined;
  /** A message of the room to somebody outside came back: true if it was one of this feature's. */
  bounced?(room: RoomState, turn: Turn, bounce: Bounce): boolean;
  /** An account's server has answered what was asked in the account's name. */
  told?(room: RoomState, turn: Turn, answer: AccountAnswer): void;
  /** Somebody entered with a first session, and has been sent everything but history and subject. */
  entered?(room: RoomState, turn: Turn, occupant: Occupant, session: Session): void;
  /** A session came in, also a further one of somebody who is in. */
  joined?(room: RoomState, turn: Turn, occupant: Occupant, session: Session): void;
  /** Somebody in the room is at other clients, or at the same in another way: their presence has changed, or one of several sessions has ended. */
  appeared?(room: RoomState, turn: Turn, occupant: Occupant): void;
  /** Somebody in the room has been given this role by somebody else. */
  roleGiven?(room: RoomState, turn: Turn, jid: BareJid, role: Role): void;
  /** Somebody in the room is a moderator from now on. */
  promoted?(room: RoomState, turn: Turn, occupant: Occupant): void;
  /** Somebody's last session has ended, and the others know. `removed`: somebody else's act. */
  left?(room: RoomState, turn: Turn, occupant: Occupant, removed: boolean): void;
  /** An affiliation changed, and those in the room know. */
  affiliated?(change: AffiliationChange): void;
  /** Somebody who may change the lists has listed a person as they are listed already: nothing changes, but now somebody meant it. */
  listedAgain?(room: RoomState, turn: Turn, jid: BareJid): void;
  /** Options have changed, and the room is as they say. */
  reconfigured?(room: RoomState, turn: Turn, before: RoomOptions): void;
  /** The room was made, locked still. */
  created?(room: RoomState, turn: Turn, creator: BareJid): void;
  /** Nothing is left of an archived message, by its stanza-id. */
  buried?(room: RoomState, turn: Turn, id: string): void;
  /** The room has another address from now on; `room` is what is left under its former one. */
  renamed?(room: RoomState, turn: Turn, to: RoomJid): void;
  /** The room is over, and nothing of it is left but its row. */
  ended?(room: RoomState, turn: Turn): void;
  /**
   * Ends what is over at `turn.stamp`, before anything else in each decision that may write: so nothing that has an end holds longer. What is over for `asker`, who
   * asks for something now, ends first: of too many the others wait. It must cost next to nothing where nothing is over. What ends is a row: a room in which no feature keeps any is not asked.
   */
  lapse?(room: RoomState, turn: Turn, asker: BareJid | undefined): void;
  /** When something is due by itself, if anything is. */
  deadline?(room: RoomState): Millis | null;
  /** Some deadline of the room has come: does what is due at `turn.now`, if anything. */
  due?(room: RoomState, turn: Turn): void;
}
