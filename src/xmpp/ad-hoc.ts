/** Ad-hoc commands (XEP-0050) of at most one form, wherever they are offered: how a request is read, and what is answered. */
import { inWords, type Language, type Text } from '../words';
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
export type CommandSessionState = 'open' | 'unknown' | 'ended';

/** How long a form may be filled in, in milliseconds. */
export const SESSION_MS = 15 * 60_000;

/** The sessions of one asker with one command, as whoever offers it keeps them. */
export interface CommandSessions {
  /** Begins one; returns its identifier. */
  begin(): string;
  look(sessionid: string): CommandSessionState;
  /** It is over. */
  end(sessionid: string): void;
}

/** A `<command/>` of an IQ set. */
export interface CommandRequest {
  readonly element: Element;
  /** The form to fill in; undefined: the command runs at once. */
  readonly form: FormOut | undefined;
  /** Whether the form may come filled in with the first request (XEP-0317 §3.3: a client knows what it wants). */
  readonly direct?: boolean;
  readonly sessions: CommandSessions;
  /** Of the asker. */
  readonly language: Language;
}

/** What comes of a request: finished XML to answer with, or what to run the command with. */
export type CommandStep =
  | { readonly kind: 'answer'; readonly xml: string }
  | { readonly kind: 'run'; readonly sessionid: string; readonly answers: Answers }
  | { readonly kind: 'refuse'; readonly error: StanzaError };

/** One step of a command of at most one form (§3.3, §3.4). A session is over before its command runs, so that it cannot be run twice. */
export function takeStep({ element, form, direct, sessions, language }: CommandRequest): CommandStep {
  const { node = '', sessionid, action = 'execute' } = element.attrs as Record<string, string | undefined>;
  const refuse = (specific: Specific, text: Text): CommandStep => ({ kind: 'refuse', error: commandRefusal(specific, text) });
  const answer = (xml: string): CommandStep => ({ kind: 'answer', xml });
  if (!ACTIONS.has(action)) return refuse('malformed-action', inWords('commandAction', { action: short(action) }));
  if (sessionid === undefined) {
    if (action !== 'execute') return refuse('bad-sessionid', inWords('commandSession'));
    const filledIn = direct ? child(element, 'x', NS.forms) : undefined;
    const known = filledIn && form ? readAnswers(filledIn, form) : undefined;
    if (known && 'problem' in known) return refuse('bad-payload', known.problem);
    const begun = sessions.begin();
    if (form && !known) return answer(commandXml(node, begun, 'executing', ONE_STEP + formXml(form, language), language));
    sessions.end(begun);
    return { kind: 'run', sessionid: begun, answers: known ?? new Map() };
  }
  const state = sessions.look(sessionid);
  if (state === 'unknown') return refuse('bad-sessionid', inWords('commandSession'));
  if (state === 'ended') return refuse('session-expired', inWords('commandExpired'));
  if (action === 'cancel') {
    sessions.end(sessionid);
    return answer(commandXml(node, sessionid, 'canceled', '', language));
  }
  // There is one step: nothing before it and nothing after.
  if (action === 'prev' || action === 'next' || !form) return refuse('bad-action', inWords('commandActionNow'));
  const answers = readAnswers(child(element, 'x', NS.forms), form);
  if ('problem' in answers) return refuse('bad-payload', answers.problem);
  sessions.end(sessionid);
  return { kind: 'run', sessionid, answers };
}

const identity = (type: string, name: string, ...features: string[]): string =>
  `<identity${attributes({ category: 'automation', type, name })}/>${features.map((feature) => `<feature var="${feature}"/>`).join('')}`;

/** What service discovery tells of the list of commands (§2.2), finished XML. */
export const commandListInfo = (language: Language): string => identity('command-list', inWords('commandList').in(language), NS.commands);

/** What service discovery tells of one command (§2.3), finished XML. `name`: in the asker's language. */
export const commandInfo = (name: string): string => identity('command-node', name, NS.commands, NS.forms);
