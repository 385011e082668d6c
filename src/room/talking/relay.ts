/** Requests from one occupant to another (§17.4): passed on under the asker's occupant JID, answered under the other's. */
import { NS } from '../../xmpp/ns';
import { outgoing } from '../../xmpp/outgoing';
import { child, childElements, namespaceOf, textOf, type Element } from '../../xmpp/xml';
import { foldBare, foldFull, type BareJid } from '../../xmpp/fold';
import { bareOf, replaceJid } from '../../xmpp/jid';
import { errorXml, isCondition, isErrorType, stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { DEFAULT_LANGUAGE, inWords } from '../../words';
import type { RelayedInput } from '../contract/machine';
import type { Occupant, Session } from '../occupants/occupants';
import type { RoomState } from '../state';
import { passOn } from './room-only';
import type { Turn } from '../turn';

/** What an account answers and not one of its clients: vCards, and nodes of personal eventing such as avatars and device lists. */
const OF_THE_ACCOUNT = new Set<string>([NS.vcard, NS.vcard4, NS.pubsub]);

interface Relaying {
  readonly iq: Element;
  /** Its one payload. */
  readonly payload: Element;
  /** Who asks. */
  readonly session: Session;
  readonly asked: Occupant;
}

/**
 * Passes a request on to the real JID of `asked`; its answer comes back as an input. Neither learns the other's JID.
 * Returns the refusal, if any.
 */
export function relay(state: RoomState, turn: Turn, { iq, payload, session, asked }: Relaying): StanzaError | undefined {
  const type = iq.attrs['type'] as 'get' | 'set';
  const ofAccount = OF_THE_ACCOUNT.has(namespaceOf(payload));
  // Nobody may change somebody else's vCard.
  if (ofAccount && type === 'set') return stanzaError('not-allowed', inWords('iqAccount'));
  if (!ofAccount && !state.facts.relaysIq) return stanzaError('not-allowed', inWords('iqOccupant'));
  const passed = passOn(payload, state, 'request');
  if (passed === '') return stanzaError('not-allowed', inWords('iqOccupant'));
  turn.effects.push({
    kind: 'relay-iq',
    from: session.occupant.from,
    to: ofAccount ? asked.jid : (asked.sessions[0] as Session).address.jid,
    type,
    payload: passed,
    asker: iq.attrs['from'] as string,
    id: iq.attrs['id'] as string,
    asked: iq.attrs['to'] as string,
  });
  return undefined;
}

/** The answer has come, or will not come: the asker gets it from the address that was asked. */
export function relayed(state: RoomState, turn: Turn, { effect, answer }: RelayedInput): void {
  const { asked, asker, id, to } = effect;
  if (answer.type === 'result') {
    const reader = state.occupants.session(foldFull(asker))?.occupant;
    if (!state.seesJids(reader?.role ?? 'none')) hideJid(answer.stanza, bareOf(foldFull(to)), asked);
    const inner = childElements(answer.stanza).map((element) => passOn(element, state, 'answer'));
    turn.say(outgoing('iq', asked, asker, { type: 'result', id }, inner.join('')));
    return;
  }
  const error =
    answer.type === 'error'
      ? errorOf(answer.stanza, to, asked)
      : answer.type === 'busy'
        ? stanzaError('resource-constraint', inWords('iqTooMany'))
        : answer.type === 'too-large'
          ? stanzaError('policy-violation', inWords('swells'))
          : stanzaError('remote-server-timeout', inWords('iqTimeout'));
  const language = state.occupants.session(foldFull(asker))?.language ?? DEFAULT_LANGUAGE;
  turn.say(outgoing('iq', asked, asker, { type: 'error', id }, errorXml(error, state.jid, language)));
}

/**
 * Puts the occupant JID in the place of the real one in an answer: servers and clients name whom they speak for (`publisher` of XEP-0060, `jid` of
 * XEP-0030 items), and in this room people do not see each other's JIDs (§14.5).
 */
function hideJid(element: Element, real: BareJid, asked: string): void {
  const names = (text: unknown): boolean => typeof text === 'string' && text.includes('@') && foldBare(text.trim()) === real;
  for (const part of childElements(element)) {
    for (const name of Object.keys(part.attrs)) if (names(part.attrs[name])) part.attrs[name] = asked;
    part.children = part.children.map((inner) => (typeof inner === 'string' && names(inner) ? asked : inner));
    hideJid(part, real, asked);
  }
}

/** The error as the asker may see it: without `by`, and with the occupant JID wherever its text names the real one (§17.4). */
function errorOf(stanza: Element, real: string, asked: string): StanzaError {
  const error = child(stanza, 'error', '');
  const parts = error ? childElements(error).filter((element) => namespaceOf(element) === NS.stanzas) : [];
  const condition = parts.map(({ name }) => name).find(isCondition) ?? 'undefined-condition';
  const text = parts.find(({ name }) => name === 'text');
  const type = error?.attrs['type'] as string | undefined;
  const words = text ? replaceJid(replaceJid(textOf(text), real, asked), foldFull(real), asked) : inWords('iqRefused');
  return stanzaError(condition, words, type !== undefined && isErrorType(type) ? { type } : {});
}
