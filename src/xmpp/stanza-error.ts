/** Stanza errors (RFC 6120 §8.3): the condition that the XEP names, `by`, and a sentence for people. */
import { inLanguage, type Language, type Text } from '../words';
import { bareOf } from './jid';
import { languageFor } from './language';
import { NS } from './ns';
import { short } from './short';
import { attributes, childElements, escapeText, namespaceOf, serializeChildrenWithin, type Element } from './xml';
import { outgoing, type Outgoing, type StanzaName } from './outgoing';

/** Defined conditions with the type RFC 6120 §8.3.3 associates with each. */
const DEFAULT_TYPE = {
  'bad-request': 'modify',
  conflict: 'cancel',
  'feature-not-implemented': 'cancel',
  forbidden: 'auth',
  gone: 'cancel',
  'internal-server-error': 'cancel',
  'item-not-found': 'cancel',
  'jid-malformed': 'modify',
  'not-acceptable': 'modify',
  'not-allowed': 'cancel',
  'not-authorized': 'auth',
  'policy-violation': 'modify',
  'recipient-unavailable': 'wait',
  redirect: 'modify',
  'registration-required': 'auth',
  'remote-server-not-found': 'cancel',
  'remote-server-timeout': 'wait',
  'resource-constraint': 'wait',
  'service-unavailable': 'cancel',
  'subscription-required': 'auth',
  'undefined-condition': 'cancel',
  'unexpected-request': 'wait',
} as const;

export type Condition = keyof typeof DEFAULT_TYPE;

const ERROR_TYPES = ['auth', 'cancel', 'continue', 'modify', 'wait'] as const;
export type ErrorType = (typeof ERROR_TYPES)[number];

export function isCondition(name: string): name is Condition {
  return Object.hasOwn(DEFAULT_TYPE, name);
}

export function isErrorType(type: string): type is ErrorType {
  return (ERROR_TYPES as readonly string[]).includes(type);
}

export interface StanzaError {
  readonly condition: Condition;
  readonly type: ErrorType;
  /** A sentence with a reason and, where there is one, a remedy. */
  readonly text: Text;
  /** URI inside `<gone/>`. */
  readonly uri?: string;
  /** An application-specific condition, finished XML. */
  readonly extra?: string;
}

/** Longest sentence of an error, in UTF-16 units: some repeat what somebody sent. */
const MAX_TEXT = 2000;

/** A stanza error with its usual type. */
export function stanzaError(
  condition: Condition,
  text: Text,
  more: Partial<Pick<StanzaError, 'type' | 'uri' | 'extra'>> = {},
): StanzaError {
  return { condition, type: more.type ?? DEFAULT_TYPE[condition], text, ...more };
}

/** `<error/>` as finished XML, in a language; `by` is the entity that refuses. */
export function errorXml(error: StanzaError, by: string, language: Language): string {
  const inner = error.uri === undefined ? '' : escapeText(error.uri);
  const condition =
    inner === ''
      ? `<${error.condition} xmlns="${NS.stanzas}"/>`
      : `<${error.condition} xmlns="${NS.stanzas}">${inner}</${error.condition}>`;
  const words = short(inLanguage(error.text, language), MAX_TEXT);
  const text = words === '' ? '' : `<text xmlns="${NS.stanzas}" xml:lang="${language}">${escapeText(words)}</text>`;
  return `<error${attributes({ type: error.type, by })}>${condition}${text}${error.extra ?? ''}</error>`;
}

/** The defined condition of an error stanza (RFC 6120 §8.3.3), or undefined. */
export function conditionOf(stanza: Element): string | undefined {
  const error = childElements(stanza).find((element) => element.name === 'error');
  return error && childElements(error).find((element) => namespaceOf(element) === NS.stanzas && element.name !== 'text')?.name;
}

/** Longest content that an error repeats, in UTF-16 units. */
const MAX_ECHO = 8192;

/** Whether a stanza may be answered with an error: never an error (RFC 6120 §8.3.1), never an IQ result. */
export function takesError(stanza: Element): boolean {
  const type = stanza.attrs['type'] as string | undefined;
  if (type === 'error') return false;
  if (stanza.name === 'iq') return type !== 'result';
  if (stanza.name === 'presence') return type !== 'unavailable';
  return stanza.name === 'message';
}

/**
 * The error that answers a stanza: from the address it was sent to, with its `id` and its own content before the error
 * (RFC 6120 §8.3.1), or undefined if it takes none. A query is not repeated, nor is content of more than 8 KiB. `known`: the language of its
 * sender, if the stanza does not say.
 */
export function errorReply(stanza: Element, error: StanzaError, by: string, known?: Language): Outgoing | undefined {
  if (!takesError(stanza)) return undefined;
  const from = stanza.attrs['to'] as string;
  const to = stanza.attrs['from'] as string;
  const id = stanza.attrs['id'] as string | undefined;
  const echoed = stanza.name === 'iq' ? '' : (serializeChildrenWithin(stanza, MAX_ECHO) ?? '');
  return outgoing(stanza.name as StanzaName, from, to, { type: 'error', id }, echoed + errorXml(error, by, languageFor(stanza, known)));
}

/** The denial of a subscription (RFC 6121 §3.1.3), from the bare address that it was sent to, in that spelling. */
export function denial(subscribe: Element): Outgoing {
  const { from, to, id } = subscribe.attrs as { from: string; to: string; id?: string };
  return outgoing('presence', bareOf(to), from, { type: 'unsubscribed', id }, '');
}

/** An IQ result to a request, with finished inner XML. */
export function iqResult(request: Element, inner: string): Outgoing {
  return outgoing(
    'iq',
    request.attrs['to'] as string,
    request.attrs['from'] as string,
    { type: 'result', id: request.attrs['id'] as string },
    inner,
  );
}
