/** Domains without a dot that stanzas came from, since a name alone is taken for a domain only if it can be one. */
import type { BareJid } from '../../xmpp/fold';

/** Remembered at most; a server knows few such names, and they are its own. */
const MAX = 1_000;

export class SeenDomains {
  private readonly seen: Set<BareJid>;

  /** `known`: domains that need not be seen, such as the server's own. */
  constructor(known: readonly BareJid[]) {
    this.seen = new Set(known);
  }

  /** A stanza came from this folded domain. */
  note(domain: BareJid): void {
    if (!domain.includes('.') && this.seen.size < MAX) this.seen.add(domain);
  }

  has(domain: BareJid): boolean {
    return this.seen.has(domain);
  }
}
