/** Exactly one answer to every IQ get or set (RFC 6120 §8.2.3), whatever a room decides. */
import type { Decision, StanzaInput } from '../room/machine';
import type { Outgoing } from '../xmpp/outgoing';
import { escapeAttribute } from '../xmpp/xml';
import type { Log } from './log';
import { INTERNAL, refuseInput } from './refusals';

const ANSWER = / type="(?:result|error)"/;

function head(out: Outgoing): string {
  return out.rest.slice(0, out.rest.indexOf('>'));
}

/**
 * The decision with exactly one answer to its IQ: a missing one becomes internal-server-error, a second one is left out; both are
 * logged. A request that the room passes on (an IQ get or set of its own in the decision) or an archive read announces a later answer.
 */
export function withOneAnswer(room: string, input: StanzaInput, decision: Decision, log: Log): Decision {
  const id = ` id="${escapeAttribute(input.stanza.attrs['id'] as string)}"`;
  let later = decision.effects.length > 0;
  let answers = 0;
  let surplus: Set<Outgoing> | undefined;
  for (const out of decision.out) {
    if (out.name !== 'iq') continue;
    const attributes = head(out);
    if (!ANSWER.test(attributes)) later = true;
    else if (out.to === input.from && attributes.includes(id) && ++answers > 1) (surplus ??= new Set()).add(out);
  }
  if (surplus) {
    log.error({ room, from: input.from, answers }, 'a room answered a request more than once');
    const extra = surplus;
    return { ...decision, out: decision.out.filter((out) => !extra.has(out)) };
  }
  if (answers === 1 || later) return decision;
  log.error({ room, from: input.from }, 'a room left a request unanswered');
  return { ...decision, out: [...decision.out, ...refuseInput(room, input, INTERNAL)] };
}
