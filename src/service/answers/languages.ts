/** The language in which each session asked the service last. Bounded; those not seen for longest are forgotten. */
import { DEFAULT_LANGUAGE, type Language } from '../../words';
import type { FullJid } from '../../xmpp/fold';
import { languageOf } from '../../xmpp/language';
import type { Element } from '../../xmpp/xml';

/** Sessions that are kept in mind. */
const MOST = 10_000;

export class SeenLanguages {
  private readonly seen = new Map<FullJid, Language>();

  /** The language to answer this session's stanza in: as the stanza says, or as its latest that said did. */
  of(session: FullJid, stanza: Element): Language {
    const asked = languageOf(stanza);
    if (asked === undefined) return this.seen.get(session) ?? DEFAULT_LANGUAGE;
    if (asked === DEFAULT_LANGUAGE) this.seen.delete(session);
    else this.note(session, asked);
    return asked;
  }

  private note(session: FullJid, language: Language): void {
    // Behind those that were not seen since.
    this.seen.delete(session);
    this.seen.set(session, language);
    const [oldest] = this.seen.keys();
    if (this.seen.size > MOST && oldest !== undefined) this.seen.delete(oldest);
  }
}
