/** Which messages the archive keeps. Stated rule (docs/operating.md): what somebody may want to read later, unless a hint forbids. */
import { NS } from '../../xmpp/ns';
import { child, childElements, localName, namespaceOf, textOf, type Element } from '../../xmpp/xml';

/** What is kept although not everybody wants it. */
export interface KeptToo {
  /** Chat markers (XEP-0333): who has read how far. */
  readonly markers: boolean;
  /** What the room itself says of changes of its configuration and of affiliations. */
  readonly events: boolean;
}

/** Payloads that are content without a body: they change or complete a message, hold it encrypted, or say where it is. */
const CONTENT = new Set<string>([
  NS.correct,
  NS.retract,
  NS.retract0,
  NS.fasten,
  'urn:xmpp:reactions:0',
  // OMEMO, old and new, and OpenPGP (XEP-0384, 0373).
  'eu.siacs.conversations.axolotl',
  'urn:xmpp:omemo:2',
  'urn:xmpp:openpgp:0',
  // Calls (XEP-0482, 0353).
  'urn:xmpp:call-invites:0',
  'urn:xmpp:jingle-message:0',
  // Files (XEP-0447, 0448, 0385, 0066).
  'urn:xmpp:sfs:0',
  'urn:xmpp:esfs:0',
  NS.sims,
  'jabber:x:oob',
]);

/**
 * Whether a groupchat message is archived (and so gets a stanza-id). XEP-0334: `no-store` and `no-permanent-store` forbid it, also
 * against `store`, which otherwise asks for everything but a chat state alone. Runs for every message.
 */
export function isArchivable(stanza: Element, markers: boolean): boolean {
  let content = false;
  let asked = false;
  let chatState = false;
  let other = false;
  for (const part of stanza.children) {
    if (typeof part === 'string') continue;
    const ns = namespaceIn(part);
    if (ns === NS.hints) {
      const hint = localName(part);
      if (hint === 'no-store' || hint === 'no-permanent-store') return false;
      if (hint === 'store') asked = true;
    } else if (content) continue;
    else if (ns === '') content = isWords(localName(part)) && textOf(part) !== '';
    else if (ns === NS.chatStates) chatState = true;
    else {
      content = CONTENT.has(ns) || (markers && isMarker(part, ns)) || isSharedFile(part, ns);
      other ||= !content;
    }
  }
  return content || (asked && (other || !chatState));
}

/** Whether a hint forbids to keep a message: what would be kept without asking, a change of the subject, is not then. */
export function forbidsKeeping(stanza: Element): boolean {
  return childElements(stanza).some((part) => namespaceOf(part) === NS.hints && FORBIDDING.has(localName(part)));
}

const FORBIDDING = new Set(['no-store', 'no-permanent-store']);

const isWords = (name: string): boolean => name === 'body' || name === 'subject';

/** The namespace of a stanza's child: most have it written on themselves, or are the stanza's own. */
function namespaceIn(part: Element): string {
  return part.attrs['xmlns'] === undefined && !part.name.includes(':') ? '' : namespaceOf(part);
}

/** `markable` is a request, not a marker. */
function isMarker(part: Element, ns: string): boolean {
  return ns === NS.chatMarkers && localName(part) !== 'markable';
}

/** XEP-0385 puts what is shared into a reference; other references (XEP-0372) say nothing without a body. */
function isSharedFile(part: Element, ns: string): boolean {
  return ns === NS.reference && child(part, 'media-sharing', NS.sims) !== undefined;
}
