/** What a plug-in may contribute: checks, reactions, additions, requests, commands. Part of `parlour/plugin`. */
import type { Ending } from './api-events';
import type { Affiliation, OccupantView, Role, RoomActs, RoomView } from './api-room';
import type { Xml } from './markup';

/** The conditions of RFC 6120 §8.3.3 with which something may be refused. */
export type Condition =
  | 'bad-request'
  | 'conflict'
  | 'forbidden'
  | 'item-not-found'
  | 'not-acceptable'
  | 'not-allowed'
  | 'not-authorized'
  | 'policy-violation'
  | 'registration-required'
  | 'resource-constraint'
  | 'service-unavailable';

/** Why something does not happen: what `refuse` makes. */
export interface Refusal {
  readonly verdict: 'refuse';
  readonly condition: Condition;
  /** A sentence for the person: the reason, and what they can do. */
  readonly text: string;
  /** They may try the same again later. */
  readonly wait: boolean;
}

/** What takes time: what `hold` makes. */
export interface Hold {
  readonly verdict: 'hold';
  readonly seconds: number;
  effect(ending: Ending): Promise<undefined | Refusal>;
}

/** The answer of a check. undefined: it passes. */
export type Verdict = undefined | Refusal;

/** The answer of a check that may take time. */
export type SlowVerdict = Verdict | Hold;

/** Where among the checks of the room it has its place: right behind that feature's or plug-in's; without it behind all. */
interface Placed {
  readonly after?: string;
}

/** A check that stays closed when it fails. */
export interface ClosedCheck<T, V = Verdict> extends Placed {
  check(attempt: T): V;
}

/** A check, and what its answer is while the plug-in is disabled because it failed too often, and when what it holds for fails or comes too late. */
export interface Check<T, V = Verdict> extends ClosedCheck<T, V> {
  readonly failing: 'pass' | 'refuse';
}

/**
 * Somebody about to enter a room that exists, or to read its archive from outside: exactly who may enter may read (XEP-0313 §6.1.2). Who makes a
 * room by entering it is not asked about.
 */
export interface EntryAttempt {
  readonly room: RoomView;
  /** Bare JID. */
  readonly jid: string;
  readonly affiliation: Affiliation;
  /** They are in already, with another client. */
  readonly again: boolean;
  /** undefined: they want to read. */
  readonly stanza: Xml | undefined;
}

/** A message to all about to be said; no change of subject. */
export interface MessageAttempt {
  readonly room: RoomView;
  readonly from: OccupantView;
  /** undefined: it has none. */
  readonly body: string | undefined;
  readonly stanza: Xml;
}

/** A private message about to be passed on. */
export interface PrivateMessageAttempt extends MessageAttempt {
  readonly to: OccupantView;
}

/** Somebody in the room changes their nick or their availability. */
export interface PresenceAttempt {
  readonly room: RoomView;
  readonly from: OccupantView;
  /** The nick asked for; undefined: it stays. */
  readonly nick: string | undefined;
  readonly stanza: Xml;
}

/** Who wants a change. */
export interface ActorView {
  /** Bare JID; null: the service itself, an operator, a plug-in. */
  readonly jid: string | null;
  readonly affiliation: Affiliation;
  readonly role: Role;
}

/** An affiliation about to change. A request over many asks for each. */
export interface AffiliationAttempt {
  readonly room: RoomView;
  readonly actor: ActorView;
  /** Bare JID or domain. */
  readonly jid: string;
  readonly before: Affiliation;
  readonly after: Affiliation;
  readonly reason: string | undefined;
}

/** A role about to change; `none` is a kick. */
export interface RoleAttempt {
  readonly room: RoomView;
  readonly actor: ActorView;
  readonly occupant: OccupantView;
  readonly after: Role;
  readonly reason: string | undefined;
}

/**
 * Who gets what a plug-in adds: everybody; the occupant's own clients; who may see real JIDs; moderators; or those in the room whose affiliation is member, admin or owner, or a
 * higher one. Who loses a role or an affiliation keeps what they have seen.
 */
export type Audience = 'all' | 'self' | 'entitled' | 'moderators' | 'members' | 'admins' | 'owners';

/** Something added to the presence of people in the room. It depends on nothing but what it is given, and the rows and fields of the plug-in. */
export interface PresenceAddition {
  readonly audience: Audience;
  add(occupant: OccupantView, room: RoomView): Xml | undefined;
}

/** Something added to messages to all. For everybody it is part of the message, and archived with it; for others it is in their live copy alone. */
export interface MessageAddition {
  readonly audience: Exclude<Audience, 'self' | 'entitled'>;
  add(message: MessageAttempt): Xml | undefined;
}

/** A field of the owner's form. */
export type FormField =
  | { readonly type: 'boolean'; readonly label: string; readonly initial: boolean }
  | { readonly type: 'text'; readonly label: string; readonly initial: string; readonly most: number }
  | { readonly type: 'number'; readonly label: string; readonly initial: number; readonly least: number; readonly most: number }
  | {
      readonly type: 'choice';
      readonly label: string;
      readonly initial: string;
      readonly choices: readonly { readonly value: string; readonly label: string }[];
    };

/** An IQ to the room. */
export interface Question<R extends RoomView = RoomView> {
  readonly room: R;
  /** Bare JID. */
  readonly jid: string;
  /** Who asks, if they are in the room. */
  readonly from: OccupantView | undefined;
  readonly affiliation: Affiliation;
  readonly payload: Xml;
}

