/** Saying an occupant's message, or the room's own, to all: its archive row and the one template that goes to everybody. */
import type { FullJid } from '../../xmpp/fold';
import { langOf } from '../../xmpp/lengths';
import type { Outgoing } from '../../xmpp/outgoing';
import type { Element } from '../../xmpp/xml';
import { messageId } from './ids';
import { messagePayload, messageRest, relayedDelay } from './message-xml';
import { isEntering, type Occupant, type Session } from '../occupants/occupants';
import { sayToAll } from '../occupants/presence';
import { addedForAffiliation, bothAdditions, differsByAffiliation, type MessageAdditions } from '../contract/additions';
import { groupsOf } from '../occupants/groups';
import type { MessageRow } from '../contract/rows';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** Where a message is kept: `history`: archived, and shown to people who enter. A string and no object, because it is passed for every message. */
export type Kept = 'history' | 'archive' | 'nowhere';

/** Says an occupant's message to all. Returns the archived row. */
export function speak(state: RoomState, turn: Turn, stanza: Element, session: Session, kept: Kept): MessageRow | undefined {
  const { occupant } = session;
  const clientId = (stanza.attrs['id'] as string | undefined) ?? null;
  const lang = langOf(stanza) ?? null;
  // §7.9: an owner may bring the history of a one-to-one chat, each message with its own time.
  const delay = relayedDelay(stanza, state.jid, () => state.affiliationOf(occupant.jid) === 'owner');
  const payload = messagePayload(stanza, state, 'groupchat', delay);
  return sayMessage(state, turn, occupant, {
    clientId,
    lang,
    payload,
    archived: kept !== 'nowhere',
    inHistory: kept === 'history',
    sender: session.jid,
  });
}

/** Who posts without being in the room, as an occupant would be named. */
type Program = Pick<Occupant, 'id' | 'jid' | 'nick' | 'from'>;

/** A message whose content is what the room passes on (`messagePayload`). */
export interface Saying extends Pick<MessageRow, 'clientId' | 'lang' | 'payload' | 'inHistory'> {
  readonly archived: boolean;
  /** Full JID, where it is known. */
  readonly sender?: FullJid;
}

/** Says a message in an occupant's name. Returns the archived row. */
export function sayMessage(state: RoomState, turn: Turn, occupant: Occupant, message: Saying): MessageRow | undefined {
  const { addToMessage } = state.env.features;
  if (addToMessage.length === 0) return sayAs(state, turn, occupant, message);
  let more: MessageAdditions | undefined;
  for (const feature of addToMessage) {
    const added = feature.addToMessage?.(state, occupant, message.payload);
    if (added) more = more ? bothAdditions(more, added) : added;
  }
  return sayAs(state, turn, occupant, more ? { ...message, payload: message.payload + more.all } : message, more);
}

/** Says a message of the room itself, which is always archived: what is said by the room alone leaves no other trace. */
export function sayAsRoom(state: RoomState, turn: Turn, message: Omit<Saying, 'archived' | 'sender'>): MessageRow {
  return sayAs(state, turn, undefined, { ...message, archived: true }) as MessageRow;
}

/** Says a message of a program that is not in the room. Returns the archived row. */
export function sayAsProgram(state: RoomState, turn: Turn, program: Program, message: Omit<Saying, 'sender'>): MessageRow | undefined {
  return sayAs(state, turn, program, message);
}

function sayAs(
  state: RoomState,
  turn: Turn,
  speaker: Occupant | Program | undefined,
  message: Saying,
  more?: MessageAdditions,
): MessageRow | undefined {
  const { clientId, lang, payload, archived, inHistory } = message;
  const occupantId = speaker?.id ?? null;
  // What the room itself says does not tell that anybody uses it.
  if (speaker) state.used = turn.stamp;
  const stamp = archived ? state.nextStamp(turn) : turn.stamp;
  const id = archived ? messageId(stamp, state.env.random) : null;
  let row: MessageRow | undefined;
  if (id !== null) {
    state.seq += 1;
    row = {
      seq: state.seq,
      rev: state.raise(),
      stamp,
      id,
      nick: speaker?.nick ?? null,
      sender: message.sender ?? speaker?.jid ?? null,
      jidShown: state.facts.jidsVisible,
      occupantId,
      clientId,
      lang,
      inHistory,
      payload,
    };
    turn.write({ table: 'message', row });
  }
  const rest = messageRest({ id, clientId, lang, occupantId, payload }, state);
  const { everyone, entering } = state.occupants.audiences;
  const out = { name: 'message', from: speaker?.from ?? state.jid, rest, kind: row ? 'fan-out' : 'reply' } as const;
  const apart = more && (more.moderators !== '' || differsByAffiliation(more)) ? more : undefined;
  if (!apart) sayToAll(state, turn, out, everyone, entering);
  else sayApart(state, turn, out, apart, (added) => messageRest({ id, clientId, lang, occupantId, payload: payload + added }, state));
  const occupant = speaker && 'sessions' in speaker ? speaker : undefined;
  const said = { room: state, turn, occupant, out, payload, row };
  for (const feature of state.facts.listeners) feature.said?.(said);
  return row;
}

/** The same message with more in it for moderators, or by affiliation: a text for each group. `restWith`: the message with something added. */
function sayApart(
  state: RoomState,
  turn: Turn,
  out: Omit<Outgoing, 'to'>,
  more: MessageAdditions,
  restWith: (added: string) => string,
): void {
  if (differsByAffiliation(more)) {
    for (const { moderator, affiliation, to, entering } of groupsOf(state)) {
      const added = (moderator ? more.moderators : '') + addedForAffiliation(more, affiliation);
      sayToAll(state, turn, added === '' ? out : { ...out, rest: restWith(added) }, to, entering);
    }
    return;
  }
  const { moderators, others, entering } = state.occupants.audiences;
  const isModerator = ({ occupant }: Session): boolean => occupant.role === 'moderator';
  const theirs = entering.filter(isModerator);
  const rest = entering.filter((session) => !isModerator(session));
  sayToAll(state, turn, { ...out, rest: restWith(more.moderators) }, moderators, theirs);
  sayToAll(state, turn, out, others, rest);
}

/**
 * A message of the room itself to one occupant alone, finished XML; it is not archived. Who is entering gets it behind the history. A crash may keep it from them: nobody gets it twice.
 */
export function tellOccupant(state: RoomState, turn: Turn, occupant: Occupant, content: string): void {
  tell(state, turn, occupant, ` type="groupchat">${content}</message>`);
}

/** As `tellOccupant`, what somebody must be told: after a crash that may have kept it from them it is said again. */
export function tellOccupantForSure(state: RoomState, turn: Turn, occupant: Occupant, content: string): void {
  const rest = `>${content}</message>`;
  state.writeSaying(turn, { kind: 'told', jid: occupant.jid, rest });
  tell(state, turn, occupant, rest);
}

function tell(state: RoomState, turn: Turn, { sessions }: Occupant, rest: string): void {
  const live = sessions.filter((session) => !isEntering(session)).map((session) => session.address);
  sayToAll(state, turn, { name: 'message', from: state.jid, rest }, live, sessions.filter(isEntering));
}
