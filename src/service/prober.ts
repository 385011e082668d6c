/**
 * Whether somebody is still there is found by asking, one probe for each full JID: after every attach all sessions are unverified,
 * since who left while no connection was there could not tell us.
 */
import type { Answer, Link } from '../link/link';
import type { Store } from '../store/store';
import { NS } from '../xmpp/ns';
import { conditionOf, isHard } from './bounces';
import type { Clock } from './clock';
import type { Log } from './log';

export interface ProberOptions {
  readonly store: Pick<Store, 'sessionsAfter'>;
  readonly link: Pick<Link, 'request' | 'online'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A private address of ours: answers to it cannot be taken for somebody's stanza to a room. */
  readonly address: string;
  readonly perSecond: number;
  readonly probeMs: number;
  readonly gone: (jid: string, text: string) => void;
}

/** Sessions read at a time. */
const PAGE = 100;

export class Prober {
  /** Rises with each round: an older one ends. */
  private round = 0;
  /** Full JIDs with a probe under way: one each. */
  private readonly asked = new Set<string>();

  constructor(private readonly options: ProberOptions) {}

  /** Starts to ask every session, at the bounded rate; a round under way ends. */
  verifyAll(): void {
    void this.verify(++this.round);
  }

  /** No connection: nobody can be asked. */
  stop(): void {
    this.round++;
  }

  private async verify(round: number): Promise<void> {
    const { store, link, log, perSecond } = this.options;
    let after = '';
    let asked = 0;
    try {
      for (;;) {
        const page = await store.sessionsAfter(after, PAGE);
        for (const jid of page) {
          if (round !== this.round || !link.online) return;
          void this.probe(jid);
          asked++;
          await this.pause(1000 / perSecond);
        }
        const last = page.at(-1);
        if (last === undefined) break;
        after = last;
      }
      if (asked > 0) log.info({ asked }, 'every session was asked whether it is still there');
    } catch (error) {
      log.error({ err: error, asked }, 'sessions could not be read to be verified; tried again at the next attach');
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.options.clock.after(ms, resolve));
  }

  /**
   * Asks one full JID by ping; `service-unavailable` is what ejabberd answers for a dead one, but also a client without ping, so
   * it is confirmed by disco#info. No answer is no decision.
   */
  async probe(jid: string): Promise<void> {
    if (this.asked.has(jid)) return;
    this.asked.add(jid);
    try {
      const verdict = await this.verdict(jid);
      if (verdict !== 'there') this.options.gone(jid, verdict.gone);
    } finally {
      this.asked.delete(jid);
    }
  }

  private async verdict(jid: string): Promise<'there' | { gone: string }> {
    const first = await this.ask(jid, `<ping xmlns="${NS.ping}"/>`);
    const verdict = verdictOf(first);
    if (verdict !== 'unclear') return verdict;
    const second = verdictOf(await this.ask(jid, `<query xmlns="${NS.discoInfo}"/>`));
    return second === 'unclear' ? { gone: 'service-unavailable' } : second;
  }

  private ask(jid: string, payload: string): Promise<Answer> {
    const { link, address, probeMs } = this.options;
    return link.request({ from: address, to: jid, type: 'get', payload, deadline: probeMs });
  }
}

function verdictOf(answer: Answer): 'there' | 'unclear' | { gone: string } {
  if (answer.type !== 'error') return 'there'; // A result; or silence, which tells nothing.
  const condition = conditionOf(answer.stanza);
  if (isHard(condition)) return { gone: condition as string };
  return condition === 'service-unavailable' ? 'unclear' : 'there';
}
