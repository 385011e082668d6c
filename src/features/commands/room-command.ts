/** What an ad-hoc command at a room (XEP-0050) asks for in the name of who sent it, and what they are answered. */
import { commandXml } from '../../xmpp/ad-hoc';
import type { Outgoing } from '../../xmpp/outgoing';
import { iqResult } from '../../xmpp/stanza-error';
import { escapeText, type Element } from '../../xmpp/xml';
import { inLanguage, inWords, type Language, type Text } from '../../words';
import type { CommandName, CommandOf } from '../../room/contract/commands';
import type { IqRequest, Order } from '../../room/contract/feature';
import { actorOf } from '../../room/governing/admin-iq';
import { askersLanguage } from '../../room/language';
import type { RoomState } from '../../room/state';

/** A note for people. */
export const noteXml = (text: Text, language: Language): string => `<note type="info">${escapeText(inLanguage(text, language))}</note>`;

/** The result of a command that is done, with a note for people in a language. */
export function completed(stanza: Element, node: string, sessionid: string, note: Text, language: Language): Outgoing {
  return iqResult(stanza, commandXml(node, sessionid, 'completed', noteXml(note, language), language));
}

/** A command as whoever sent the request gives it. */
export function orderOf<Name extends CommandName>({ room, turn, from }: IqRequest, command: CommandOf<Name>): Order<Name> {
  const actorIn = (then: RoomState): ReturnType<typeof actorOf> => actorOf(then, from);
  return { room, turn, command, actor: actorIn(room), actorIn, done: () => undefined };
}

/** Answers that the command is done. */
export function sayDone({ room, turn, stanza, from }: IqRequest, node: string, sessionid: string): void {
  turn.say(completed(stanza, node, sessionid, inWords('affiliateDone'), askersLanguage(room, stanza, from)));
}
