/** In which language the room speaks: to who asks in theirs, to everybody at once in its own. */
import { DEFAULT_LANGUAGE, type Language } from '../words';
import type { BareJid, FullJid } from '../xmpp/fold';
import { languageOf } from '../xmpp/language';
import type { Element } from '../xmpp/xml';
import type { RoomState } from './state';

/** For an answer: as the stanza says, or as the session's latest presence did. */
export function askersLanguage(room: RoomState, stanza: Element, from: FullJid): Language {
  return languageOf(stanza) ?? room.occupants.session(from)?.language ?? DEFAULT_LANGUAGE;
}

/** For a message to one person that answers nothing: as one of their sessions here said, or the room's. */
export function personsLanguage(room: RoomState, jid: BareJid): Language {
  const sessions = room.row ? (room.occupants.withId(room.idOf(jid))?.sessions ?? []) : [];
  return sessions.find(({ language }) => language !== undefined)?.language ?? room.facts.language;
}
