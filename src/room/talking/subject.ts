/** The room's subject: changing it (§8.1) and telling it to a joiner (§7.2.15). */
import type { MessageRow, Subject } from '../contract/rows';
import type { Actor } from '../governing/rights';
import { isLongerThan, langOf } from '../../xmpp/lengths';
import { NS } from '../../xmpp/ns';
import { attributes, child, childElements, escapeText, localName, namespaceOf, parseContent, textOf, type Element } from '../../xmpp/xml';
import type { Address, Outgoing } from '../../xmpp/outgoing';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import { audit } from '../audit';
import { firstRefusal } from '../contract/feature-set';
import { forbidsKeeping } from './archivable';
import { delayXml } from './message-xml';
import type { Session } from '../occupants/occupants';
import { sayAsRoom, speak } from './speak';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** Languages of one subject; its length is that of all of them together. */
const MAX_LANGUAGES = 20;

/** A subject as everybody who enters gets it: its text and language, and nothing that was put beside them. */
function subjectXml(element: Element): string {
  const text = textOf(element);
  const head = `<subject${attributes({ 'xml:lang': langOf(element) })}`;
  return text === '' ? `${head}/>` : `${head}>${escapeText(text)}</subject>`;
}

/** A message with a subject and neither body nor thread (§8.1). Returns the refusal, if any. */
export function changeSubject(state: RoomState, turn: Turn, stanza: Element, session: Session): StanzaError | undefined {
  const refusal = firstRefusal(state.env.features.changeSubject, 'changeSubject', { room: state, stanza, occupant: session.occupant });
  if (refusal) return refusal;
  const subjects = childElements(stanza).filter((element) => localName(element) === 'subject' && namespaceOf(element) === '');
  const max = state.env.policy.limits.subject;
  if (subjects.length > MAX_LANGUAGES) return stanzaError('not-acceptable', inWords('subjectMany', { max: MAX_LANGUAGES }));
  if (isLongerThan(subjects.map(textOf).join(''), max)) return stanzaError('not-acceptable', inWords('subjectLong', { max }));
  // Subject changes are archived, but a joiner gets the present subject and no former ones (§7.2.13).
  const row = speak(state, turn, stanza, session, state.facts.archived && !forbidsKeeping(stanza) ? 'archive' : 'nowhere');
  const lang = langOf(stanza);
  const { occupant } = session;
  const actor = { jid: occupant.jid, affiliation: state.affiliationOf(occupant.jid), role: occupant.role, nick: occupant.nick };
  keep(state, turn, actor, row, {
    xml: subjects.map(subjectXml).join(''),
    text: textOf(child(stanza, 'subject', '') as Element),
    ...(lang === undefined ? {} : { lang }),
    nick: occupant.nick,
    occupantId: occupant.id,
    setAt: row?.stamp ?? turn.stamp,
  });
  return undefined;
}

/**
 * The same by command: said by the occupant who wants it, or by the room if whoever wants it is not in, and then owners may. `lang`: of the text.
 * Returns the refusal, if any.
 */
export function setSubject(state: RoomState, turn: Turn, actor: Actor, text: string, lang: string | undefined): StanzaError | undefined {
  const session = actor.jid === null ? undefined : state.occupants.withId(state.idOf(actor.jid))?.sessions[0];
  if (session) {
    const content = `<message${attributes({ type: 'groupchat', 'xml:lang': lang })}><subject>${escapeText(text)}</subject></message>`;
    return changeSubject(state, turn, parseContent(content)[0] as Element, session);
  }
  if (actor.jid !== null && actor.affiliation !== 'owner') return stanzaError('forbidden', inWords('ownersOnly'));
  const max = state.env.policy.limits.subject;
  if (isLongerThan(text, max)) return stanzaError('not-acceptable', inWords('subjectLong', { max }));
  const xml = text === '' ? '<subject/>' : `<subject>${escapeText(text)}</subject>`;
  const row = sayAsRoom(state, turn, { clientId: null, lang: lang ?? null, payload: xml, inHistory: false });
  keep(state, turn, actor, row, { xml, text, ...(lang === undefined ? {} : { lang }), nick: '', setAt: row.stamp });
  return undefined;
}

/** What it was before stands with who set that. */
function keep(state: RoomState, turn: Turn, actor: Actor, row: MessageRow | undefined, subject: Subject): void {
  audit(state, turn, actor, 'set-subject', [{ after: subject.text }]);
  state.subject = subject;
  state.writeRoom(turn, { subject: JSON.stringify(subject) });
  if (!row) state.writeSaying(turn, { kind: 'subject' });
}

/** The subject as the last thing of an entry: from who set it, or from the room if none was ever set. */
export function subjectStanza(state: RoomState, to: readonly Address[]): Outgoing {
  const { subject } = state;
  if (!subject) return { name: 'message', from: state.jid, to, rest: ' type="groupchat"><subject/></message>' };
  const occupantId = subject.occupantId === undefined ? '' : `<occupant-id xmlns="${NS.occupantId}" id="${subject.occupantId}"/>`;
  const rest = `${attributes({ type: 'groupchat', 'xml:lang': subject.lang })}>${subject.xml}${occupantId}${delayXml(state.jid, subject.setAt)}</message>`;
  // Of one that the room set, the nick is empty.
  return { name: 'message', from: subject.nick === '' ? state.jid : `${state.jid}/${subject.nick}`, to, rest };
}
