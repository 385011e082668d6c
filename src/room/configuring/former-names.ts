/**
 * Addresses that a room had before it was renamed. What it said of itself then, in what is archived, is told with its present address: the time of a message
 * that an owner brought (§7.9), and as whom a moderator retracted (XEP-0425). What people said of it stays as they said it.
 */
import { FORMER_NAMES } from '../contract/row-names';
import type { RoomJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { escapeAttribute } from '../../xmpp/xml';
import { featureRows } from '../contract/feature-rows';
import { delayHead, ownDelayOf } from '../talking/message-xml';
import { isRetraction, isTombstone } from '../retracting/retraction-xml';
import type { MessageRow } from '../contract/rows';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** Names that are remembered; of more, the oldest are forgotten. */
const MAX = 100;

/** By the number of the last message that was said under it, in that order. */
const rows = featureRows<RoomJid>({
  name: FORMER_NAMES,
  says: 'which addresses it had before, each up to which message',
  key: ['plain'],
  value: 'former-room',
  travels: ['room'],
  erasing: 'forgets',
  folding: 'present',
  most: MAX,
  lifetime: { until: 'the room ends' },
});

export const formerNames = rows.declaration;

/** The room is about to get another name. */
export function noteFormerName(room: RoomState, turn: Turn): void {
  const key = String(room.seq);
  // Nothing was said under the present one.
  if (rows.get(room, key) !== undefined) return;
  rows.set(room, turn, key, room.jid);
  const [oldest] = rows.keys(room);
  if (oldest !== undefined && rows.count(room) > MAX) rows.set(room, turn, oldest, null);
}

/** An archived message as the room says it today. Only what it said under a former name is looked at: nobody else could say that then. */
export function atPresentAddress(room: RoomState, row: MessageRow): MessageRow {
  if (rows.count(room) === 0) return row;
  const key = rows.keys(room).find((upToSeq) => row.seq <= Number(upToSeq));
  const former = key === undefined ? undefined : rows.get(room, key);
  if (former === undefined || former === room.jid) return row;
  const delay = ownDelayOf(row.payload, former);
  const head = delay === '' ? '' : delayHead(room.jid) + delay.slice(delayHead(former).length);
  const rest = row.payload.slice(delay.length);
  const ofRoom = isTombstone(rest, room.jid) || (row.nick === null && isRetraction(rest));
  const payload = head + (ofRoom ? moderatedBy(rest, former, room.jid) : rest);
  return payload === row.payload ? row : { ...row, payload };
}

/** A text cannot hold such an element: its `<` is escaped. */
function moderatedBy(payload: string, former: RoomJid, present: RoomJid): string {
  let text = payload;
  for (const ns of [NS.moderate, NS.moderate0]) {
    const head = `<moderated xmlns="${ns}" by="`;
    for (const end of ['"', '/']) text = text.replaceAll(head + escapeAttribute(former) + end, () => head + escapeAttribute(present) + end);
  }
  return text;
}
