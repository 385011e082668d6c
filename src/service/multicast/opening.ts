/** When the multicast service is looked for, tried and opened, and when again after it was closed. */
import type { Link } from '../../link/link';
import type { Log } from '../../log';
import type { BareJid } from '../../xmpp/fold';
import type { Element } from '../../xmpp/xml';
import type { Clock } from '../clock';
import { findMulticast } from './discovery';
import { Trial } from './trial';

/** The operator's rules. */
export interface MulticastRules {
  /** An address; `auto`: what the server's discovery names; `none`: never. */
  readonly service: string;
  /** Occupants from which on a room goes that way. */
  readonly from: number;
  /** Most addresses of one stanza. */
  readonly addresses: number;
}

export interface OpeningOptions {
  readonly link: Pick<Link, 'request' | 'send' | 'fence' | 'moved' | 'online'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly domain: BareJid;
  readonly serverDomain: string;
  readonly rules: MulticastRules;
  readonly secret: () => string;
  /** It has passed: rooms may go that way, with so many addresses in a stanza. */
  readonly open: (service: string, addresses: number) => void;
}

/** For so long a service that refused, was silent or did not pass is left alone. */
const CLOSED_MS = 10 * 60_000;
/** With fewer addresses in a stanza nothing is won. */
const FEWEST = 5;

export class Opening {
  private readonly trial: Trial;
  /** Rises with each attempt: an earlier one ends. */
  private attempts = 0;
  private cancel: (() => void) | undefined;

  constructor(private readonly options: OpeningOptions) {
    this.trial = new Trial(options);
  }

  /** A connection is there. */
  online(): void {
    void this.attempt();
  }

  offline(): void {
    this.attempts++;
    this.cancel?.();
    this.trial.offline();
  }

  /** The service was open and is closed: it is tried again later, or at once if it may take fewer addresses. */
  closed(condition: string | undefined): void {
    const { log } = this.options;
    const tooMany = condition === 'not-acceptable' || condition === 'policy-violation';
    const why = condition === undefined ? 'it hands nothing out any more' : `it refuses (${condition})`;
    log.warn(
      { event: 'multicast.closed', condition: condition ?? null, again: tooMany ? 0 : CLOSED_MS },
      `the multicast service was closed: ${why}. Rooms send to everybody one by one until it has passed another trial`,
    );
    if (tooMany) void this.attempt();
    else this.later();
  }

  /** Whether a stanza is of a trial. */
  took(stanza: Element): boolean {
    return this.trial.took(stanza);
  }

  private later(): void {
    this.cancel?.();
    this.cancel = this.options.clock.after(CLOSED_MS, () => void this.attempt());
  }

  private async attempt(): Promise<void> {
    const { link, rules, domain, serverDomain, log, open } = this.options;
    if (rules.service === 'none') return;
    const attempt = ++this.attempts;
    this.cancel?.();
    const isOver = (): boolean => attempt !== this.attempts || !link.online;
    const service = rules.service === 'auto' ? await findMulticast(link, domain, serverDomain) : rules.service;
    if (isOver()) return;
    if (service === undefined) {
      log.debug({ event: 'multicast.none', server: serverDomain }, 'the server names no multicast service');
      return;
    }
    for (let addresses = rules.addresses; ; addresses = Math.floor(addresses / 2)) {
      const verdict = await this.trial.run(service, addresses);
      if (isOver() || verdict.kind === 'offline') return;
      if (verdict.kind === 'good') {
        log.info(
          { event: 'multicast.open', service, addresses },
          `rooms of ${rules.from} or more speak by ${service}, to ${addresses} at a time`,
        );
        open(service, addresses);
        return;
      }
      if (verdict.kind === 'refused' && verdict.tooMany && addresses >= 2 * FEWEST) continue;
      const why = verdict.kind === 'bad' ? verdict.why : `it refuses (${verdict.condition})`;
      log.warn(
        { event: 'multicast.unusable', service, why },
        `the multicast service ${service} is not used: ${why}. It is tried again in 10 minutes`,
      );
      this.later();
      return;
    }
  }
}
