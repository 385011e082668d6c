/** How a message stands in its table, and comes out of it. */
import type { MessageRow } from '../../room/rows';

/** A message as SQLite gives it; `rowid` is the number that the indexes know it by. */
export type RawRow = Omit<MessageRow, 'inHistory' | 'jidShown'> & {
  readonly rowid: number;
  readonly inHistory: number;
  readonly jidShown: number;
};

/** The columns of a `RawRow`, of a table (or alias) named `message`. */
export const COLUMNS = `message.id AS rowid, message.seq, message.rev, message.stamp, message.stanza_id AS id, message.nick, message.sender,
  message.jid_shown AS jidShown, message.occupant_id AS occupantId, message.client_id AS clientId, message.lang,
  message.in_history AS inHistory, message.payload`;

export function messageRow(raw: RawRow): MessageRow {
  const { seq, rev, stamp, id, nick, sender, occupantId, clientId, lang, payload } = raw;
  const [inHistory, jidShown] = [raw.inHistory === 1, raw.jidShown === 1];
  return { seq, rev, stamp, id, nick, sender, jidShown, occupantId, clientId, lang, inHistory, payload };
}
