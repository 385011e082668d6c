/** A question of the room to its archive, with what goes on when the answer is there. */
import type { StanzaError } from '../xmpp/stanza-error';
import type { ArchiveAnswer } from './contract/archive-query';
import type { ReadArchive } from './contract/machine';
import type { RoomState } from './state';
import type { Turn } from './turn';

/** What goes on with an answer, in the room as it then is. Returns the refusal of what waits for it, if any. */
export type Answered = (room: RoomState, turn: Turn, answer: ArchiveAnswer) => StanzaError | undefined;

/** Asks the archive after the commit of this decision. `answered` gets the answer. */
export function askArchive(turn: Turn, question: Omit<ReadArchive, 'kind' | 'answered'> & { readonly answered: Answered }): void {
  turn.effects.push({ ...question, kind: 'read-archive' });
}

/** Goes on with the answer to a question that `askArchive` asked. */
export function goOn(effect: ReadArchive, room: RoomState, turn: Turn, answer: ArchiveAnswer): StanzaError | undefined {
  return (effect.answered as Answered)(room, turn, answer);
}
