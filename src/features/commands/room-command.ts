/** What an ad-hoc command at a room is (XEP-0050): one form, and what is done once it is filled in. */
import type { FullJid } from '../../xmpp/fold';
import { commandXml } from '../../xmpp/ad-hoc';
import type { Answers } from '../../xmpp/answers';
import type { FormOut } from '../../xmpp/forms';
import type { Outgoing } from '../../xmpp/outgoing';
import { iqResult, type StanzaError } from '../../xmpp/stanza-error';
import { escapeText, type Element } from '../../xmpp/xml';
import type { IqRequest } from '../../room/contract/feature';
import type { RoomState } from '../../room/state';
import { inLanguage, type Key, type Language, type Text } from '../../words';

export interface RoomCommand {
  readonly node: string;
  readonly title: Key;
  /** Why this JID (full, or bare) may not run it now, or undefined. Who may not is not shown it either. */
  refuse(room: RoomState, from: FullJid): StanzaError | undefined;
  form(room: RoomState, from: FullJid): FormOut;
  /** Does it, and says the result, now or later. Returns the refusal, if any. */
  run(request: IqRequest, answers: Answers, sessionid: string): StanzaError | undefined;
}

/** A note for people. */
export const noteXml = (text: Text, language: Language): string => `<note type="info">${escapeText(inLanguage(text, language))}</note>`;

/** The result of a command that is done, with a note for people in a language. */
export function completed(stanza: Element, node: string, sessionid: string, note: Text, language: Language): Outgoing {
  return iqResult(stanza, commandXml(node, sessionid, 'completed', noteXml(note, language), language));
}
