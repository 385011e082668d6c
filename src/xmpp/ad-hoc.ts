/** Ad-hoc commands (XEP-0050) of at most one form, wherever they are offered: how a request is read, and what is answered. */
import { say, type Language, type Text } from '../words';
import { readAnswers, type Answers } from './answers';
import { formXml, type FormOut } from './forms';
import { NS } from './ns';
import { short } from './short';
import { stanzaError, type StanzaError } from './stanza-error';
import { attributes, child, type Element } from './xml';

type Specific = 'bad-action' | 'bad-payload' | 'bad-sessionid' | 'malformed-action' | 'session-expired';

/** §4: the general condition with the specific one in the namespace of commands. */
export function commandRefusal(specific: Specific, text: Text): StanzaError {
  const condition = specific === 'session-expired' ? 'not-allowed' : 'bad-request';
  return stanzaError(condition, text, { extra: `<${specific} xmlns="${NS.commands}"/>` });
}

/** What may be done with a command (§3.4). */
const ACTIONS: ReadonlySet<string> = new Set(['cancel', 'complete', 'execute', 'next', 'prev']);

/** The actions of a one-step command: `complete` only. */
const ONE_STEP = '<actions execute="complete"><complete/></actions>';

/** The answer to a command, with finished inner XML in a language. */
export function commandXml(
  node: string,
  sessionid: string,
  status: 'canceled' | 'completed' | 'executing',
  inner: string,
  language: Language,
): string {
  const head = `<command xmlns="${NS.commands}"${attributes({ 'xml:lang': language, node, sessionid, status })}`;
  return inner === '' ? `${head}/>` : `${head}>${inner}</command>`;
}

/** The state of a command's session; the caller keeps sessions, or reads the state from the identifier. */
export type SessionState = 'open' | 'unknown' | 'ended';

/** What to do with a request for a command of at most one form. */
export type Step =
  | { readonly kind: 'begin' }
  | { readonly kind: 'cancel'; readonly sessionid: string }
  | { readonly kind: 'run'; readonly sessionid: string; readonly answers: Answers }
  | { readonly kind: 'refuse'; readonly error: StanzaError };

/**
 * Reads one `<command/>` of an IQ set (§3.3, §3.4).
 *
 * @param form the form to fill in; undefined: the command runs at once.
 * @param look the state of the session with this identifier.
 */
export function nextStep(element: Element, form: FormOut | undefined, look: (sessionid: string) => SessionState): Step {
  const { sessionid, action = 'execute' } = element.attrs as Record<string, string | undefined>;
  const refuse = (specific: Specific, text: Text): Step => ({ kind: 'refuse', error: commandRefusal(specific, text) });
  if (!ACTIONS.has(action)) return refuse('malformed-action', say('commandAction', { action: short(action) }));
  if (sessionid === undefined) return action === 'execute' ? { kind: 'begin' } : refuse('bad-sessionid', say('commandSession'));
  const state = look(sessionid);
  if (state === 'unknown') return refuse('bad-sessionid', say('commandSession'));
  if (state === 'ended') return refuse('session-expired', say('commandExpired'));
  if (action === 'cancel') return { kind: 'cancel', sessionid };
  // There is one step: nothing before it and nothing after.
  if (action === 'prev' || action === 'next' || !form) return refuse('bad-action', say('commandActionNow'));
  const answers = readAnswers(child(element, 'x', NS.forms), form);
  return 'problem' in answers ? refuse('bad-payload', answers.problem) : { kind: 'run', sessionid, answers };
}

/** The answer that asks for a form. */
export function askingXml(node: string, sessionid: string, form: FormOut, language: Language): string {
  return commandXml(node, sessionid, 'executing', ONE_STEP + formXml(form, language), language);
}
