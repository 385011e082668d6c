/** Which messages the archive keeps. Stated rule: what has content that somebody may want to read later, unless a hint forbids. */
import { NS } from '../xmpp/ns';
import { child, childElements, localName, namespaceOf, textOf, type Element } from '../xmpp/xml';

/** Payloads without a body that are kept: they change or complete a message, or carry its encrypted content. */
const KEPT_NAMESPACES = new Set([
  'urn:xmpp:message-correct:0',
  'urn:xmpp:message-retract:0',
  'urn:xmpp:message-retract:1',
  'urn:xmpp:reactions:0',
  'eu.siacs.conversations.axolotl',
  'urn:xmpp:omemo:2',
  'urn:xmpp:openpgp:0',
  'urn:xmpp:call-invites:0',
  'urn:xmpp:fasten:0',
]);

/** Whether a groupchat message is archived (and so gets a stanza-id). XEP-0334: `no-store` forbids, `store` asks for it. */
export function isArchivable(stanza: Element): boolean {
  if (child(stanza, 'no-store', NS.hints) || child(stanza, 'no-permanent-store', NS.hints)) return false;
  const body = child(stanza, 'body', '');
  if (body && textOf(body) !== '') return true;
  return childElements(stanza).some(
    (element) => KEPT_NAMESPACES.has(namespaceOf(element)) || (localName(element) === 'store' && namespaceOf(element) === NS.hints),
  );
}
