/**
 * Finds out by probes whether sessions are still there, one probe for each full JID: after every attach all sessions are unverified,
 * since clients that left while there was no connection could not tell us.
 */
import type { Answer, Link } from '../../link/link';
import type { Millis } from '../../room/contract/rows';
import type { Directory } from '../../store/directory';
import { foldFull, type FullJid } from '../../xmpp/fold';
import { NS } from '../../xmpp/ns';
import { outgoing } from '../../xmpp/outgoing';
import { conditionOf } from '../../xmpp/stanza-error';
import type { Element } from '../../xmpp/xml';
import { isHard } from './bounces';
import type { Clock } from '../clock';
import type { Log } from '../../log';

export interface ProberOptions {
  readonly store: Pick<Directory, 'sessionsAfter'>;
  readonly link: Pick<Link, 'request' | 'send' | 'online'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A private address of ours: answers to it cannot be taken for somebody's stanza to a room. */
  readonly address: string;
  readonly perSecond: number;
  readonly probeMs: number;
  /** Time between two failures to reach a session's server, after which it counts as gone; two hours unless given. */
  readonly unreachableMs?: number;
  /** Full JIDs, as they are spelt, to be asked beside all sessions. */
  readonly others: () => readonly string[];
  readonly gone: (jid: FullJid, text: string) => void;
}

/** A timer may be that early by the clock that measures it. */
const EARLY_MS = 1_000;
/** How long a message that nobody took may be on its way back, in milliseconds. */
const BOUNCE_MS = 10_000;

/** People whose servers cannot be reached, remembered at the same time. */
const MAX_UNREACHABLE = 10_000;

/** A session whose server could not be reached: since when, and whether its name was not found. */
interface Unreachable {
  readonly since: Millis;
  notFound: boolean;
}

/** Sessions read at a time. */
const PAGE = 100;

const NOT_FOUND = 'remote-server-not-found';
const TIMEOUT = 'remote-server-timeout';

export class Prober {
  /** Rises with each round: an older one ends. */
  private round = 0;
  /** A round is under way; one more is wanted after it. */
  private running = false;
  private again = false;
  /** When somebody's server could not be reached first, by full JID. */
  private readonly unreachable = new Map<string, Unreachable>();
  /** Full JIDs with a probe under way: one each. */
  private readonly asked = new Set<string>();
  /** Messages that may come back, by id: to whom, and what to do then. */
  private readonly sent = new Map<string, { readonly jid: FullJid; readonly back: () => void }>();
  private nextId = 1;

  constructor(private readonly options: ProberOptions) {}

  /** Asks every session, at the bounded rate. While a round is under way that goes on, so that it gets to the end, and one more follows. */
  verifyAll(): void {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    const round = ++this.round;
    void this.verify(round).then(() => {
      if (round !== this.round) return;
      this.running = false;
      if (!this.again) return;
      this.again = false;
      this.verifyAll();
    });
  }

  /** No connection: nobody can be asked. */
  stop(): void {
    this.round++;
    this.running = this.again = false;
  }

  private async verify(round: number): Promise<void> {
    const { store, link, log, perSecond, others } = this.options;
    let after: FullJid | '' = '';
    let asked = 0;
    try {
      for (;;) {
        const page = await store.sessionsAfter(after, PAGE);
        for (const address of page.length > 0 ? page.map((session) => session.address) : others()) {
          if (round !== this.round || !link.online) return;
          void this.probe(address);
          asked++;
          await this.pause(1000 / perSecond);
        }
        const last = page.at(-1);
        if (last === undefined) break;
        after = last.jid;
      }
      if (asked > 0) log.info({ event: 'sessions.probed', asked }, 'all sessions were probed');
    } catch (error) {
      log.error(
        { event: 'sessions.unreadable', err: error, asked },
        'sessions could not be read to be verified; tried again at the next attach',
      );
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.options.clock.after(ms, resolve));
  }

