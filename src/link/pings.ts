/** Pings to the server's domain (XEP-0199): whether it is still there, and has read what was sent so far. */
import { NS } from '../xmpp/ns';
import { conditionOf } from '../xmpp/stanza-error';
import type { Answer, Request } from './link';

export interface PingOptions {
  /** A private address of ours, never the bare service domain. */
  readonly from: string;
  /** The server's domain. */
  readonly to: string;
  /** Milliseconds between keep-alive pings. */
  readonly interval: number;
  /** Milliseconds until a keep-alive ping counts as missed. */
  readonly timeout: number;
  /** Milliseconds until a barrier gives up. */
  readonly barrier: number;
}

interface Flight {
  /** What had been sent when this ping was sent. */
  readonly sent: number;
  readonly answer: Promise<boolean>;
}

/** Signs of life from a peer that does not answer. */
export interface Signs {
  /** Stanzas sent so far, pings excluded. */
  sent(): number;
  /** True while we do not read: silence proves nothing then. */
  deaf(): boolean;
  /** True while the socket takes no more: the ping may wait behind that, and a peer that reads nothing is noticed by the writer. */
  waits(): boolean;
  /** Rises whenever the peer read some of a full socket. */
  moved(): number;
  /** Bytes that came in. */
  heard(): number;
}

const MISSES = 2;
/** Until the first ping. */
const FIRST_MS = 1000;
/** Errors of somebody who is there and knows no pings (XEP-0199 §4.1; `feature-not-implemented` is that of older servers). */
const THERE: ReadonlySet<unknown> = new Set(['service-unavailable', 'feature-not-implemented']);

/** Why an answer to a ping says that there is nobody of that address, or undefined. */
export function strangeAddress(answer: Answer): string | undefined {
  if (answer.type !== 'error') return undefined;
  const condition = conditionOf(answer.stanza);
  return THERE.has(condition) ? undefined : (condition ?? 'an error without a condition');
}

export const PING_XML = `<ping xmlns="${NS.ping}"/>`;

/** The pings of one connection. Any answer counts, an error too: it was read. */
export class Pings {
  private timer: NodeJS.Timeout | undefined;
  private misses = 0;
  private over = false;
  private flight: Flight | undefined;
  private following: Promise<boolean> | undefined;

  /**
   * @param answered called with each answer.
   * @param dead called after two misses.
   */
  constructor(
    private readonly options: PingOptions,
    private readonly ask: (request: Request, patience: () => boolean, behindAll: boolean) => Promise<Answer>,
    private readonly signs: Signs,
    private readonly answered: (answer: Answer) => void,
    private readonly dead: () => void,
  ) {
    // The first one soon: its answer shows that the connection is good, however early it is lost again.
    this.wait(Math.min(FIRST_MS, options.interval));
  }

  stop(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  /** True once the server has read all that was sent before the call. At most one ping is under way; the next serves all calls made meanwhile. */
  barrier(): Promise<boolean> {
    const { flight } = this;
    if (flight === undefined) return this.fly();
    if (flight.sent === this.signs.sent()) return flight.answer;
    this.following ??= flight.answer.then((answered) => {
      this.following = undefined;
      if (!answered || this.over) return false;
      // A ping that left since then is behind everything that these calls wait for.
      return this.flight?.answer ?? this.fly();
    });
    return this.following;
  }

  private fly(): Promise<boolean> {
    const flight: Flight = {
      sent: this.signs.sent(),
      answer: this.ping(this.options.barrier, this.patience(), true).then((answered) => {
        if (this.flight === flight) this.flight = undefined;
        return answered;
      }),
    };
    this.flight = flight;
    return flight.answer;
  }

  private async ping(deadline: number, patience: () => boolean, behindAll: boolean): Promise<boolean> {
    const { from, to } = this.options;
    const answer = await this.ask({ from, to, type: 'get', payload: PING_XML, deadline }, patience, behindAll);
    const answered = answer.type === 'result' || answer.type === 'error';
    if (answered) {
      this.misses = 0;
      this.answered(answer);
    }
    return answered;
  }

  /** Whether a ping whose time is over goes on waiting: what was sent before it still waits, or some of that has gone meanwhile. */
  private patience(): () => boolean {
    const { signs } = this;
    let moved = signs.moved();
    return () => {
      const before = moved;
      moved = signs.moved();
      return signs.waits() || moved !== before;
    };
  }

  private wait(ms = this.options.interval): void {
    this.timer = setTimeout(() => void this.keepAlive(), ms);
  }

  private async keepAlive(): Promise<void> {
    const { signs } = this;
    if (!signs.deaf()) {
      const heard = signs.heard();
      const answered = await this.ping(this.options.timeout, this.patience(), false);
      if (this.over) return;
      // A peer that sends is alive, however far behind with reading.
      if (signs.heard() !== heard) this.misses = 0;
      else if (!answered && !signs.deaf()) this.misses++;
      if (this.misses >= MISSES) {
        this.dead();
        return;
      }
    }
    this.wait();
  }
}
