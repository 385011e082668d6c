/**
 * Which messages a joiner is shown (§7.2.14). Reactions, markers and retractions are no messages to people: they take no message's place.
 *
 * - Where the joiner limits the history, it is never more than that: the newest messages first, such companions only in what is left.
 * - Where only the room does, they ride along uncounted: of each person the latest of a kind, at most five for a message.
 */
import { NS } from '../../xmpp/ns';
import type { MessageRow } from '../contract/rows';

/** Companions of one message that ride along. */
const MOST_EACH = 5;
/** So many rows are read for one message that is shown, but not more than this beyond. */
const READ_FOR_ONE = 6;
const READ_MORE = 1_000;

/** What is read in order to show so many messages. `read`: what was read and was not enough. */
export function rowsToRead(messages: number, read = messages): number {
  return Math.min(read * READ_FOR_ONE, messages + READ_MORE);
}

/** How many of the rows are messages to people. */
export function messagesAmong(rows: readonly MessageRow[]): number {
  return rows.filter((row) => !companionOf(row)).length;
}

/** What of a row says that it goes with another message: that one's id and the kind; undefined: it is a message. */
function companionOf({ payload }: MessageRow): { readonly of: string; readonly kind: string } | undefined {
  const retraction = /<retract xmlns="urn:xmpp:message-retract:[01]"[^>]*/.exec(payload);
  if (retraction) return { of: idIn(retraction[0]), kind: 'retract' };
  if (payload.includes('<body')) return undefined;
  const reaction = /<reactions xmlns="urn:xmpp:reactions:0"[^>]*/.exec(payload);
  if (reaction) return { of: idIn(reaction[0]), kind: 'reactions' };
  // A marker goes forward: the latest of a person says all, whichever message it names.
  return payload.includes(`xmlns="${NS.chatMarkers}"`) ? { of: '', kind: 'marker' } : undefined;
}

function idIn(tag: string): string {
  return / id="([^"]*)"/.exec(tag)?.[1] ?? '';
}

/**
 * Chooses from `rows`, oldest first, keeping their order. `sizeOf`: characters of a row as a stanza, asked only with `maxChars`.
 */
export function chooseHistory(
  rows: readonly MessageRow[],
  limit: number,
  own: { readonly limited: boolean; readonly maxChars: number | undefined },
  sizeOf: (row: MessageRow) => number,
): MessageRow[] {
  const chosen = new Set<MessageRow>();
  let chars = own.maxChars ?? Infinity;
  const companions: { row: MessageRow; of: string; kind: string }[] = [];
  let full = false;
  for (let i = rows.length - 1; i >= 0 && !full && chosen.size < limit; i--) {
    const row = rows[i] as MessageRow;
    const companion = companionOf(row);
    if (companion) {
      companions.push({ row, ...companion });
      continue;
    }
    // §7.2.14: complete stanzas only, the largest number of the newest that fits.
    if (own.maxChars !== undefined) chars -= sizeOf(row);
    full = chars < 0;
    if (!full) chosen.add(row);
    else chars += sizeOf(row);
  }
  const latest = new Set<string>();
  const each = new Map<string, number>();
  for (const { row, of, kind } of companions) {
    if (own.limited) {
      if (chosen.size >= limit || (own.maxChars !== undefined && (chars -= sizeOf(row)) < 0)) break;
      chosen.add(row);
      continue;
    }
    const said = `${kind} ${of} ${row.occupantId ?? ''}`;
    const count = each.get(of) ?? 0;
    if (latest.has(said) || (of !== '' && count >= MOST_EACH)) continue;
    latest.add(said);
    each.set(of, count + 1);
    chosen.add(row);
  }
  return rows.filter((row) => chosen.has(row));
}
