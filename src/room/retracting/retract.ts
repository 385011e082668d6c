/** What is left of a message that was taken back, and that nobody is told it any more, also by reads that were under way. Who may take what back: `features/retraction/retraction-rules.ts`. */
import type { Burying, MessageRow } from '../contract/rows';
import { atPresentAddress } from '../configuring/former-names';
import { messageRest } from '../talking/message-xml';
import type { Missed } from '../talking/missed';
import { dropMentions } from '../talking/notice-queue';
import { isTombstone } from './retraction-xml';
import type { RoomState } from '../state';
import type { Turn } from '../turn';
import { askArchive, goOn } from '../ask-archive';
import type { ArchiveAnswer } from '../contract/archive-query';
import type { Effect, ReadArchive, ReadMessages } from '../contract/machine';

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
const REMEMBERED = 1_000;

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

/** At the end of a decision: these reads begin when it is committed, and so show what was decided until now. */
export function markReads({ retracted, burials }: RoomState, effects: readonly Effect[]): void {
  for (const effect of effects)
    if (effect.kind === 'read-messages' || effect.kind === 'read-archive') effect.asked = { retracted, burials };
}

/** A room that was loaded anew knows others. */
function knowsAllSince({ retracted, burials }: RoomState, { asked }: ReadMessages | ReadArchive): boolean {
  return !asked || (asked.retracted === retracted && burials - asked.burials <= REMEMBERED);
}

/** Whether a history was read again, since it may have what was retracted meanwhile. */
export function readHistoryAgain(room: RoomState, turn: Turn, effect: ReadMessages): boolean {
  if (effect.purpose !== 'history' || effect.limit <= 0 || knowsAllSince(room, effect)) return false;
  turn.effects.push({ ...effect });
  return true;
}

/** The answer as it is by now; undefined: these messages are read again, and the effect is answered then. */
export function answerByNow(room: RoomState, turn: Turn, effect: ReadArchive, answer: ArchiveAnswer): ArchiveAnswer | undefined {
  if (answer.kind === 'versions') {
    // It tells which messages belong together; what became of each, the room asks before it writes.
    const { start } = answer;
    return { ...answer, start: start && asItIs(room, start), rows: answer.rows.map((row) => asItIs(room, row)) };
  }
  if (answer.kind !== 'page') return answer;
  if (answer.rows.length === 0 || knowsAllSince(room, effect)) return { ...answer, rows: answer.rows.map((row) => asItIs(room, row)) };
  const { filter } = effect.query;
  const ids = answer.rows.map(({ id }) => id);
  const first = effect.first ?? effect;
  askArchive(turn, {
    ...effect,
    first,
    query: { want: 'page', filter: { upToSeq: filter.upToSeq, ids }, paging: { max: ids.length }, patient: true },
    answered: (present, later, again) => {
      if (again.kind === 'page' && again.rows.length === ids.length) return goOn(effect, present, later, { ...answer, rows: again.rows });
      if (again.kind === 'busy' || again.kind === 'failed') return goOn(effect, present, later, again);
      // Something of it was removed meanwhile.
      later.effects.push({ ...effect, first });
      return undefined;
    },
  });
  return undefined;
}
