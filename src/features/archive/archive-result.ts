/** What a query of an archive is answered with: the messages, each wrapped in a stanza of its own, and the end (XEP-0313 §4.2-4.3). */
import { foldBare } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { outgoing, type Outgoing } from '../../xmpp/outgoing';
import { rsmResult } from '../../xmpp/rsm';
import { attributes } from '../../xmpp/xml';
import { seesAllJids, showsJid } from './archive-author';
import { PAGE_BYTES, type ArchiveAnswer } from '../../room/contract/archive-query';
import { delayXml, messageRest, speakerOf } from '../../room/talking/message-xml';
import type { MessageRow } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';

type Page = Extract<ArchiveAnswer, { kind: 'page' }>;

/** How the asker wants the page. */
export interface PageOrder {
  /** The `queryid` of the query; on every result. */
  readonly queryId: string | undefined;
  /** Newest first (§4.3.4): the same page in the other order. */
  readonly flipped: boolean;
  /** Paging from new to old: when a page is cut, the newest stay. */
  readonly backwards: boolean;
}

/** The results in the order in which they leave, and the `<fin/>`, finished XML. `to`: who asks, as they are spelt. */
export function pageStanzas(room: RoomState, to: string, page: Page, order: PageOrder): { results: Outgoing[]; fin: string } {
  const seesAll = seesAllJids(room, foldBare(to));
  const wrapped = page.rows.map((row) => resultStanza(room, to, row, order.queryId, showsJid(room, seesAll, row)));
  const { begin, end } = fitting(wrapped, order.backwards);
  const rows = page.rows.slice(begin, end);
  const results = wrapped.slice(begin, end);
  if (order.flipped) results.reverse();
  const [first, last] = [rows[0], rows.at(-1)];
  const set = rsmResult({
    ...(page.count === undefined ? {} : { count: page.count }),
    ...(first && last ? { first: first.id, last: last.id } : {}),
    // The position is optional (§4.3.2). slixmpp takes the page with which an archive ends for the last one to come, also when it
    // pages backwards and that is its first.
    ...(first && page.index !== undefined && !order.backwards ? { firstIndex: page.index } : {}),
  });
  // §4.3.2: nothing that was said can be served that changes later, so there is no `stable`.
  const complete = page.complete && rows.length === page.rows.length;
  return { results, fin: `<fin xmlns="${NS.mam}"${attributes({ complete: complete ? 'true' : undefined })}>${set}</fin>` };
}

/** The part of the page that the bound lets through: where it begins and ends. */
function fitting(wrapped: readonly Outgoing[], backwards: boolean): { begin: number; end: number } {
  let bytes = 0;
  let count = 0;
  for (; count < wrapped.length; count++) {
    bytes += Buffer.byteLength((wrapped[backwards ? wrapped.length - 1 - count : count] as Outgoing).rest);
    if (bytes > PAGE_BYTES && count > 0) break;
  }
  return backwards ? { begin: wrapped.length - count, end: wrapped.length } : { begin: 0, end: count };
}

/** One message as it was said, with its ids, wrapped; too large for a stanza by the wrapping, it goes without its content (§3.2). */
function resultStanza(room: RoomState, to: string, row: MessageRow, queryId: string | undefined, jidShown: boolean): Outgoing {
  const x = jidShown ? `<x xmlns="${NS.mucUser}"><item${attributes({ jid: row.sender })}/></x>` : '';
  const wrap = (payload: string): Outgoing => {
    const head = `<message xmlns="jabber:client"${attributes({ from: speakerOf(row, room.jid) })}`;
    const message = `${head}${messageRest({ ...row, payload: payload + x }, room)}`;
    const forwarded = `<forwarded xmlns="${NS.forward}">${delayXml(room.jid, row.stamp)}${message}</forwarded>`;
    const result = `<result xmlns="${NS.mam}"${attributes({ queryid: queryId, id: row.id })}>${forwarded}</result>`;
    return outgoing('message', room.jid, to, {}, result);
  };
  const whole = wrap(row.payload);
  // The start tag's addresses and names are counted generously.
  const bytes = Buffer.byteLength(whole.rest) + 2 * (Buffer.byteLength(room.jid) + Buffer.byteLength(to)) + 50;
  return bytes > room.env.policy.limits.stanzaBytes ? wrap('') : whole;
}
