/** The typed commands that change a room: each change exists once, whoever asks for it (architecture.md, rule 5). */
import type { Answer, Answers, ArchiveQuestion, Query, RoomQuery } from './asking';
import type { By } from './audit';
import type { Millis } from './units';
import type { Affiliation, Role } from '../governing/roles';
import type { OccupantId } from './units';
import type { BareJid, RoomJid } from '../../xmpp/fold';
import type { StanzaError } from '../../xmpp/stanza-error';
import type { Element } from '../../xmpp/xml';

/** One wished change of an affiliation. */
export interface AffiliationItem {
  /** Bare JID or domain, prepared. */
  readonly jid: BareJid;
  readonly affiliation: Affiliation;
  /** undefined: leave the reserved nick; '': unset it (§9.3). */
  readonly nick?: string;
  readonly reason?: string;
  /** When it ends by itself: at a time, or after so many milliseconds. Without either it lasts, also where one with an end is given again. */
  readonly until?: Millis;
  readonly for?: Millis;
  /** Only if it is so when the room decides: they are banned; or no ban of theirs lasts longer than this one. Otherwise the item is left out. */
  readonly only?: 'banned' | 'longer';
}

/** What a room that is found among many must still be when its turn comes to be destroyed. */
export interface DestroyedOnly {
  readonly listed?: boolean;
  readonly empty?: boolean;
  readonly orphaned?: boolean;
  readonly creator?: BareJid;
  /** Nobody has entered or spoken since then, and it was made before. */
  readonly idleSince?: Millis;
}

/** One wished change of a role. */
export interface RoleItem {
  readonly nick: string;
  readonly role: Role;
  readonly reason?: string;
}

/** Somebody in the room by nickname, or anybody by bare JID, prepared. */
export type Target = { readonly nick: string } | { readonly jid: BareJid };

/** Whose messages are retracted, of what time, and whether the person is banned too. */
export interface Purge {
  /** Somebody present by nick; anybody by occupant-id, or by bare JID, prepared. */
  readonly target: { readonly nick: string } | { readonly occupantId: OccupantId } | { readonly jid: BareJid };
  readonly minutes: number;
  readonly ban: boolean;
  /** When the ban ends by itself. */
  readonly until?: Millis;
  readonly for?: Millis;
  readonly reason?: string;
}

export type Command =
  /** Makes a room that does not exist yet, configured and open, in one step. */
  | { readonly name: 'create'; readonly owner: BareJid; readonly values: ReadonlyMap<string, readonly string[]> }
  | { readonly name: 'set-affiliations'; readonly items: readonly AffiliationItem[] }
  | { readonly name: 'set-roles'; readonly items: readonly RoleItem[] }
  | { readonly name: 'configure'; readonly values: ReadonlyMap<string, readonly string[]> }
  | {
      readonly name: 'destroy';
      readonly reason?: string;
      readonly alternate?: BareJid;
      readonly password?: string;
      readonly only?: DestroyedOnly;
    }
  /** The room with all it has at another address of the service, which no room has; the old one leads there (`rename.ts`). */
  | { readonly name: 'rename'; readonly to: RoomJid; readonly reason?: string }
  /** Another nickname for somebody in the room, by whoever may do everything, or by themselves. */
  | { readonly name: 'change-nick'; readonly nick: string; readonly to: string }
  /** The subject, '' clears it; from the occupant who sets it, or from the room. `lang`: of the text (`xml:lang`). */
  | { readonly name: 'set-subject'; readonly text: string; readonly lang?: string }
  /** A message of the room itself. */
  | { readonly name: 'say'; readonly body: string; readonly lang?: string }
  /** A program may post under this nickname, by a token that has this id and is called so. */
  | { readonly name: 'allow-posting'; readonly id: string; readonly nick: string; readonly token: string }
  /** It may no more; `token`: what it is called. */
  | { readonly name: 'end-posting'; readonly id: string; readonly token: string }
  /** A message of the program whose token has this id. `clientId`: the `id` of the stanza. */
  | { readonly name: 'post'; readonly id: string; readonly body: string; readonly lang?: string; readonly clientId?: string }
  /** A mediated invitation (§7.8.2); makes a member where only members come in. */
  | { readonly name: 'invite'; readonly jid: BareJid; readonly reason?: string }
  /** Whether somebody may register (§9.9). */
  | { readonly name: 'answer-registration'; readonly jid: BareJid; readonly allow: boolean }
  /** Whether a message that waits for approval is said. `id`: as the query of queues tells it. */
  | { readonly name: 'answer-message'; readonly id: string; readonly allow: boolean }
  /** Whether a visitor who asked for voice gets it (§8.6). */
  | { readonly name: 'answer-voice'; readonly jid: BareJid; readonly allow: boolean }
  /** Somebody has no voice until then; without an end until somebody gives it back. */
  | { readonly name: 'mute'; readonly target: Target; readonly reason?: string; readonly until?: Millis; readonly for?: Millis }
  | { readonly name: 'unmute'; readonly target: Target }
  /** The room tells somebody what a moderator warns them of; moderators see it until then, 30 days where nothing is said. */
  | { readonly name: 'warn'; readonly target: Target; readonly reason: string; readonly until?: Millis; readonly for?: Millis }
  /** What somebody was warned of is taken back: moderators see it no more, and who has not been told is not told. */
  | { readonly name: 'unwarn'; readonly target: Target }
  /** Makes a hat, or another of the one with this URI (XEP-0317 §3.2). `hue`: degrees (XEP-0392); `role`: what its wearers are at least; `mentions`: they may mention the whole room. */
  | {
      readonly name: 'set-hat';
      readonly uri: string;
      readonly title: string;
      readonly hue?: string;
      readonly role?: 'participant' | 'moderator';
      readonly mentions?: boolean;
    }
  /** Nobody wears it any more, and there is none (§3.3). */
  | { readonly name: 'destroy-hat'; readonly uri: string }
  /** Somebody wears a hat that there is, from now on (§3.5). */
  | { readonly name: 'assign-hat'; readonly uri: string; readonly target: Target }
  /** They wear it no longer (§3.6). */
  | { readonly name: 'unassign-hat'; readonly uri: string; readonly target: Target }
  /** The room's vCard with its avatar (XEP-0054, XEP-0486); null: it has none. */
  | { readonly name: 'set-vcard'; readonly vcard: Element | null }
  /** Retracts one message, by its stanza-id (XEP-0425). */
  | { readonly name: 'moderate'; readonly id: string; readonly reason?: string }
  /** A question: it goes the way of a command, and so is answered in order. Asked by `query`. */
  | { readonly name: 'ask'; readonly query: RoomQuery }
  | { readonly name: 'ask-archive'; readonly query: ArchiveQuestion }
  /** Everybody is told that the service ends, and is out (§11.2). */
  | { readonly name: 'shut-down'; readonly reason?: string }
  /** Somebody gives up their registration with the room (§7.10). */
  | { readonly name: 'unregister'; readonly jid: BareJid }
  /** The archive up to this message (stanza-id), that one included, or all of it. */
  | { readonly name: 'trim'; readonly upToId?: string }
  /** The room as if it had never been, also one that is destroyed and remembered. */
  | { readonly name: 'erase' }
  /** Everything that the room knows of this bare JID, and all messages of it. */
  | { readonly name: 'erase-person'; readonly jid: BareJid }
  /** The account of this bare JID was deleted: its rights, nicks and wishes go, what it said stays. */
  | { readonly name: 'forget'; readonly jid: BareJid }
  | ({ readonly name: 'ban-and-retract' } & Purge);

