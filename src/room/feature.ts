/** A feature: a room option or extension in one file. What it may contribute, and the list that states the order of each stage. */
import type { Element } from '../xmpp/xml';
import type { Field } from '../xmpp/forms';
import type { StanzaError } from '../xmpp/stanza-error';
import type { Affiliation } from './roles';
import type { Option, RoomOptions } from './options';
import type { RoomState } from './state';
import type { Occupant } from './occupants';
import type { Policy } from './env';

/** Somebody about to become an occupant. */
export interface Entry {
  readonly room: RoomState;
  readonly stanza: Element;
  /** Bare JID. */
  readonly jid: string;
  readonly affiliation: Affiliation;
  /** True: the account is in the room already, with another session. */
  readonly joinsOwnOccupant: boolean;
  readonly policy: Policy;
}

/** A groupchat message about to be said. */
export interface Speech {
  readonly room: RoomState;
  readonly stanza: Element;
  readonly occupant: Occupant;
}

/** A private message about to be passed on. */
export interface Whisper extends Speech {
  readonly recipient: Occupant;
}

export interface Feature {
  readonly name: string;
  /** Fields of the owner's form. */
  readonly options?: readonly Option<never>[] | readonly Option<any>[]; // eslint-disable-line @typescript-eslint/no-explicit-any -- options of different value types in one list
  /** Features in the room's disco#info. */
  disco?(options: RoomOptions): readonly string[];
  /** Fields of `muc#roominfo`. A field without a value is left out. */
  info?(room: RoomState): readonly Field[];
  /** Refuses an entry. */
  enter?(entry: Entry): StanzaError | undefined;
  /** Refuses a groupchat message that is not a subject change. */
  speak?(speech: Speech): StanzaError | undefined;
  /** Refuses a change of subject. */
  changeSubject?(speech: Speech): StanzaError | undefined;
  /** Refuses a private message. */
  whisper?(whisper: Whisper): StanzaError | undefined;
  /** Refuses a combination of options; `after` is what was submitted, all of it parsed. */
  acceptable?(after: RoomOptions): StanzaError | undefined;
  /** Status codes that a change of options calls for (§10.2.1). A feature that has this hook does not ask for 104. */
  configured?(before: RoomOptions, after: RoomOptions): readonly number[];
  /** Status codes for a joiner's self-presence. */
  entryCodes?(options: RoomOptions): readonly number[];
}

/** What the state machine itself must know of a room's options. */
export interface Facts {
  readonly name: string;
  readonly listed: boolean;
  readonly persistent: boolean;
  readonly membersOnly: boolean;
  readonly moderated: boolean;
  /** Non-anonymous: everybody sees real JIDs; else moderators do. */
  readonly jidsVisible: boolean;
  /** Messages a joiner may get at most. */
  readonly history: number;
}

/** All features, with the order of each stage written out (features/index.ts). */
export interface FeatureSet {
  /** Order of the form's fields and of disco. */
  readonly all: readonly Feature[];
  readonly entry: readonly Feature[];
  readonly speak: readonly Feature[];
  readonly changeSubject: readonly Feature[];
  readonly whisper: readonly Feature[];
  facts(options: RoomOptions, policy: Policy): Facts;
}

/** The first refusal of a stage. */
export function firstRefusal<T>(
  features: readonly Feature[],
  hook: 'enter' | 'speak' | 'changeSubject' | 'whisper',
  subject: T,
): StanzaError | undefined {
  for (const feature of features) {
    const refusal = (feature[hook] as ((subject: T) => StanzaError | undefined) | undefined)?.call(feature, subject);
    if (refusal) return refusal;
  }
  return undefined;
}
