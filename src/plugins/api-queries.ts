/** What a plug-in can ask a room from outside a hook. Part of `parlour/plugin`. */
import type { Affiliation, Role } from './api-room';

/** A question to a room: as an owner would be told. Lists come in parts: `after` is the `next` of the part before. */
export type PluginQuery =
  | { readonly what: 'room' }
  | { readonly what: 'occupants'; readonly after?: string; readonly limit?: number }
  | { readonly what: 'affiliations'; readonly affiliation: Exclude<Affiliation, 'none'>; readonly after?: string; readonly limit?: number }
  /** What waits for an answer: registrations, voice requests, messages, invitations. */
  | { readonly what: 'queues' }
  | { readonly what: 'numbers' }
  /** The values of the owner's form, by field; secrets too. */
  | { readonly what: 'options' }
  /** Mutes, warnings, and affiliations with an end, the first end first. */
  | { readonly what: 'limits' }
  /** Hats (XEP-0317), and who wears them. */
  | { readonly what: 'hats' }
  /** Messages of the archive. `text`: words that are searched for; `with`: whose, by bare JID, or `nick`: of whoever goes by it now; `start` and `end` in milliseconds since 1970. `before: ''`: the latest. */
  | {
      readonly what: 'archive';
      readonly text?: string;
      readonly with?: string;
      readonly nick?: string;
      readonly start?: number;
      readonly end?: number;
      readonly ids?: readonly string[];
      readonly paging: { readonly max: number; readonly after?: string; readonly before?: string };
    };

/** A part of a list; without `next` it is the last. */
export interface Listed<Entry> {
  readonly entries: readonly Entry[];
  readonly next?: string;
}

/** What is answered to each question. JIDs are bare, times in milliseconds since 1970. */
export interface PluginAnswers {
  readonly room: {
    readonly jid: string;
    readonly name: string;
    readonly locked: boolean;
    readonly createdAt: number;
    readonly creator: string | null;
    readonly persistent: boolean;
    readonly listed: boolean;
    readonly membersOnly: boolean;
    readonly moderated: boolean;
    readonly protected: boolean;
    readonly nonAnonymous: boolean;
    readonly archived: boolean;
    readonly subject: { readonly text: string; readonly nick: string; readonly setAt: number } | null;
    readonly occupants: number;
  };
  readonly occupants: Listed<{
    readonly nick: string;
    readonly occupantId: string;
    readonly jid: string | null;
    readonly affiliation: Affiliation;
    readonly role: Role;
    readonly sessions: number;
  }>;
  readonly affiliations: Listed<{
    readonly jid: string;
    readonly affiliation: Affiliation;
    readonly nick: string | null;
    readonly reason: string | null;
    readonly setBy: string | null;
    /** Who set it and has no address: `operator NAME`, `token NAME` or `plug-in NAME`. */
    readonly setByName: string | null;
    readonly setAt: number;
    /** When it ends by itself, and what they are then; null: it lasts. */
    readonly until: number | null;
    readonly afterwards: Affiliation | null;
  }>;
  readonly queues: readonly {
    readonly kind: 'registration' | 'voice' | 'message' | 'invitation';
    readonly jid: string;
    readonly id?: string;
    readonly at?: number;
    readonly about?: string;
  }[];
  readonly numbers: {
    readonly occupants: number;
    readonly sessions: number;
    readonly affiliations: Readonly<Record<Exclude<Affiliation, 'none'>, number>>;
    readonly rows: number;
    readonly seq: number;
    /** When somebody last entered or spoke; if nobody has, when the room was made. In milliseconds since 1970. */
    readonly latest: number;
  };
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly limits: readonly {
    readonly kind: 'mute' | 'warning' | Exclude<Affiliation, 'none'>;
    readonly jid: string;
    readonly since: number;
    /** null: until somebody ends it. */
    readonly until: number | null;
    readonly by: string | null;
    readonly reason: string | null;
  }[];
  readonly hats: readonly {
    readonly uri: string;
    readonly title: string;
    readonly hue: string | null;
    readonly role: 'participant' | 'moderator' | null;
    readonly mentions: boolean;
    readonly wearers: readonly string[] | null;
  }[];
  readonly archive: {
    readonly messages: readonly {
      readonly id: string;
      readonly at: number;
      /** null: the room itself said it. */
      readonly nick: string | null;
      readonly occupantId: string | null;
      readonly jid: string | null;
      /** Its content, XML. */
      readonly payload: string;
      /** It was taken back: its content is a tombstone (XEP-0424 §4). */
      readonly retracted: boolean;
    }[];
    readonly complete: boolean;
  };
}

/** An answer, or why there is none. */
export type Answered<Q extends PluginQuery> =
  | { readonly ok: true; readonly answer: PluginAnswers[Q['what']] }
  | { readonly ok: false; readonly condition: string; readonly text: string };
