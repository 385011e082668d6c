/** The elements of ad-hoc commands (XEP-0050), wherever they are offered. */
import { NS } from './ns';
import { stanzaError, type StanzaError } from './stanza-error';
import { attributes } from './xml';

type Specific = 'bad-action' | 'bad-payload' | 'bad-sessionid' | 'malformed-action' | 'session-expired';

/** §4: the general condition with the specific one in the namespace of commands. */
export function commandRefusal(specific: Specific, text: string): StanzaError {
  const condition = specific === 'session-expired' ? 'not-allowed' : 'bad-request';
  return stanzaError(condition, text, { extra: `<${specific} xmlns="${NS.commands}"/>` });
}

/** What may be done with a command (§3.4). */
export const ACTIONS: ReadonlySet<string> = new Set(['cancel', 'complete', 'execute', 'next', 'prev']);

/** What goes with the form of a command of one step: it can be completed, and nothing else. */
export const ONE_STEP = '<actions execute="complete"><complete/></actions>';

/** The answer to a command, with finished inner XML. */
export function commandXml(node: string, sessionid: string, status: 'canceled' | 'completed' | 'executing', inner: string): string {
  const head = `<command xmlns="${NS.commands}"${attributes({ 'xml:lang': 'en', node, sessionid, status })}`;
  return inner === '' ? `${head}/>` : `${head}>${inner}</command>`;
}
