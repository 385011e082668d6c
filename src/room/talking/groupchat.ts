/** Messages to everybody (§7.4): who may speak, and which of them change the subject. */
import type { FullJid } from '../../xmpp/fold';
import { child, type Element } from '../../xmpp/xml';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import { firstRefusal } from '../contract/feature-set';
import { isArchivable } from './archivable';
import type { RoomState } from '../state';
import { speak } from './speak';
import { absence } from '../configuring/tombstone';
import { changeSubject } from './subject';
import type { Turn } from '../turn';

/** A groupchat message to the room. Returns the refusal, if any. */
export function groupchat(state: RoomState, turn: Turn, stanza: Element, from: FullJid): StanzaError | undefined {
  if (!state.exists) return absence(state, turn);
  const session = state.occupants.session(from);
  if (!session) return stanzaError('not-acceptable', inWords('notOccupant'));
  if (child(stanza, 'subject', '') && !child(stanza, 'body', '') && !child(stanza, 'thread', '')) {
    return changeSubject(state, turn, stanza, session);
  }
  const utterance = { room: state, turn, stanza, occupant: session.occupant, session };
  const refusal = firstRefusal(state.facts.judges, 'speak', utterance);
  if (refusal) return refusal;
  for (const feature of state.env.features.detain) if (feature.detain?.(utterance)) return undefined;
  speak(state, turn, stanza, session, state.facts.archived && isArchivable(stanza, state.env.policy.kept.markers) ? 'history' : 'nowhere');
  return undefined;
}
