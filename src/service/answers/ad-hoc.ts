/** Ad-hoc commands (XEP-0050) as the service offers them: the interface of what is above it. */
import type { FullJid } from '../../xmpp/fold';
import type { StanzaError } from '../../xmpp/stanza-error';
import type { Element } from '../../xmpp/xml';
import type { Language, Text } from '../../words';

/** A command in the list. */
export interface AdHocItem {
  readonly node: string;
  readonly name: Text;
}

/** `from` is the asker's full JID, prepared by the asker's server. */
export interface AdHoc {
  /** The commands that the asker may run. */
  list(from: FullJid): readonly AdHocItem[];
  /** The command of this node; a stanza error if it is not for the asker; undefined if there is none. */
  find(node: string, from: FullJid): AdHocItem | StanzaError | undefined;
  /** Answers a `<command/>` from an IQ set: the result's content, finished XML in a language. Rejects if the store fails. */
  execute(command: Element, from: FullJid, language: Language): Promise<string | StanzaError>;
}
