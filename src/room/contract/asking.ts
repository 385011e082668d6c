/** The typed questions that a room answers: each exists once, whoever asks (architecture.md, rule 5). What an asker may not know is refused, or null. */
import type { BareJid, RoomJid } from '../../xmpp/fold';
import type { Field } from '../../xmpp/forms';
import type { ArchivePaging } from './archive-query';
import type { Affiliation, Role } from '../governing/roles';
import type { Millis, OccupantId } from './units';

/** Entries of one answer, at most, and how many there are if nobody says. */
export const MOST_ENTRIES = 1_000;

/** A part of a list: behind the entry with this key, at most so many. */
interface Part {
  readonly after?: string;
  readonly limit?: number;
}

/** A question that the room answers from what it knows. */
export type RoomQuery =
  /** What kind of room it is, and how it is. For whoever could look at it (§6.4). */
  | { readonly what: 'room' }
  /** Who is in it, by nick: for those in it, and others where the room shows them (§6.5). */
  | ({ readonly what: 'occupants' } & Part)
  /** Who has this affiliation, by JID: as the lists are read (§9, §10). */
  | ({ readonly what: 'affiliations'; readonly affiliation: Exclude<Affiliation, 'none'> } & Part)
  /** The owner's form as it is now; for owners. */
  | { readonly what: 'options' }
  /** What waits for somebody's answer: registrations for admins, voice requests and messages for moderators, invitations for admins. */
  | { readonly what: 'queues' }
  /** Mutes and warnings, for moderators, and affiliations with an end, for whoever may read their lists. */
  | { readonly what: 'limits' }
  /** Which hats there are, for whoever belongs to the room, and who wears them, for whoever may see real JIDs (XEP-0317 §3.4, §3.7). */
  | { readonly what: 'hats' }
  /** Counts; for admins. */
  | { readonly what: 'numbers' };

/** A question to the room's archive, for whoever may read it. */
export interface ArchiveQuestion {
  readonly what: 'archive';
  /** Words that are searched for (XEP-0431). */
  readonly text?: string;
  /** Whose messages, in one of three ways: by bare JID; of whoever goes by this nickname now, also a program that posts by a token; by occupant-id. */
  readonly with?: BareJid;
  readonly nick?: string;
  readonly occupantId?: OccupantId;
  readonly start?: Millis;
  readonly end?: Millis;
  readonly ids?: readonly string[];
  readonly paging: ArchivePaging;
}

export type Query = RoomQuery | ArchiveQuestion;

/** A room, as it is. */
interface RoomAnswer {
  readonly jid: RoomJid;
  readonly name: string;
  /** Its creator has yet to configure it. */
  readonly locked: boolean;
  readonly createdAt: Millis;
  /** null: erased, or not for the asker to know. */
  readonly creator: BareJid | null;
  readonly persistent: boolean;
  readonly listed: boolean;
  readonly membersOnly: boolean;
  readonly moderated: boolean;
  /** A password is needed. */
  readonly protected: boolean;
  /** Everybody sees real JIDs. */
  readonly nonAnonymous: boolean;
  readonly archived: boolean;
  readonly subject: { readonly text: string; readonly nick: string; readonly setAt: Millis } | null;
  readonly occupants: number;
}

export interface OccupantAnswer {
  readonly nick: string;
  readonly occupantId: string;
  /** null: not for the asker to know. */
  readonly jid: BareJid | null;
  readonly affiliation: Affiliation;
  readonly role: Role;
  readonly sessions: number;
}

export interface AffiliationAnswer {
  readonly jid: BareJid;
  readonly affiliation: Affiliation;
  readonly nick: string | null;
  readonly reason: string | null;
  readonly setBy: BareJid | null;
  /** Who set it and has no address: `operator NAME`, `token NAME` or `plug-in NAME`; `unknown`: nobody knows any more. */
  readonly setByName: string | null;
  readonly setAt: Millis;
  /** When it ends by itself, and what they are then; null: it lasts. */
  readonly until: Millis | null;
  readonly afterwards: Affiliation | null;
}

/** Something that waits for somebody's answer. */
export interface WaitingAnswer {
  readonly kind: 'registration' | 'voice' | 'message' | 'invitation';
  /** Whose it is. */
  readonly jid: BareJid;
  /** What it is answered by (`answer-message`); else it is answered by the JID. */
  readonly id?: string;
  readonly at?: Millis;
  /** A nick that is asked for, a message's text, or who invited. */
  readonly about?: string;
}

/** Something that holds for somebody for a time. */
export interface LimitAnswer {
  readonly kind: 'mute' | 'warning' | Exclude<Affiliation, 'none'>;
  readonly jid: BareJid;
  readonly since: Millis;
  /** null: until somebody ends it. */
  readonly until: Millis | null;
  readonly by: BareJid | null;
  /** Who did it and has no address: `operator NAME`, `token NAME` or `plug-in NAME`. */
  readonly byName: string | null;
  readonly reason: string | null;
}

/** A hat that there is in the room. */
export interface HatAnswer {
  readonly uri: string;
  readonly title: string;
  /** Degrees (XEP-0392). */
  readonly hue: string | null;
  /** What its wearers are at least. */
  readonly role: 'participant' | 'moderator' | null;
  /** Its wearers may mention the whole room. */
  readonly mentions: boolean;
  /** By bare JID; null: not for the asker to know. */
  readonly wearers: readonly BareJid[] | null;
}

/** Counts of a room. */
export interface NumbersAnswer {
  readonly occupants: number;
  readonly sessions: number;
  readonly affiliations: Readonly<Record<Exclude<Affiliation, 'none'>, number>>;
  /** Rows that features keep. */
  readonly rows: number;
  /** Of the latest archived message. */
  readonly seq: number;
  /** When somebody last entered or spoke; if nobody has, when the room was made. */
  readonly latest: Millis;
}

/** A message of the archive. */
export interface MessageAnswer {
  readonly id: string;
  readonly at: Millis;
  /** null: the room itself said it. */
  readonly nick: string | null;
  readonly occupantId: string | null;
  /** null: not for the asker to know. */
  readonly jid: BareJid | null;
  /** Its content, XML. */
  readonly payload: string;
  /** It was taken back: its content is a tombstone, which says by whom and why if it was moderated. */
  readonly retracted: boolean;
}

/** A part of a list; `next`: what the next part is behind, undefined: this is the end. */
export interface Listed<Entry> {
  readonly entries: readonly Entry[];
  readonly next?: string;
}

/** What is answered to each question. */
export interface Answers {
  readonly room: RoomAnswer;
  readonly occupants: Listed<OccupantAnswer>;
  readonly affiliations: Listed<AffiliationAnswer>;
  readonly options: readonly Field[];
  readonly queues: readonly WaitingAnswer[];
  /** The first end first. */
  readonly limits: readonly LimitAnswer[];
  readonly hats: readonly HatAnswer[];
  readonly numbers: NumbersAnswer;
  /** Oldest first. `complete`: there is nothing more in that direction. */
  readonly archive: { readonly messages: readonly MessageAnswer[]; readonly complete: boolean };
}

export type Answer = Answers[keyof Answers];
