/** When the multicast service is looked for, tried and opened, and when again after it was closed. */
import type { Link } from '../../link/link';
import type { Log } from '../../log';
import type { BareJid } from '../../xmpp/fold';
import type { Element } from '../../xmpp/xml';
import type { Clock } from '../clock';
import { findMulticast, namedMulticast, type Found } from './discovery';
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
  readonly link: Pick<Link, 'request' | 'send' | 'fence' | 'moved' | 'barrier' | 'online'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly domain: BareJid;
  readonly serverDomain: string;
  readonly rules: MulticastRules;
  readonly secret: () => string;
  /** It has passed: rooms may go that way, with so many addresses in a stanza. */
  readonly open: (found: Found, addresses: number) => void;
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
  /** Addresses of a stanza with which it was opened last. */
  private opened = 0;
  /** When it was tried at once with fewer, as `elapsed` counts. */
  private retried = -Infinity;

  constructor(private readonly options: OpeningOptions) {
    this.trial = new Trial(options);
  }

  /** A connection is there. */
  online(): void {
    void this.attempt(this.options.rules.addresses);
  }

  offline(): void {
    this.attempts++;
    this.cancel?.();
    this.trial.offline();
  }

  /** The service was open and is closed: it is tried again later, or at once, once in ten minutes, if it may take fewer addresses. */
  closed(condition: string | undefined): void {
    const { log, clock } = this.options;
    const fewer = Math.floor(this.opened / 2);
    const tooMany = condition === 'not-acceptable' || condition === 'policy-violation';
    // One that takes what a trial gives it and refuses what rooms say would be tried without end.
    const atOnce = tooMany && fewer >= FEWEST && clock.elapsed() - this.retried >= CLOSED_MS;
    const why = condition === undefined ? 'it hands nothing out any more' : `it refuses (${condition})`;
    log.warn(
      { event: 'multicast.closed', condition: condition ?? null, again: atOnce ? 0 : CLOSED_MS },
      `the multicast service was closed: ${why}. Rooms send to everybody one by one until it has passed another trial`,
    );
    if (!atOnce) {
      this.later();
      return;
    }
    this.retried = clock.elapsed();
    void this.attempt(fewer);
  }

  /** Whether a stanza is of a trial. */
  took(stanza: Element): boolean {
    return this.trial.took(stanza);
  }

  private later(): void {
    this.cancel?.();
    this.cancel = this.options.clock.after(CLOSED_MS, () => void this.attempt(this.options.rules.addresses));
  }

  /** Looks for it and tries it, with so many addresses in a stanza at first. */
  private async attempt(most: number): Promise<void> {
    const { link, rules, domain, serverDomain, log, open } = this.options;
    if (rules.service === 'none') return;
    const attempt = ++this.attempts;
    this.cancel?.();
    const isOver = (): boolean => attempt !== this.attempts || !link.online;
    const found = await (rules.service === 'auto'
      ? findMulticast(link, domain, serverDomain)
      : namedMulticast(link, domain, rules.service));
    if (isOver()) return;
    if (found === undefined) {
      log.debug({ event: 'multicast.none', server: serverDomain }, 'the server names no multicast service');
      return;
    }
    const { service, everywhere } = found;
    for (let addresses = most; ; addresses = Math.floor(addresses / 2)) {
      const verdict = await this.trial.run(service, addresses);
      if (isOver() || verdict.kind === 'offline') return;
      if (verdict.kind === 'good') {
        log.info(
          { event: 'multicast.open', service, addresses, everywhere },
          `rooms of ${rules.from} or more speak by ${service}, to ${addresses} at a time, to ${everywhere ? 'people of all domains' : `people of ${serverDomain}`}`,
        );
        this.opened = addresses;
        open(found, addresses);
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
