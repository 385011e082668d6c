/** How a message stands in its table, and comes out of it. */
import type { MessageRow } from '../../../room/contract/rows';

/** A message as SQLite gives it; `rowid` is the number that the indexes know it by. */
export type RawRow = Omit<MessageRow, 'inHistory' | 'jidShown'> & {
  readonly rowid: number;
  readonly inHistory: number;
  readonly jidShown: number;
};

/** What a message says, of a table (or alias) named `message`: its own content, unless that was blanked and something stands for it. */
export const CONTENT = `iif(message.payload < '!',
  coalesce((SELECT tombstone.payload FROM message_tombstone AS tombstone WHERE tombstone.id = message.id), message.payload), message.payload)`;

/** As many blanks as a text has bytes: in a row of the database it takes the text's place without moving anything. */
export function blanked(text: string | null): string | null {
  return text === null ? null : ' '.repeat(Buffer.byteLength(text));
}

/** Whether a text was blanked. Neither a JID nor a nickname has nothing but spaces. */
const isBlank = (text: string | null): boolean => text !== null && /^ +$/.test(text);

/** The columns of a `RawRow`, of a table (or alias) named `message`. */
export const COLUMNS = `message.id AS rowid, message.seq, message.rev, message.stamp, message.stanza_id AS id, message.nick, message.sender,
  message.jid_shown AS jidShown, message.occupant_id AS occupantId, message.client_id AS clientId, message.lang,
  message.in_history AS inHistory, ${CONTENT} AS payload`;

export function messageRow(raw: RawRow): MessageRow {
  const { seq, rev, stamp, id, occupantId, lang, payload } = raw;
  // Of an erased person all three were blanked; a client may call a message by spaces.
  const erased = isBlank(raw.sender);
  const [nick, sender, clientId] = erased ? [null, null, null] : [raw.nick, raw.sender, raw.clientId];
  const [inHistory, jidShown] = [raw.inHistory === 1, raw.jidShown === 1];
  return { seq, rev, stamp, id, nick, sender, jidShown, occupantId, clientId, lang, inHistory, payload };
}
