/**
 * Whether somebody is still there is found by asking, one probe for each full JID: after every attach all sessions are unverified,
 * since who left while no connection was there could not tell us.
 */
import type { Answer, Link } from '../link/link';
import type { Store } from '../store/store';
import { NS } from '../xmpp/ns';
import { outgoing } from '../xmpp/outgoing';
import type { Element } from '../xmpp/xml';
import { conditionOf, isHard } from './bounces';
import type { Clock } from './clock';
import type { Log } from './log';

export interface ProberOptions {
  readonly store: Pick<Store, 'sessionsAfter'>;
  readonly link: Pick<Link, 'request' | 'send' | 'online'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A private address of ours: answers to it cannot be taken for somebody's stanza to a room. */
  readonly address: string;
  readonly perSecond: number;
  readonly probeMs: number;
  /** Full JIDs to be asked beside all sessions. */
  readonly others: () => readonly string[];
  readonly gone: (jid: string, text: string) => void;
}

/** How long a message that nobody took may be on its way back, in milliseconds. */
const BOUNCE_MS = 10_000;

/** Sessions read at a time. */
const PAGE = 100;

export class Prober {
  /** Rises with each round: an older one ends. */
  private round = 0;
  /** Full JIDs with a probe under way: one each. */
  private readonly asked = new Set<string>();
  /** Messages that may come back, by id: to whom, and what to do then. */
  private readonly sent = new Map<string, { readonly jid: string; readonly back: () => void }>();
  private nextId = 1;

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
    const { store, link, log, perSecond, others } = this.options;
    let after = '';
    let asked = 0;
    try {
      for (;;) {
        const page = await store.sessionsAfter(after, PAGE);
        for (const jid of page.length > 0 ? page : others()) {
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
   * Asks one full JID by ping. `service-unavailable` is what a server answers for a dead one, and what a client answers that knows no
   * ping: then disco#info is asked, and of a client that knows neither (a simple bot) the delivery of an empty groupchat message
   * tells, which a server returns if nobody is at the full JID (RFC 6121 §8.5.3.2.1). No answer is no decision.
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
    if (second !== 'unclear') return second;
    return (await this.comesBack(jid)) ? { gone: 'service-unavailable' } : 'there';
  }

  /** An error to a message: true if it is one that was sent to find out, and so says that nobody is there. */
  bounced(stanza: Element): boolean {
    const id = stanza.attrs['id'] as string | undefined;
    const sent = id === undefined ? undefined : this.sent.get(id);
    if (stanza.name !== 'message' || stanza.attrs['to'] !== this.options.address || sent?.jid !== stanza.attrs['from']) return false;
    sent?.back();
    return true;
  }

  private comesBack(jid: string): Promise<boolean> {
    const { link, clock, address } = this.options;
    const id = `there-${this.nextId++}`;
    return new Promise((resolve) => {
      const settle = (back: boolean): void => {
        cancel();
        this.sent.delete(id);
        resolve(back);
      };
      const cancel = clock.after(BOUNCE_MS, () => settle(false));
      this.sent.set(id, { jid, back: () => settle(true) });
      link.send(outgoing('message', address, jid, { type: 'groupchat', id }, `<no-store xmlns="${NS.hints}"/>`));
    });
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
