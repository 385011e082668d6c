/**
 * Presence of the room itself, from its bare JID: what features have to say of the room as a contact, such as its avatar (XEP-0153), with its capabilities
 * (XEP-0115). For those alone none is sent: XEP-0486 says why clients take presence from there amiss.
 */
import { featureRows } from '../contract/feature-rows';
import { sayToAll } from './presence';
import { capsXml } from '../configuring/discovery';
import type { Session } from './occupants';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

const KEY = 'caps';

/** What people were told last: the operator's rules may be others after it, also while the room sleeps or the service is ended. */
const told = featureRows<string>({
  name: 'caps-told',
  says: 'the capabilities (XEP-0115) that people in it were told last',
  key: ['plain'],
  value: 'plain',
  travels: [],
  erasing: 'forgets',
  folding: 'present',
  most: 1,
  lifetime: { until: 'it ends' },
});

export const capsRows = told.declaration;

/** The capabilities that are told now. */
function tellCaps(state: RoomState, turn: Turn): string {
  const caps = capsXml(state);
  state.capsOf = state.env.features;
  if (told.get(state, KEY) !== caps) told.set(state, turn, KEY, caps);
  return caps;
}

/** The `rest` (see Outgoing): neither `type` nor `muc#user`, by which clients tell it from an occupant's. */
const restOf = (content: string): string => `>${content}</presence>`;

/** What features have to say of the room; '' if nothing. */
const contentOf = (state: RoomState): string => state.env.features.all.map((feature) => feature.roomPresence?.(state) ?? '').join('');

/** Tells somebody who enters, directly after their own presence. A room of which there is nothing to say says nothing. */
export function sayRoomPresence(state: RoomState, turn: Turn, session: Session): void {
  const content = contentOf(state);
  if (content === '') return;
  turn.say({ name: 'presence', from: state.jid, to: [session.address], rest: restOf(content + tellCaps(state, turn)), kind: 'fan-out' });
}

/** Tells everybody what has changed, and remembers it until it is delivered: what was taken away leaves no other trace. */
export function showRoomPresence(state: RoomState, turn: Turn, said: string): void {
  const content = said + tellCaps(state, turn);
  state.writeSaying(turn, { kind: 'room-presence', content });
  const { everyone, entering } = state.occupants.audiences;
  sayToAll(state, turn, { name: 'presence', from: state.jid, rest: restOf(content), kind: 'fan-out' }, everyone, entering);
}

/**
 * To be asked before something changes that discovery tells. What is returned tells everybody, if the room's capabilities are others then (XEP-0115 §6.1) and
 * the room has presence of its own.
 */
export function watchCapabilities(state: RoomState): (turn: Turn) => void {
  if (contentOf(state) === '') return () => undefined;
  const before = capsXml(state);
  return (turn) => {
    if (capsXml(state) !== before) showRoomPresence(state, turn, contentOf(state));
  };
}

/** To be asked of each decision that may write: the operator's rules are others than when people were told last, and discovery with them (XEP-0115 §6.1). */
export function showCapsOfNewRules(state: RoomState, turn: Turn): void {
  if (state.capsOf === state.env.features || !state.exists) return;
  state.capsOf = state.env.features;
  const before = told.get(state, KEY);
  if (before === undefined || state.occupants.count === 0) return;
  const content = contentOf(state);
  if (content !== '' && capsXml(state) !== before) showRoomPresence(state, turn, content);
}

/** Says it again; those who are entering are told what is true now. */
export function sayRoomPresenceAgain(state: RoomState, turn: Turn, content: string): void {
  sayToAll(
    state,
    turn,
    { name: 'presence', from: state.jid, rest: restOf(content), kind: 'fan-out' },
    state.occupants.audiences.everyone,
    [],
  );
}
