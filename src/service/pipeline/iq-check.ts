/** Ensures exactly one answer to every IQ get or set (RFC 6120 §8.2.3). */
import type { Decision, StanzaInput } from '../../room/contract/machine';
import type { RoomJid } from '../../xmpp/fold';
import type { Outgoing } from '../../xmpp/outgoing';
import { escapeAttribute } from '../../xmpp/xml';
import type { Log } from '../../log';
import { INTERNAL, refuseInput } from '../budget/refusals';

const ANSWER = / type="(?:result|error)"/;

function head(out: Outgoing): string {
  return out.rest.slice(0, out.rest.indexOf('>'));
}

/**
 * The decision with exactly one answer to its IQ: a missing one becomes internal-server-error, a second one is left out; both are
 * logged. A request that the room passes on (an IQ get or set of its own in the decision) or an archive read announces a later answer.
 */
export function withOneAnswer(room: RoomJid, input: StanzaInput, decision: Decision, log: Log): Decision {
  // An answer goes to the spelling that asked (rule 7).
  const asker = input.stanza.attrs['from'] as string;
  const id = ` id="${escapeAttribute(input.stanza.attrs['id'] as string)}"`;
  let later = decision.effects.length > 0;
  let answers = 0;
  const out: Outgoing[] = [];
  for (const stanza of decision.out) {
    if (stanza.name === 'iq') {
      const attributes = head(stanza);
      if (!ANSWER.test(attributes)) later = true;
      else if ((stanza.to === asker || stanza.to === input.from) && attributes.includes(id) && ++answers > 1) continue;
    }
    out.push(stanza);
  }
  if (answers === 1 || (answers === 0 && later)) return decision;
  if (answers > 1) log.error({ event: 'request.twice', room, from: input.from, answers }, 'a room answered a request more than once');
  else {
    log.error({ event: 'request.unanswered', room, from: input.from }, 'a room left a request unanswered');
    out.push(...refuseInput(room, input, INTERNAL));
  }
  return { ...decision, out };
}
