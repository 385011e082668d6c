/** Pings to the server's domain (XEP-0199): is it still there, and has it read what was sent so far? */
import { NS } from '../xmpp/ns';
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

const MISSES = 2;
const PAYLOAD = `<ping xmlns="${NS.ping}"/>`;

/** The pings of one connection. Any answer counts, an error too: it was read. */
export class Pings {
  private timer: NodeJS.Timeout | undefined;
  private misses = 0;
  private over = false;
  private flight: Flight | undefined;
  private following: Promise<boolean> | undefined;

  /**
   * @param sent counts the stanzas sent so far, pings excluded.
   * @param deaf true while we do not read: silence proves nothing then.
   */
  constructor(
    private readonly options: PingOptions,
    private readonly ask: (request: Request) => Promise<Answer>,
    private readonly sent: () => number,
    private readonly deaf: () => boolean,
    private readonly dead: () => void,
  ) {
    this.wait();
  }

  stop(): void {
    this.over = true;
    clearTimeout(this.timer);
  }

  /** True once the server has read all that was sent before the call. At most one ping is under way; the next serves all who came meanwhile. */
  barrier(): Promise<boolean> {
    const { flight } = this;
    if (flight === undefined) return this.fly();
    if (flight.sent === this.sent()) return flight.answer;
    this.following ??= flight.answer.then((answered) => {
      this.following = undefined;
      if (!answered || this.over) return false;
      // A ping that left since then is behind all that the waiting ones care about.
      return this.flight?.answer ?? this.fly();
    });
    return this.following;
  }

  private fly(): Promise<boolean> {
    const flight: Flight = {
      sent: this.sent(),
      answer: this.ping(this.options.barrier).then((answered) => {
        if (this.flight === flight) this.flight = undefined;
        return answered;
      }),
    };
    this.flight = flight;
    return flight.answer;
  }

  private async ping(deadline: number): Promise<boolean> {
    const { from, to } = this.options;
    const answer = await this.ask({ from, to, type: 'get', payload: PAYLOAD, deadline });
    const answered = answer.type === 'result' || answer.type === 'error';
    if (answered) this.misses = 0;
    return answered;
  }

  private wait(): void {
    this.timer = setTimeout(() => void this.keepAlive(), this.options.interval);
  }

  private async keepAlive(): Promise<void> {
    if (!this.deaf()) {
      const answered = await this.ping(this.options.timeout);
      if (this.over) return;
      if (!answered && !this.deaf()) this.misses++;
      if (this.misses >= MISSES) {
        this.dead();
        return;
      }
    }
    this.wait();
  }
}
