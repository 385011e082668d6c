/** The messages a joiner gets (§7.2.13-7.2.15): what he asked for, what the archive answered, then the subject, then what was held. */
import { NS } from '../xmpp/ns';
import { parseDateTime } from '../xmpp/dates';
import type { Element } from '../xmpp/xml';
import { toXml } from '../xmpp/outgoing';
import { readablePart, refuseReading } from './archive-access';
import { messageRest, speakerOf } from './message-xml';
import { sayHeldDepartures } from './presence';
import { sayOwnPresence, sayRoster } from './roster';
import { subjectStanza } from './subject';
import type { ReadMessages } from './machine';
import type { Session } from './occupants';
import type { MessageRow, Millis } from './rows';
import type { RoomState } from './state';
import type { Turn } from './turn';

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

/** Asks the store for a joiner's history up to that message, or lets him in at once if there is none to give. */
export function readHistory(state: RoomState, turn: Turn, session: Session, request: HistoryRequest, upToSeq: number): void {
  const limit = Math.min(state.facts.history, request.maxStanzas ?? Infinity);
  const empty = upToSeq <= (state.row?.archiveFrom ?? 0);
  // What he gets is what he might read: he is in, but may be no member.
  const from = session.jid;
  const nothing = limit === 0 || request.maxChars === 0 || empty || refuseReading(state, from) !== undefined;
  if (nothing && !session.roster) {
    finishEntry(state, turn, session, [], undefined);
    return;
  }
  turn.effects.push({
    kind: 'read-messages',
    purpose: 'history',
    session: from,
    token: session.token,
    ...readablePart(state, from),
    upToSeq,
    limit: nothing ? 0 : limit,
    // A character has at most four bytes, and a stanza is longer than its content.
    maxBytes: Math.min(HISTORY_BYTES, 4 * (request.maxChars ?? Infinity)),
    ...(request.since === undefined ? {} : { since: request.since }),
    ...(request.maxChars === undefined ? {} : { maxChars: request.maxChars }),
  });
}

/** The archive has answered: if that entry is still going on, it is finished. */
export function historyRead(state: RoomState, turn: Turn, effect: ReadMessages, rows: readonly MessageRow[]): void {
  const session = state.occupants.session(effect.session);
  if (!session?.held || session.token !== effect.token) return;
  // What he may read is looked at again, as for those who ask the archive: it may have changed while it was read.
  const { stayOf } = readablePart(state, effect.session);
  const refused = refuseReading(state, effect.session) !== undefined || (stayOf !== undefined && stayOf !== effect.stayOf);
  // Trimmed while it was read.
  const readable = effect.limit === 0 || refused ? [] : rows.filter(({ seq }) => seq > (state.row?.archiveFrom ?? 0));
  finishEntry(state, turn, session, readable, effect.maxChars);
}

/** History, subject, what was held meanwhile; from now on the session gets live traffic (§7.1). */
export function finishEntry(
  state: RoomState,
  turn: Turn,
  session: Session,
  rows: readonly MessageRow[],
  maxChars: number | undefined,
): void {
  if (session.roster) {
    sayHeldDepartures(turn, session);
    session.held = (session.held ?? []).filter(({ name }) => name === 'message');
    sayRoster(state, turn, session);
    sayOwnPresence(state, turn, session, session.roster);
  }
  const to = [session.address];
  const stanzas = rows.map((row) => ({
    name: 'message' as const,
    from: speakerOf(row, state.jid),
    to,
    rest: messageRest(row, state.jid, row.stamp),
    kind: 'fan-out' as const,
  }));
  let from = 0;
  if (maxChars !== undefined) {
    // §7.2.14: complete stanzas only, the largest number of the newest that fits.
    let chars = 0;
    for (from = stanzas.length; from > 0; from--) {
      chars += [...toXml(stanzas[from - 1] as (typeof stanzas)[number], session.address.jid)].length;
      if (chars > maxChars) break;
    }
  }
  for (const stanza of stanzas.slice(from)) turn.say(stanza);
  turn.say({ ...subjectStanza(state, to), kind: 'fan-out' });
  for (const stanza of session.held ?? []) turn.say(stanza);
  state.occupants.goLive(session);
  session.enteredRev = state.rev;
  state.settled.push(session);
}
