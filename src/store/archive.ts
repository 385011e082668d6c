/** Reading what was said. */
import type { BareJid, RoomJid } from '../xmpp/fold';
import type { ArchiveAnswer, ArchiveQuery } from '../room/contract/archive-query';
import type { MessageRow, Millis } from '../room/contract/rows';

/** Which archived messages of a room to read. All bounds that are given apply together. */
export interface MessageQuery {
  /** Only seq <= this. */
  readonly upToSeq?: number;
  /** Only rev > this (what was committed but perhaps never delivered). */
  readonly afterRev?: number;
  /** Only rows with `inHistory`. */
  readonly historyOnly?: boolean;
  /** Only stamp >= this. */
  readonly since?: Millis;
  /** Only messages from while this bare JID belonged to the room (`stay` rows). */
  readonly stayOf?: BareJid;
  /** At most this many, the newest. */
  readonly limit: number;
  /** Of these, the newest whose contents have at most this many bytes together. */
  readonly maxBytes?: number;
  /** The oldest that fit instead, and one at least, however large it is. */
  readonly oldestFirst?: boolean;
}

/**
 * The archives of rooms. Callers rely on this: messages are in the order in which they were said (that of `seq`, which is that of `stamp`), complete
 * whatever waits for an index, and as of one moment; those of a former room of the name are never among them. No claim is needed.
 */
export interface Archive {
  /** Archived messages, oldest first. Throws StoreFailed. */
  messages(room: RoomJid, query: MessageQuery): Promise<MessageRow[]>;
  /** Answers an archive query. Throws StoreFailed. */
  archive(room: RoomJid, query: ArchiveQuery): Promise<ArchiveAnswer>;
}
