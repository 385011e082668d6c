/** What is answered to an ad-hoc command at a room (XEP-0050). */
import { commandXml } from '../../xmpp/ad-hoc';
import type { Outgoing } from '../../xmpp/outgoing';
import { iqResult } from '../../xmpp/stanza-error';
import { escapeText, type Element } from '../../xmpp/xml';
import { inLanguage, type Language, type Text } from '../../words';

/** A note for people. */
export const noteXml = (text: Text, language: Language): string => `<note type="info">${escapeText(inLanguage(text, language))}</note>`;

/** The result of a command that is done, with a note for people in a language. */
export function completed(stanza: Element, node: string, sessionid: string, note: Text, language: Language): Outgoing {
  return iqResult(stanza, commandXml(node, sessionid, 'completed', noteXml(note, language), language));
}
