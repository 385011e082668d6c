/** What of a message matters to those who are away: whether it is one for people, its words, and the elements that name somebody. */
import { NS } from '../../xmpp/ns';
import { childElements, localName, namespaceOf, parseContent, textOf, type Element } from '../../xmpp/xml';
import { unquoted } from './named';

export interface Heard {
  /** It is news for everybody; a correction (XEP-0308) is for those only whom it mentions. */
  readonly isNews: boolean;
  /** Its words, without what it quotes. */
  readonly text: string;
  /** Its elements, unless it is a body alone. */
  readonly elements: readonly Element[];
}

/** What is encrypted has a body, if any, that says nothing (XEP-0384, 0373); which pushes are loud for as well (docs/extensions.md). */
const ENCRYPTED = new Set([
  'eu.siacs.conversations.axolotl',
  'urn:xmpp:omemo:0',
  'urn:xmpp:omemo:2',
  'urn:xmpp:openpgp:0',
  'jabber:x:encrypted',
]);
/** What is no message of its own, whatever its body says to clients that do not know it. */
const NO_MESSAGE = new Set<string>([NS.retract, NS.retract0, NS.fasten, NS.moderate, 'urn:xmpp:reactions:0', NS.chatMarkers]);
const HINTS = ['no-store', 'no-permanent-store'];

const MOST_RANGES = 20;
const BODY = '<body>';
const BODY_END = '</body>';

/** Reads a message's content as the room has said it; undefined: it wakes nobody. */
export function readHeard(payload: string): Heard | undefined {
  // What nearly every message is: a body, and nothing that could be another.
  if (payload.startsWith(BODY) && payload.endsWith(BODY_END) && payload.indexOf('<', BODY.length) === payload.length - BODY_END.length) {
    const text = unescaped(payload.slice(BODY.length, -BODY_END.length));
    return text === '' ? undefined : { isNews: true, text: unquoted(text), elements: [] };
  }
  const elements = parseContent(payload);
  let [isNews, isContent] = [true, false];
  const texts: string[] = [];
  for (const element of elements) {
    const ns = namespaceOf(element);
    if (NO_MESSAGE.has(ns)) return undefined;
    // XEP-0334: what nobody may store wakes nobody, since it would not be there.
    if (ns === NS.hints && HINTS.includes(localName(element))) return undefined;
    if (ns === NS.correct) isNews = false;
    if (ENCRYPTED.has(ns)) isContent = true;
    if (localName(element) === 'body' && ns === '' && textOf(element) !== '') {
      isContent = true;
      texts.push(textOf(element));
    }
  }
  if (!isContent) return undefined;
  const ranges = elements.filter(isReplyFallback).flatMap(rangesOf).slice(0, MOST_RANGES);
  return { isNews, text: texts.map((text) => unquoted(text, ranges)).join('\n'), elements };
}

const ENTITIES: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&#13;': '\r' };
/** The room writes its texts with these alone. */
const unescaped = (text: string): string =>
  text.includes('&') ? text.replace(/&(?:amp|lt|gt|#13);/g, (one) => ENTITIES[one] as string) : text;

/** XEP-0461 §3.1: the words of the message that is replied to. */
function isReplyFallback(element: Element): boolean {
  return localName(element) === 'fallback' && namespaceOf(element) === NS.fallback && element.attrs['for'] === NS.reply;
}

/** The parts of the body in code points (XEP-0428 §2.3); without bounds it is all of it. */
function rangesOf(fallback: Element): (readonly [number, number])[] {
  return childElements(fallback)
    .filter((part) => localName(part) === 'body')
    .map(({ attrs }) => [bound(attrs['start'], 0), bound(attrs['end'], Infinity)] as const);
}

const bound = (raw: unknown, otherwise: number): number => (typeof raw === 'string' && /^\d{1,9}$/.test(raw) ? Number(raw) : otherwise);