  /**
   * Asks one full JID, as it is spelt, by ping. `service-unavailable` is what a server answers for a dead one, and what a client answers that knows no
   * ping: then disco#info is asked, and of a client that knows neither (a simple bot) the delivery of an empty groupchat message
   * tells, which a server returns if nobody is at the full JID (RFC 6121 §8.5.3.2.1). No answer decides nothing. An unknown
   * server counts after two such errors, a silent one after two with hours between. `bounced`: the error that came back before.
   */
  async probe(address: string, bounced?: string): Promise<void> {
    const jid = foldFull(address);
    if (this.asked.has(jid)) return;
    this.asked.add(jid);
    try {
      const verdict = await this.verdict(jid, address, bounced);
      if (verdict !== 'there') this.options.gone(jid, verdict.gone);
    } finally {
      this.asked.delete(jid);
    }
  }

  private async verdict(jid: FullJid, address: string, bounced: string | undefined): Promise<'there' | { gone: string }> {
    const first = await this.ask(address, `<ping xmlns="${NS.ping}"/>`);
    const condition = first.type === 'error' ? conditionOf(first.stanza) : undefined;
    if (condition === NOT_FOUND || condition === TIMEOUT) return this.notReached(jid, address, condition, bounced);
    if (first.type === 'result' || first.type === 'error') this.unreachable.delete(jid);
    const verdict = verdictOf(first);
    if (verdict !== 'unclear') return verdict;
    const second = verdictOf(await this.ask(address, `<query xmlns="${NS.discoInfo}"/>`));
    if (second !== 'unclear') return second;
    return (await this.comesBack(jid, address)) ? { gone: 'service-unavailable' } : 'there';
  }

  /** The session's server was not reached: whether that is enough. If not, it is asked again. */
  private notReached(jid: FullJid, address: string, condition: string, bounced: string | undefined): 'there' | { gone: string } {
    const { clock, unreachableMs = 2 * 3600_000 } = this.options;
    const now = clock.elapsed();
    const before = this.unreachable.get(jid);
    const notFound = condition === NOT_FOUND;
    const isLong = before !== undefined && now - before.since >= unreachableMs - EARLY_MS;
    if (isLong || (notFound && (bounced === NOT_FOUND || before?.notFound))) {
      this.unreachable.delete(jid);
      return { gone: condition };
    }
    if (!before && this.unreachable.size >= MAX_UNREACHABLE) return 'there';
    const entry: Unreachable = before ?? { since: now, notFound: false };
    const askAgain = (ms: number): void => {
      clock.after(ms, () => {
        if (this.unreachable.get(jid) === entry) void this.probe(address);
      });
    };
    if (!before) {
      this.unreachable.set(jid, entry);
      askAgain(unreachableMs);
    }
    if (notFound) {
      entry.notFound = true;
      askAgain(BOUNCE_MS);
    }
    return 'there';
  }

  /** An error to a message: true if it is one that was sent to find out, and so says that nobody is there. */
  bounced(stanza: Element): boolean {
    const { from = '', to = '' } = stanza.attrs as Record<string, string | undefined>;
    const id = stanza.attrs['id'] as string | undefined;
    const sent = id === undefined ? undefined : this.sent.get(id);
    if (stanza.name !== 'message' || foldFull(to) !== this.options.address || sent?.jid !== foldFull(from)) return false;
    sent?.back();
    return true;
  }

  private comesBack(jid: FullJid, spelt: string): Promise<boolean> {
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
      link.send(outgoing('message', address, spelt, { type: 'groupchat', id }, `<no-store xmlns="${NS.hints}"/>`));
    });
  }

  private ask(spelt: string, payload: string): Promise<Answer> {
    const { link, address, probeMs } = this.options;
    return link.request({ from: address, to: spelt, type: 'get', payload, deadline: probeMs });
  }
}

function verdictOf(answer: Answer): 'there' | 'unclear' | { gone: string } {
  if (answer.type !== 'error') return 'there'; // A result; or silence, which tells nothing.
  const condition = conditionOf(answer.stanza);
  if (isHard(condition)) return { gone: condition as string };
  return condition === 'service-unavailable' ? 'unclear' : 'there';
}
