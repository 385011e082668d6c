/** A link whose other end is the test: it keeps what was sent, and answers when told. */
import type { Answer, Link, LinkCounts, Request } from '../../src/link/link';
import { recipientsOf, toXml, type Outgoing } from '../../src/xmpp/outgoing';

export class FakeLink implements Link {
  /** One line for each stanza that left while online: `recipient text`, or `recipient !condition` for an error. */
  sent: string[] = [];
  readonly counts: LinkCounts = { attached: 0, sent: 0, copies: 0, unsent: 0, dropped: 0, errors: new Map() };
  /** The same, whole. */
  xml: string[] = [];
  dropped = 0;
  online = true;
  queued = 0;
  congested = false;
  overfull = false;
  /** By room: bytes that wait. */
  waits = new Map<string, number>();
  moved = 0;
  paused = false;
  requests: Request[] = [];
  /** What requests are answered with. */
  answer: (request: Request) => Answer = () => ({ type: 'timeout' });
  /** Barriers that wait; undefined: they are answered at once. */
  held: ((reached: boolean) => void)[] | undefined;
  barriers = 0;

  queuedOf(room: string): number {
    return this.waits.get(room) ?? 0;
  }

  tellLow(): boolean {
    return true;
  }

  start(): void {
    throw new Error('The test drives the handler itself.');
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  send(out: Outgoing): void {
    for (const to of recipientsOf(out)) {
      if (!this.online) {
        this.dropped++;
        continue;
      }
      this.sent.push(`${to} ${summary(out.rest)}`);
      this.xml.push(toXml(out, to));
    }
  }

  fence(out: Outgoing): void {
    this.send(out);
  }

  request(request: Request): Promise<Answer> {
    this.requests.push(request);
    return Promise.resolve(this.answer(request));
  }

  barrier(): Promise<boolean> {
    this.barriers++;
    if (!this.online) return Promise.resolve(false);
    if (!this.held) return Promise.resolve(true);
    return new Promise((resolve) => this.held?.push(resolve));
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  /** What was sent since the last call. */
  take(): string[] {
    const { sent } = this;
    this.sent = [];
    this.xml = [];
    return sent;
  }
}

function summary(rest: string): string {
  const condition = /<([a-z-]+) xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/.exec(rest)?.[1];
  if (condition !== undefined) return `!${condition}`;
  return /<t>(.*?)<\/t>/.exec(rest)?.[1] ?? rest;
}