/** Its answer: the content of the result, or nothing. */
export type Answer = Refusal | Xml | undefined;

/** What happens at an IQ with that payload. A get changes nothing. */
export interface IqHandler {
  get?(question: Question): Answer;
  set?(question: Question<RoomActs>): Answer;
}

/** A field of a command's form. */
export interface CommandField {
  readonly name: string;
  readonly type: 'boolean' | 'list-single' | 'text-single' | 'text-multi' | 'jid-single';
  readonly label: string;
  readonly value?: string;
  readonly required?: boolean;
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

/** An ad-hoc command (XEP-0050) at the room, of one form. */
export interface AdHocCommand {
  readonly node: string;
  /** Of the form; without it the node. */
  readonly formType?: string;
  readonly title: string;
  readonly instructions?: string;
  /** Who may run it, and is shown it. */
  readonly for: 'anybody' | 'occupants' | 'moderators' | 'admins' | 'owners';
  fields(room: RoomView): readonly CommandField[];
  /** Does it. Returns a sentence for who asked. Values by field; of a text that was left empty there is none. */
  run(room: RoomActs, values: ReadonlyMap<string, readonly string[]>, by: { readonly jid: string }): string | Refusal;
}

/** What one text of a row is. `plain`: nothing that names anybody; also a whole value of which that is true. */
export type RowPart = 'jid' | 'occupant-id' | 'nick' | 'room' | 'plain';

/** What a value is: one part, a list, or an object of which every member is declared. */
export type RowShape = RowPart | { readonly each: RowShape } | { readonly members: Readonly<Record<string, RowShape>> };

/** When a row is over by itself: then it is removed, and the room is woken for it. */
export interface RowsLifetime {
  /** Milliseconds, a thousand at least, behind the time (in milliseconds since 1970) that the value is, or that this member of it is. Without one it is over. */
  readonly ms: number;
  readonly since: 'value' | { readonly member: string };
  /** The account by which the key begins is in the room: as long as that is there the row stays, and its time is set anew. */
  readonly renewed?: 'by presence';
}

/** What the rows are that the plug-in keeps in a room. Erasing a person, renaming a room and exports are made from it. */
export interface RowsDeclaration {
  /** What one of them says, as the end of the sentence "For each room Parlour keeps ...". */
  readonly says: string;
  /** The parts of a key, with a blank between. */
  readonly key: readonly RowPart[];
  readonly value: RowShape;
  /** Most rows in one room. */
  readonly most: number;
  /** Whether they belong to an export of their room, and those that name a person to an export of that person; without it to both. */
  readonly travels?: readonly ('room' | 'person')[];
  /** What ends them, as the end of the sentence "A row is kept until ...", or after how long they end by themselves. */
  readonly until: string | RowsLifetime;
}

/** Everything that a plug-in does in rooms. All of it is synchronous and does no I/O: what takes time goes on by itself, and acts by `Host.execute`. */
export interface RoomHooks {
  /** When it fails, nobody enters. */
  readonly checkEntry?: ClosedCheck<EntryAttempt, SlowVerdict>;
  readonly checkMessage?: Check<MessageAttempt, SlowVerdict>;
  readonly checkPrivateMessage?: Check<PrivateMessageAttempt, SlowVerdict>;
  readonly checkPresence?: Check<PresenceAttempt, SlowVerdict>;
  readonly checkAffiliation?: Check<AffiliationAttempt>;
  readonly checkRole?: Check<RoleAttempt>;
  readonly addToPresence?: readonly PresenceAddition[];
  readonly addToMessages?: readonly MessageAddition[];
  /** Features in the room's disco#info. */
  readonly disco?: readonly string[];
  /** Payloads of presence and messages that only the plug-in says, as `name namespace`: what clients say of it goes no further. */
  readonly reserves?: readonly string[];
  /** Fields of the owner's form, by name. */
  readonly fields?: Readonly<Record<string, FormField>>;
  /** Requests to the room, by `name namespace` of the payload. */
  readonly iq?: Readonly<Record<string, IqHandler>>;
  readonly commands?: readonly AdHocCommand[];
  readonly rows?: RowsDeclaration;
  /** Somebody came in who was not in with another client, and was told who is there. */
  entered?(room: RoomActs, occupant: OccupantView): void;
  /** Somebody's last client has left. `removed`: by somebody else's act. */
  left?(
    room: RoomActs,
    person: { readonly nick: string; readonly jid: string; readonly occupantId: string; readonly removed: boolean },
  ): void;
  /** A message was said to all. */
  said?(room: RoomActs, message: { readonly from: OccupantView; readonly id: string | undefined; readonly body: string | undefined }): void;
  affiliationChanged?(room: RoomActs, change: { readonly jid: string; readonly before: Affiliation; readonly after: Affiliation }): void;
  /** The room was made; it may be locked still, until its owner has configured it. */
  created?(room: RoomActs, by: { readonly jid: string }): void;
  configured?(room: RoomActs): void;
  /** It is over: nothing of it can be read any more. */
  destroyed?(room: { readonly jid: string }): void;
  /** When something is due by itself; it depends on the room, the rows and the fields. null: never. */
  deadline?(room: RoomView): number | null;
  due?(room: RoomActs): void;
}
