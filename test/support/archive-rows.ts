/** What changes of archived messages and of stays do to rows in memory. */
import type { StayRow } from '../../src/room/contract/own-rows';
import { MOST_STAYS, type Change, type MessageRow } from '../../src/room/contract/rows';

type Retraction = Extract<Change, { table: 'retraction' }>;
type StayChange = Extract<Change, { table: 'stay' }>;

export function retracted(row: MessageRow, { payload, person }: Retraction): MessageRow {
  return person === 'kept' ? { ...row, payload } : { ...row, payload, sender: null, nick: null, clientId: null };
}

/** One time somebody belonged to a room: messages with seq > begin, and seq <= end unless it lasts still (null). */
interface Stay {
  readonly begin: number;
  readonly end: number | null;
}

/** When people belonged to a room. */
export class Stays {
  private readonly byJid = new Map<string, readonly Stay[]>();

  apply({ jid, event, seq }: StayChange): void {
    const own = this.byJid.get(jid) ?? [];
    const open = own.find(({ end }) => end === null);
    if (event === 'forgotten') this.byJid.delete(jid);
    else if (event === 'ends')
      this.byJid.set(
        jid,
        own.map((stay) => (stay === open ? { ...stay, end: seq } : stay)),
      );
    else if (!open) {
      // What ended with the same message goes on.
      const begin = own.find(({ end }) => end === seq)?.begin ?? seq;
      this.byJid.set(jid, [...own.filter((stay) => stay.begin !== begin), { begin, end: null }].slice(-MOST_STAYS));
    }
  }

  /** As it is brought along. */
  put({ jid, begin, end }: StayRow): void {
    const others = (this.byJid.get(jid) ?? []).filter((stay) => stay.begin !== begin);
    this.byJid.set(
      jid,
      [...others, { begin, end }].sort((a, b) => a.begin - b.begin),
    );
  }

  /** Whether a message of this number was said during a stay of that person. */
  include(jid: string, seq: number): boolean {
    return (this.byJid.get(jid) ?? []).some(({ begin, end }) => seq > begin && (end === null || seq <= end));
  }

  clear(): void {
    this.byJid.clear();
  }

  copy(): Stays {
    const copy = new Stays();
    for (const [jid, own] of this.byJid) copy.byJid.set(jid, own);
    return copy;
  }

  toJSON(): readonly unknown[] {
    return [...this.byJid].flatMap(([jid, own]) => own.map((stay) => ({ jid, ...stay })));
  }
}

/** The oldest within the bounds, and one at least. */
export function oldestThatFit(
  rows: readonly MessageRow[],
  { limit, maxBytes = Infinity }: { readonly limit: number; readonly maxBytes?: number },
): MessageRow[] {
  let bytes = 0;
  const tooMuch = rows.findIndex(({ payload }, i) => (bytes += Buffer.byteLength(payload)) > maxBytes && i > 0);
  return rows.slice(0, Math.min(limit, tooMuch < 0 ? rows.length : tooMuch));
}
