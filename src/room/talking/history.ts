/** The messages a joiner gets (§7.2.13-7.2.15): what they asked for, what the archive answered, then the subject, then what was held. */
import { NS } from '../../xmpp/ns';
import { parseDateTime } from '../../xmpp/dates';
import type { Element } from '../../xmpp/xml';
import { toXml, type Outgoing } from '../../xmpp/outgoing';
import { readablePart, refuseReading } from './archive-readers';
import { messageRest, speakerOf } from './message-xml';
import { sayOwnPresence, sayRoster } from '../occupants/roster';
import { subjectStanza } from './subject';
import type { ReadHistory } from '../contract/machine';
import { isEntering, type Entering } from '../occupants/occupants';
import type { MessageRow, Millis } from '../contract/rows';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** Most bytes of contents in one joiner's history; what is older is left to the archive. */
export const HISTORY_BYTES = 524_288;

/** The four limits of §7.2.14; all that are given apply together. */
export interface HistoryRequest {
  readonly maxChars?: number;
  readonly maxStanzas?: number;
  readonly since?: Millis;
}

/** What a join asks for. Values that cannot be read count as not given. */
export function historyRequest(stanza: Element | undefined, now: Millis): HistoryRequest {
  const element = stanza?.getChild('x', NS.muc)?.getChild('history', NS.muc);
  if (!element) return {};
  const count = (name: string): number | undefined => {
    const text = element.attrs[name] as string | undefined;
    return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined;
  };
  const maxChars = count('maxchars');
  const maxStanzas = count('maxstanzas');
  const seconds = count('seconds');
  const sinceText = element.attrs['since'] as string | undefined;
  const since = sinceText === undefined ? undefined : parseDateTime(sinceText);
  const earliest = Math.max(seconds === undefined ? -Infinity : now - seconds * 1000, since ?? -Infinity);
  return {
    ...(maxChars === undefined ? {} : { maxChars }),
    ...(maxStanzas === undefined ? {} : { maxStanzas }),
    ...(earliest === -Infinity ? {} : { since: earliest }),
  };
}

/** Asks the store for a joiner's history up to that message, or finishes the entry at once if there is none to give. */
export function readHistory(state: RoomState, turn: Turn, session: Entering, request: HistoryRequest, upToSeq: number): void {
  const limit = Math.min(state.facts.history, request.maxStanzas ?? Infinity);
  const empty = upToSeq <= (state.row?.archiveFrom ?? 0);
  // The history is what the joiner may read: an occupant, but perhaps no member.
  const from = session.jid;
  const nothing = limit === 0 || request.maxChars === 0 || empty || refuseReading(state, from) !== undefined;
  if (nothing && !session.entry.rosterDue) {
    finishEntry(state, turn, session, []);
    return;
  }
  turn.effects.push({
    kind: 'read-messages',
    purpose: 'history',
    session: from,
    token: session.entry.token,
    ...readablePart(state, from),
    upToSeq,
    limit: nothing ? 0 : rowsToRead(limit),
    show: limit,
    ownLimits: request.maxStanzas !== undefined || request.maxChars !== undefined || request.since !== undefined,
    // A character has at most four bytes, and a stanza is longer than its content.
    maxBytes: Math.min(HISTORY_BYTES, 4 * (request.maxChars ?? Infinity)),
    ...(request.since === undefined ? {} : { since: request.since }),
    ...(request.maxChars === undefined ? {} : { maxChars: request.maxChars }),
  });
}

/** The archive has answered: if that entry is still going on, it is finished. */
export function historyRead(state: RoomState, turn: Turn, effect: ReadHistory, rows: readonly MessageRow[]): void {
  const session = state.occupants.session(effect.session);
  if (!session || !isEntering(session) || session.entry.token !== effect.token) return;
  // Check again what the joiner may read, as for archive queries: it may have changed during the read.
  const { stayOf } = readablePart(state, effect.session);
  const refused = refuseReading(state, effect.session) !== undefined || (stayOf !== undefined && stayOf !== effect.stayOf);
  // Trimmed while it was read.
  const readable = effect.limit === 0 || refused ? [] : rows.filter(({ seq }) => seq > (state.row?.archiveFrom ?? 0));
  const { maxChars, show = effect.limit, ownLimits = false } = effect;
  const more = rowsToRead(show, effect.limit);
  // Reactions fill what was read, and there may be older messages: a little further back.
  if (rows.length >= effect.limit && effect.limit > 0 && more > effect.limit && messagesAmong(rows) < show) {
    turn.effects.push({ ...effect, limit: more });
    return;
  }
  const to = session.address;
  const sizeOf = (row: MessageRow): number => [...toXml({ ...inHistory(state, row), to: [to] }, to.jid)].length;
  const limits = { limited: ownLimits, maxChars };
  finishEntry(state, turn, session, chooseHistory(readable, show, limits, sizeOf));
}

/** A message as history has it. */
function inHistory(state: RoomState, row: MessageRow): Omit<Outgoing, 'to'> {
  return { name: 'message', from: speakerOf(row, state.jid), rest: messageRest(row, state, row.stamp), kind: 'fan-out' };
}

/** History, subject, what was held meanwhile; from now on the session gets live traffic (§7.1). */
export function finishEntry(state: RoomState, turn: Turn, session: Entering, rows: readonly MessageRow[]): void {
  const { entry } = session;
  const { rosterDue } = entry;
  if (rosterDue) {
    for (const stanza of entry.departures()) turn.say(stanza);
    sayRoster(state, turn, session, rosterDue);
    sayOwnPresence(state, turn, session, rosterDue);
  }
  const to = [session.address];
  for (const row of rows) turn.say({ ...inHistory(state, row), to });
  turn.say({ ...subjectStanza(state, to), kind: 'fan-out' });
  for (const stanza of entry.missedBy(to)) turn.say(stanza);
  for (const stanza of rosterDue ? entry.messages() : entry.everything()) turn.say(stanza);
  state.occupants.goLive(session, state.rev);
}

/** Companions of one message that ride along. */
const MOST_EACH = 5;
/** So many rows are read for one message that is shown, but not more than this beyond. */
const READ_FOR_ONE = 6;
const READ_MORE = 1_000;

/** What is read in order to show so many messages. `read`: what was read and was not enough. */
function rowsToRead(messages: number, read = messages): number {
  return Math.min(read * READ_FOR_ONE, messages + READ_MORE);
}

/** How many of the rows are messages to people. */
function messagesAmong(rows: readonly MessageRow[]): number {
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
function chooseHistory(
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
