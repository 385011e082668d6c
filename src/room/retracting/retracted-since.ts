/**
 * What was retracted while messages were read for somebody: the room knows the latest retractions by heart and puts them in. Where it
 * does not know all of them any more (there were too many, or the room was loaded anew), it reads again what became of these messages.
 */
import { askArchive, goOn } from '../ask-archive';
import type { ArchiveAnswer } from '../contract/archive-query';
import type { Effect, ReadArchive, ReadMessages } from '../contract/machine';
import { REMEMBERED, asItIs } from './retract';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

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