/** What commands are called. */
export type CommandName = Command['name'];

/** The command of this name. */
export type CommandOf<Name extends CommandName> = Extract<Command, { name: Name }>;

/** Those that the room carries out itself; its features do the others. */
export const OWN_COMMANDS: readonly CommandName[] = [
  'create',
  'set-affiliations',
  'set-roles',
  'configure',
  'destroy',
  'rename',
  'change-nick',
  'set-subject',
  'say',
  'ask',
  'shut-down',
  'erase',
];

/** A command, who wants it, and in which room (its bare JID, folded). */
export interface Execution {
  readonly actor: By;
  readonly room: RoomJid;
  readonly command: Command;
}

/** Runs a command; answers when its outcome is certain. */
export type Execute = (execution: Execution) => Promise<CommandOutcome>;

/** A question to a room, and who asks. */
export interface Asking<Asked extends Query = Query> {
  readonly actor: By;
  readonly room: RoomJid;
  readonly query: Asked;
}

/** What is answered to a question, typed by it, or why it is not: the error that an XMPP asker would get. */
export type QueryOutcome<Asked extends Query> =
  { readonly ok: true; readonly answer: Answers[Asked['what']] } | { readonly ok: false; readonly error: StanzaError };

/** Asks a room. Answers when what was decided before the question is certain. */
export type Ask = <Asked extends Query>(asking: Asking<Asked>) => Promise<QueryOutcome<Asked>>;

/** Those that go on over many decisions: their outcome comes when all of it is certain. */
export const LONG_COMMANDS: ReadonlySet<Command['name']> = new Set(['ask-archive', 'ban-and-retract', 'erase-person', 'moderate', 'trim']);

/** Those that tell by themselves what came of them, in the decision that carries them out. */
export const TELLING_COMMANDS: ReadonlySet<Command['name']> = new Set(['ask', 'post', 'set-affiliations']);

/** What came of a command: an error is the same that an XMPP asker would get. */
export type CommandOutcome =
  /**
   * `retracted`, `erased`: the messages that were; `said`: the stanza-id of the one that was posted, if it is archived; `answer`: to a question; `changed`: whose
   * affiliations were, where items had a condition (`only`).
   */
  | {
      readonly ok: true;
      readonly said?: string;
      readonly retracted?: number;
      readonly erased?: number;
      readonly answer?: Answer;
      readonly changed?: readonly BareJid[];
    }
  | { readonly ok: false; readonly error: StanzaError };
