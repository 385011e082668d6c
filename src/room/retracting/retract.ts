/** What is left of a message that was taken back, and that nobody is told it any more. Who may take what back: `features/retraction/retraction-rules.ts`. */
import type { Burying } from '../contract/rows';
import { atPresentAddress } from '../configuring/former-names';
import { messageRest } from '../talking/message-xml';
import type { Missed } from '../talking/missed';
import { dropMentions } from '../talking/notice-queue';
import { isTombstone } from './retraction-xml';
import type { MessageRow } from '../contract/rows';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** Whether nothing is left of a message, as far as its row tells, or since it was read. */
export function isRetracted(room: RoomState, row: MessageRow): boolean {
  return room.retracted.has(row.id) || isTombstone(row.payload, room.jid);
}

/** Whether it set the subject that the room has now: that is changed by setting another (§8.1). */
export function isPresentSubject({ subject }: RoomState, row: MessageRow): boolean {
  return (
    subject !== null && subject.setAt === row.stamp && subject.nick === row.nick && !row.inHistory && row.payload.includes(subject.xml)
  );
}

/** A message as it is by now: it may have been retracted since it was read, or said when the room had another address. */
export function asItIs(room: RoomState, row: MessageRow): MessageRow {
  const burying = room.retracted.get(row.id);
  if (!burying) return atPresentAddress(room, row);
  const { payload, person } = burying;
  return person === 'kept' ? { ...row, payload } : { ...row, payload, sender: null, nick: null, clientId: null };
}

/** Retractions that a room knows by heart, since a read that was under way meanwhile does not show them. */
export const REMEMBERED = 1_000;

/** Puts a tombstone in the place of one message. `erased`: who said it is not known any more. */
export function buryOne(room: RoomState, turn: Turn, row: MessageRow, payload: string, person: Burying['person']): void {
  turn.write({ table: 'retraction', id: row.id, payload, person });
  for (const feature of room.env.features.buried) feature.buried?.(room, turn, row.id);
  // Behind all others, also if it was there: the oldest are forgotten.
  room.retracted.delete(row.id);
  room.retracted.set(row.id, { payload, person });
  room.burials++;
  for (const oldest of room.retracted.keys()) {
    if (room.retracted.size <= REMEMBERED) break;
    room.retracted.delete(oldest);
  }
  turn.buried ??= new Map();
  const before = turn.buried.get(row.id)?.before ?? messageRest(row, room);
  turn.buried.set(row.id, { before, after: messageRest({ ...row, payload }, room) });
}

/** Nobody is told what was buried in this turn, neither who is entering nor who is mentioned: one pass over what waits, however many messages that were. */
export function buryWaiting(room: RoomState, turn: Turn): void {
  if (!turn.buried) return;
  dropMentions(room, turn, new Set(turn.buried.keys()));
  const texts = new Map([...turn.buried.values()].map(({ before, after }) => [before, after]));
  const lists = new Set<Missed>();
  for (const { entry } of room.occupants.audiences.entering) {
    entry.rewrite(texts);
    if (entry.missed) lists.add(entry.missed);
  }
  for (const list of lists) list.rewrite(texts);
}
