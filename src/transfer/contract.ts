/** What the faces for operators call: export and import of a room, export of a person, forgetting an account, another domain. */
import type { By } from '../room/contract/audit';
import type { BareJid, RoomJid } from '../xmpp/fold';
import type { StanzaError } from '../xmpp/stanza-error';

/** The form of exported documents that this program writes and reads. */
export const FORMAT_VERSION = 1;

/** What came of an import. `messages`: that were brought along; `left`: names of rows of features that do not run here, which were left out. An error says in its text what is wrong with the document, or with the address. */
export type ImportOutcome =
  | { readonly ok: true; readonly room: RoomJid; readonly messages: number; readonly left: readonly string[] }
  | { readonly ok: false; readonly error: StanzaError };

/** What came of forgetting an account: the rooms that knew it, and how many of those failed (each is a line of the log). */
export interface Forgotten {
  readonly rooms: number;
  readonly failed: number;
}

/** Offered by the running program (`Parlour.transfers`). Streams are read at the caller's pace: nothing is gathered for who is slow. */
export interface Transfers {
  /**
   * A room as one JSON document, in pieces of text: its options, lists, archive, and what features keep that travels with a room. null: there is no such
   * room. What is said or retracted while the stream is read may or may not be in it; nothing else is. The stream throws StoreFailed.
   */
  exportRoom(room: RoomJid): Promise<AsyncIterable<string> | null>;
  /**
   * Makes a room from such a document, in UTF-8. `to`: the address it gets, by default the one that it had; it must be one of this service that no room
   * has. The room appears whole or not at all. Never rejects for what is in the document; throws StoreFailed.
   */
  importRoom(document: AsyncIterable<string | Uint8Array>, options: { readonly to?: RoomJid; readonly by: By }): Promise<ImportOutcome>;
  /** Everything that any room holds of a bare JID, as one JSON document in pieces of text. Addresses of others are left out. The stream throws StoreFailed. */
  exportPerson(jid: BareJid): AsyncIterable<string>;
  /**
   * An account was deleted: what rooms hold of it goes (affiliations, nicks, registrations, wishes, invitations, stays), but bans and what it said. Whoever
   * gets the address later is somebody else. Answers when all rooms are done. Throws StoreFailed; then it is to be asked for again.
   */
  forget(jid: BareJid, by: By): Promise<Forgotten>;
}
