/** Archived messages that those who are entering have missed: one list for all of them, of bounded bytes. */
import type { Outgoing } from '../../xmpp/outgoing';
import type { Millis } from '../contract/rows';

/** Bytes of contents that are kept; what is older is left to the history, and to the archive. */
const MOST_BYTES = 8 * 1024 * 1024;

interface One {
  readonly seq: number;
  readonly stamp: Millis;
  stanza: Omit<Outgoing, 'to'>;
}

export class Missed {
  private readonly all: One[] = [];
  /** Behind this one, everything is kept. */
  private first = 0;
  private bytes = 0;

  /** The next message: number and time rise. */
  add(seq: number, stamp: Millis, stanza: Omit<Outgoing, 'to'>): void {
    this.all.push({ seq, stamp, stanza });
    this.bytes += stanza.rest.length;
    for (; this.bytes > MOST_BYTES && this.first < this.all.length - 1; this.first++) {
      const { stanza: oldest } = this.all[this.first] as One;
      this.bytes -= oldest.rest.length;
      // Its text is not to be kept by the list.
      (this.all[this.first] as One).stanza = { ...oldest, rest: '' };
    }
  }

  /** The place of the first that is kept and was said at this time or later. */
  since(stamp: Millis): number {
    let low = this.first;
    let high = this.all.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.all[middle] as One).stamp >= stamp) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The number of the message at a place; undefined behind the last. */
  seqAt(place: number): number | undefined {
    return this.all[place]?.seq;
  }

  /** All from that place on, without recipients. */
  *from(place: number): Generator<Omit<Outgoing, 'to'>> {
    for (let i = place; i < this.all.length; i++) yield (this.all[i] as One).stanza;
  }

  /** A message with one of these texts has the other from now on, for all who share the list. */
  rewrite(texts: ReadonlyMap<string, string>): void {
    for (const one of this.all) {
      const rest = texts.get(one.stanza.rest);
      if (rest !== undefined) one.stanza = { ...one.stanza, rest };
    }
  }
}
