/** Answers, which the service does not take: they wait until what was said before is confirmed, and what is said later to whoever gets them waits behind them. */
import { kindOf, readdressed } from '../../xmpp/outgoing';
import type { Arriving } from './arriving';
import type { Holding } from './holding';
import type { Leaving } from './leaving';
import type { Standing } from './standing';
import { isAnswer, stanzaItem, type Item, type Way } from './way';

/** Stanzas of a room that wait behind answers; above it an answer leaves at once, and may overtake what was said before. */
const MOST_ASIDE = 2_000;

export interface AsideOptions {
  readonly standing: Standing;
  readonly leaving: Leaving;
  readonly arriving: Arriving;
  readonly holding: Holding;
}

export class Aside {
  constructor(private readonly options: AsideOptions) {}

  /** Something that the room says: it leaves, waits, or is set aside for whoever waits for an answer. */
  take(way: Way, item: Item): void {
    const { leaving } = this.options;
    if (item.kind === 'request') return this.takeAnswer(way, item.to, item);
    if (item.kind !== 'stanza') return leaving.push(way, item);
    const { out } = item;
    if (out.name === 'iq') return this.takeAnswer(way, out.to as string, item);
    if (way.aside.size === 0) return leaving.push(way, item);
    if (typeof out.to === 'string') {
      if (way.aside.has(out.to)) this.setAside(way, out.to, item);
      else leaving.push(way, item);
      return;
    }
    const { except = [] } = out;
    // The speaker's own sessions: few, and most stanzas leave out nobody.
    const left = except.length === 0 ? undefined : new Set(except);
    const waiting = out.to.filter((one) => way.aside.has(one.jid) && !left?.has(one));
    if (waiting.length === 0) return leaving.push(way, item);
    for (const { jid } of waiting) this.setAside(way, jid, stanzaItem({ ...readdressed(out, jid), kind: kindOf(out) }));
    if (out.to.length > except.length + waiting.length) leaving.push(way, stanzaItem(readdressed(out, out.to, [...except, ...waiting])));
  }

  private takeAnswer(way: Way, to: string, item: Item): void {
    const { standing, leaving, arriving } = this.options;
    const isIdle = way.isEmpty && way.unconfirmed === 0 && !way.stopped;
    if (way.aside.has(to)) this.setAside(way, to, item);
    // In the order of the queue is enough for whoever gets everything directly.
    else if (isIdle || !standing.serves(to)) leaving.push(way, item);
    else {
      this.setAside(way, to, item);
      // If not, everything leaves otherwise, or nothing does.
      void arriving.arrived(way).then((arrived) => {
        if (arrived && standing.has(way)) this.letOut(way, to);
      });
    }
  }

  private setAside(way: Way, to: string, item: Item): void {
    const { leaving, holding } = this.options;
    way.setAside(to, item);
    if (way.asideCount > MOST_ASIDE) {
      const [answer, ...rest] = way.takeAside(to);
      if (answer) leaving.directly(answer, way);
      for (const one of rest) leaving.push(way, one);
    }
    holding.grew();
  }

  /** What was said before to whoever waits is confirmed: the answer leaves, and the rest goes its way. */
  private letOut(way: Way, to: string): void {
    const { leaving } = this.options;
    let isBehind = false;
    for (const item of way.takeAside(to)) {
      isBehind ||= !isAnswer(item);
      if (isBehind) this.take(way, item);
      else leaving.directly(item, way);
    }
    leaving.pump(way);
  }
}
