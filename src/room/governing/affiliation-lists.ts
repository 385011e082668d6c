/** Who has which affiliation: by JID, by kind and by reserved nick, so that no question walks over kinds that it is not about. */
import { LateMap } from '../late-map';
import type { BareJid } from '../../xmpp/fold';
import { domainOf } from '../../xmpp/jid';
import { nickKey } from '../../xmpp/nick';
import { attributes, escapeText } from '../../xmpp/xml';
import { Bans } from './bans';
import { Ends, rowAfter } from './ends';
import { LookAlikes } from '../occupants/look-alikes';
import type { Affiliation } from './roles';
import type { AffiliationRow, Millis } from '../contract/rows';

/** Bytes of a list as it is sent: with reasons and nicks, and with neither. */
export interface ListBytes {
  readonly full: number;
  readonly brief: number;
}

/** One entry with what the specification asks for, and nothing more. */
export const briefItem = (jid: BareJid, affiliation: Affiliation): string => `<item${attributes({ affiliation, jid })}/>`;

/** One entry as `muc#admin` has it (§9.2); brief: without reason and nick. */
export function affiliationItem({ affiliation, jid, nick, reason }: AffiliationRow, brief: boolean): string {
  if (brief) return briefItem(jid, affiliation);
  const head = `<item${attributes({ affiliation, jid, nick })}`;
  return reason === null ? `${head}/>` : `${head}><reason>${escapeText(reason)}</reason></item>`;
}

const byteLength = (text: string): number => Buffer.byteLength(text, 'utf8');

/** The rows of one affiliation. */
class Kind {
  readonly rows = new Map<BareJid, AffiliationRow>();
  private inOrder: readonly AffiliationRow[] | undefined;
  private size: ListBytes | undefined;

  set(jid: BareJid, row: AffiliationRow | undefined): void {
    const before = this.rows.get(jid);
    if (row) this.rows.set(jid, row);
    else this.rows.delete(jid);
    this.inOrder = undefined;
    if (before) this.count(before, -1);
    if (row) this.count(row, 1);
  }

  /** Counted from the first time that it is asked for. */
  get bytes(): ListBytes {
    if (this.size) return this.size;
    this.size = { full: 0, brief: 0 };
    for (const row of this.rows.values()) this.count(row, 1);
    return this.size;
  }

  private count(row: AffiliationRow, sign: 1 | -1): void {
    if (!this.size) return;
    const { full, brief } = this.size;
    this.size = {
      full: full + sign * byteLength(affiliationItem(row, false)),
      brief: brief + sign * byteLength(affiliationItem(row, true)),
    };
  }

  /** By JID. */
  get sorted(): readonly AffiliationRow[] {
    return (this.inOrder ??= [...this.rows.values()].sort((a, b) => (a.jid < b.jid ? -1 : 1)));
  }
}

export class AffiliationLists {
  private readonly byJid = new Map<BareJid, AffiliationRow>();
  private readonly byNick = new LateMap<string, AffiliationRow>();
  private readonly byLook = new LookAlikes<AffiliationRow>();
  private kinds: Partial<Record<Affiliation, Kind>> = {};
  /** Rows of domains. */
  private domains = 0;
  private readonly bans = new Bans();
  /** Rises with each change. */
  changes = 0;
  /** Those with an end. */
  readonly ends = new Ends();
  /** Rows that are over and have not been ended: nobody has them any more. */
  private readonly covered = new LateMap<BareJid, AffiliationRow>();
  /** Whether any has an end. Asked at each decision: a field of its own, since a look into two empty maps of every room costs more. */
  timed = false;

  get(jid: BareJid): AffiliationRow | undefined {
    return this.byJid.get(jid);
  }

  /**
   * The row in force for a bare JID: its own, else its domain's (§9.2). A ban holds also for whoever may be the same account on their server, unless they
   * run the room, or were given what they have after it.
   */
  inForce(bare: BareJid): AffiliationRow | undefined {
    const own = this.byJid.get(bare);
    if (own && (own.affiliation === 'owner' || own.affiliation === 'admin' || own.affiliation === 'outcast')) return own;
    const ban = this.count('outcast') > 0 ? this.bans.of(bare, this.byJid) : undefined;
    if (ban && ban.setAt >= (own?.setAt ?? 0)) return ban;
    return own ?? (this.domains > 0 ? this.byJid.get(domainOf(bare)) : undefined);
  }

  all(): IterableIterator<AffiliationRow> {
    return this.byJid.values();
  }

  /** Those of one affiliation, by JID. */
  of(affiliation: Affiliation): readonly AffiliationRow[] {
    return this.kinds[affiliation]?.sorted ?? [];
  }

  get size(): number {
    return this.byJid.size;
  }

  count(affiliation: Affiliation): number {
    return this.kinds[affiliation]?.rows.size ?? 0;
  }

  bytes(affiliation: Affiliation): ListBytes {
    return this.kinds[affiliation]?.bytes ?? { full: 0, brief: 0 };
  }

  /** Who reserved a nick, if anybody did (§7.10). */
  holderOf(nick: string): AffiliationRow | undefined {
    return this.byNick.get(nickKey(nick));
  }

  /** Somebody who counts and whose reserved nick looks like this one. */
  lookAlike(nick: string, counts: (row: AffiliationRow) => boolean): AffiliationRow | undefined {
    return this.byLook.find(nick, counts);
  }

  /** Everybody who has reserved a nick. */
  withNick(): IterableIterator<AffiliationRow> {
    return this.byNick.values();
  }

  /** In memory this row, which is over, gives way to what they are afterwards, until `uncover`. */
  cover(row: AffiliationRow): void {
    this.set(row.jid, rowAfter(row));
    this.covered.set(row.jid, row);
    this.timed = true;
  }

  /** The rows that were covered are back, to be ended. */
  uncover(): void {
    for (const row of [...this.covered.values()]) this.set(row.jid, row);
  }

  /** When the first end is to be looked at, by a clock that says `now`; null: there is none. */
  firstEnd(now: Millis): Millis | null {
    return this.covered.size > 0 ? now : this.ends.first(now);
  }

  set(jid: BareJid, row: AffiliationRow | null): void {
    this.changes++;
    this.covered.delete(jid);
    this.ends.set(jid, row);
    this.timed = this.covered.size > 0 || !this.ends.empty;
    const before = this.byJid.get(jid);
    if (before?.affiliation === 'outcast') this.bans.remove(before);
    if (row?.affiliation === 'outcast') this.bans.add(row);
    if (!jid.includes('@')) this.domains += (row ? 1 : 0) - (before ? 1 : 0);
    if (before) {
      if (before.nick !== null) this.byLook.remove(before.nick, before);
      // Another item of the same request may have given it to somebody else.
      if (before.nick !== null && this.holderOf(before.nick) === before) this.byNick.delete(nickKey(before.nick));
      if (before.affiliation !== row?.affiliation) this.kinds[before.affiliation]?.set(jid, undefined);
    }
    if (!row) {
      this.byJid.delete(jid);
      return;
    }
    this.byJid.set(jid, row);
    if (row.nick !== null) {
      this.byNick.set(nickKey(row.nick), row);
      this.byLook.add(row.nick, row);
    }
    (this.kinds[row.affiliation] ??= new Kind()).set(jid, row);
  }

  clear(): void {
    this.byJid.clear();
    this.byNick.clear();
    this.byLook.clear();
    this.kinds = {};
    this.bans.clear();
    this.ends.clear();
    this.covered.clear();
    this.timed = false;
    this.domains = 0;
  }
}
