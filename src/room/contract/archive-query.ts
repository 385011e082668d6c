/** What may be asked of a room's archive, and what comes back: the language between rooms, the store and those who read. */
import type { BareJid, FullJid } from '../../xmpp/fold';
import type { AuditRow } from './audit';
import type { MessageRow, Millis, OccupantId } from './rows';

/** Which messages; everything that is given applies together. */
export interface ArchiveFilter {
  /** Only seq <= this: the room's number at the decision, so that pages do not grow while they are read. */
  readonly upToSeq: number;
  /** Only stamp >= / <= this (XEP-0313 §4.1.2). */
  readonly start?: Millis;
  readonly end?: Millis;
  /** Only what lies behind / before this message, itself excluded (§4.1.3). */
  readonly afterId?: string;
  readonly beforeId?: string;
  /** Only these messages (§4.1.4). */
  readonly ids?: readonly string[];
  /** Only what this occupant said, by occupant-id (§4.1.1 `with`). */
  readonly occupantId?: OccupantId;
  /** Of that occupant only what was said from this full JID. */
  readonly sender?: FullJid;
  /** Only what was said while everybody in the room saw real JIDs: a search by JID of somebody who may not see JIDs now. */
  readonly jidShown?: true;
  /** Only what a full-text search finds (XEP-0431): words as a person types them. */
  readonly text?: string;
  /** Only what was said while this bare JID belonged to the room (`stay` rows). */
  readonly stayOf?: BareJid;
}

/** A page of what the filter leaves (XEP-0059), always answered oldest first. */
export interface ArchivePaging {
  readonly max: number;
  /** The page begins behind this message; with `before` too: only what lies between is paged. */
  readonly after?: string;
  /** The page ends before this message; '' = at the end of the archive. Given: paging goes backwards. */
  readonly before?: string;
}

/** Longest text that is searched for, in UTF-16 units; nobody types a longer one. */
export const LONGEST_SEARCH = 1_000;

/** Most bytes of the contents of one page, and of what it is answered with; one message is read and sent whatever its size. */
export const PAGE_BYTES = 1_048_576;

/** `patient`: asked by the room for work of its own, which takes what time it takes. All others have a budget of rows and time. */
export type ArchiveQuery = { readonly filter: ArchiveFilter; readonly patient?: true } & (
  | { readonly want: 'page'; readonly paging: ArchivePaging }
  /** The oldest and the newest message (XEP-0313 §5 metadata). */
  | { readonly want: 'ends' }
  /** All versions (XEP-0308) of what somebody, by occupant-id, said: `name` is the stanza-id, or what they call it themselves, as written in XML. */
  | { readonly want: 'versions'; readonly occupantId: OccupantId; readonly name: string }
  /** The room's audit trail since that time: the latest acts, the latest first. */
  | { readonly want: 'audit'; readonly since: Millis; readonly object?: string; readonly limit: number }
);

/** What is asked of messages. */
export type MessagesAsked = Exclude<ArchiveQuery, { readonly want: 'audit' }>;

/** Whether rows have to be looked through for what is asked: such questions never hold up those that go by an index. */
export function isSearch({ filter }: ArchiveQuery): boolean {
  return filter.text !== undefined || filter.sender !== undefined || filter.jidShown !== undefined;
}

export type ArchiveAnswer =
  | {
      readonly kind: 'page';
      /** Oldest first. */
      readonly rows: readonly MessageRow[];
      /** No more messages in the direction of paging (§4.3.2); false also if the page ends early, by its bytes or its budget. */
      readonly complete: boolean;
      /** Messages the filter leaves, and the position of the first row among them; absent: too dear to count (XEP-0059 §2.6). */
      readonly count?: number;
      readonly index?: number;
    }
  | { readonly kind: 'ends'; readonly first: MessageRow | null; readonly last: MessageRow | null }
  /** `start`: the message of that name, null if it is lost or never was; `rows`: it and its versions, as far as they are there, oldest first. */
  | { readonly kind: 'versions'; readonly start: MessageRow | null; readonly rows: readonly MessageRow[] }
  | { readonly kind: 'audit'; readonly acts: readonly AuditRow[] }
  /** An id that is not in the archive: it never was, or is older than the oldest message kept (§4.1.3, §4.3.1). */
  | { readonly kind: 'item-not-found'; readonly id: string }
  /** The budget was used up before anything was found. */
  | { readonly kind: 'too-long' }
  /** Too many are waiting, or the store could not read. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed' };
