/** The load itself: a window of messages in flight, refilled by the bytes of their deliveries. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Attachment } from './attachment';
import { KINDS, type Kind } from './kinds';
import { messageId, type Load } from './loads';
import { quiet, until, type Observed } from './set-up';

/** Seconds without a delivery after which the component counts as stuck. */
const STUCK = 20;

export class Talk {
  /** Messages sent, those before this talk included. */
  sent: number;
  private readonly first: number;
  private readonly startBytes: number;
  private readonly perMessage: number;
  private readonly copies: number;
  private readonly templates: Buffer[] = [];
  private readonly idAt: number;
  private open = false;

  /** What was observed was sent and fully delivered already. */
  constructor(
    private readonly attachment: Attachment,
    load: Load,
    private readonly window: number,
    observed: Observed,
    kind: Kind = KINDS.messages,
  ) {
    this.sent = this.first = observed.messages;
    this.startBytes = attachment.received;
    this.perMessage = observed.bytes;
    this.copies = observed.copies;
    for (let i = load.rooms * kind.first; i < load.rooms * load.occupants; i++) {
      this.templates.push(Buffer.from(kind.stanza(load, i % load.rooms, Math.floor(i / load.rooms), 0)));
    }
    if (observed.even) attachment.expectDeliveries(observed.bytes / observed.copies);
    this.idAt = (this.templates[0] as Buffer).indexOf(messageId(0)) + 1;
  }

  /** Whole deliveries received since the start. */
  get delivered(): number {
    return Math.floor(((this.attachment.received - this.startBytes) / this.perMessage) * this.copies);
  }

  start(): void {
    this.open = true;
    this.attachment.counted = () => this.refill();
    this.refill();
  }

  /** Waits some seconds; rejects if deliveries stop. `each` is called after each second. */
  async moving(seconds: number, each: () => void = () => undefined): Promise<void> {
    let left = seconds;
    let stuck = 0;
    while (left > 0) {
      const before = this.attachment.received;
      const step = Math.min(left, 1);
      await delay(step * 1000);
      left -= step;
      each();
      stuck = this.attachment.received === before ? stuck + step : 0;
      if (stuck >= STUCK) throw new Error(`No delivery for ${stuck} s with ${this.window} messages in flight.`);
    }
  }

  /** Sends no more and waits for what is in flight; rejects unless exactly the expected bytes have come. */
  async finish(): Promise<void> {
    this.open = false;
    const expected = this.startBytes + (this.sent - this.first) * this.perMessage;
    await until(this.attachment, () => this.attachment.received >= expected, `the last of ${this.sent} messages is delivered`);
    await quiet(this.attachment);
    this.attachment.counted = undefined;
    const surplus = this.attachment.received - expected;
    if (surplus !== 0) throw new Error(`${surplus} bytes more than the deliveries came: something else was sent.`);
  }

  private refill(): void {
    if (!this.open) return;
    const answered = this.first + Math.floor((this.attachment.received - this.startBytes) / this.perMessage);
    const missing = this.window - (this.sent - answered);
    if (missing <= 0) return;
    const out = Buffer.allocUnsafe(missing * (this.templates[0] as Buffer).length);
    let at = 0;
    for (let i = 0; i < missing; i++) {
      const template = this.templates[this.sent % this.templates.length] as Buffer;
      out.set(template, at);
      writeNumber(out, at + this.idAt, 9, this.sent);
      at += template.length;
      this.sent++;
    }
    this.attachment.write(out);
  }
}

/** Decimal digits of fixed width. */
function writeNumber(out: Buffer, at: number, width: number, value: number): void {
  let rest = value;
  for (let i = at + width - 1; i >= at; i--) {
    const next = Math.floor(rest / 10);
    out[i] = 0x30 + rest - next * 10;
    rest = next;
  }
}
