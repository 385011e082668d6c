/** How many rooms an account has created, under all the spellings that may be one account with it (rule 7). */
import type { Database, Statement } from 'better-sqlite3';
import { accountKey, type BareJid } from '../../../xmpp/fold';

/** '': they were erased. */
type Creator = BareJid | '';
type Alike = Map<Creator, Set<Creator>>;

const keyOf = (creator: Creator): Creator => (creator === '' ? '' : accountKey(creator));

/** Destroyed rooms that are remembered count: their names are taken. */
const COUNTED = "(state <> 'destroyed' OR tombstone IS NOT NULL)";

export class Creators {
  private readonly countOf: Statement;
  private readonly all: Statement;
  /** Creators whose key is another than their JID, by key: few, since only foreign servers have such. Read when the first room is made. */
  private alike: Alike | undefined;

  constructor(db: Database) {
    this.countOf = db.prepare(`SELECT count(*) FROM room WHERE creator = ? AND ${COUNTED}`).pluck();
    this.all = db.prepare(`SELECT DISTINCT creator FROM room WHERE ${COUNTED}`).pluck();
  }

  /** Rooms of an account, counted up to `most` at least. */
  count(creator: Creator, most: number): number {
    const key = keyOf(creator);
    const spellings = this.spellings().get(key);
    let count = this.countOf.get(key) as number;
    for (const spelling of spellings ?? []) {
      if (count >= most) break;
      const own = this.countOf.get(spelling) as number;
      // Its rooms are gone, or were never committed.
      if (own === 0) spellings?.delete(spelling);
      count += own;
    }
    return count;
  }

  /** A room of this creator is being added. */
  note(creator: Creator): void {
    if (this.alike) keep(this.alike, creator);
  }

  /** Another process may have added rooms. */
  forget(): void {
    this.alike = undefined;
  }

  private spellings(): Alike {
    if (this.alike) return this.alike;
    const alike = new Map<Creator, Set<Creator>>();
    for (const creator of this.all.iterate() as IterableIterator<Creator>) keep(alike, creator);
    return (this.alike = alike);
  }
}

function keep(alike: Alike, creator: Creator): void {
  const key = keyOf(creator);
  if (key === creator) return;
  const spellings = alike.get(key);
  if (spellings) spellings.add(creator);
  else alike.set(key, new Set([creator]));
}
