/** Bans by account: one spelling of an address bans all that may be the same account on its server (rule 7). */
import { LateMap } from '../late-map';
import { accountKey, type BareJid } from '../../xmpp/fold';
import type { AffiliationRow } from '../contract/rows';

/** Bans of one account in several spellings. */
interface Alike {
  readonly rows: Set<AffiliationRow>;
  /** Undefined: to be found anew. */
  latest: AffiliationRow | undefined;
}

const later = (one: AffiliationRow | undefined, other: AffiliationRow): AffiliationRow => (one && one.setAt > other.setAt ? one : other);

export class Bans {
  /** Of addresses that are not their own key: the others are found by their JID. */
  private readonly byKey = new LateMap<BareJid, Alike>();

  add(row: AffiliationRow): void {
    const key = accountKey(row.jid);
    if (key === row.jid) return;
    const alike = this.byKey.get(key);
    if (!alike) this.byKey.set(key, { rows: new Set([row]), latest: row });
    else {
      alike.rows.add(row);
      if (alike.latest) alike.latest = later(alike.latest, row);
    }
  }

  remove(row: AffiliationRow): void {
    const key = accountKey(row.jid);
    const alike = this.byKey.get(key);
    if (!alike?.rows.delete(row)) return;
    if (alike.rows.size === 0) this.byKey.delete(key);
    else if (alike.latest === row) alike.latest = undefined;
  }

  /** The latest ban of an account that may be the one of this address, in whichever spelling. `rows`: all affiliations by JID. */
  of(jid: BareJid, rows: ReadonlyMap<BareJid, AffiliationRow>): AffiliationRow | undefined {
    const key = accountKey(jid);
    const plain = rows.get(key);
    const alike = this.byKey.get(key);
    if (alike && !alike.latest) for (const row of alike.rows) alike.latest = later(alike.latest, row);
    return plain?.affiliation === 'outcast' ? later(alike?.latest, plain) : alike?.latest;
  }

  clear(): void {
    this.byKey.clear();
  }
}
