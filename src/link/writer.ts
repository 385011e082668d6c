/** The one way out: templates and addresses become full Buffers, as fast as the peer reads them and no faster. */
import type { Socket } from 'node:net';
import type { Outgoing } from '../xmpp/outgoing';
import { clean, escapeAttribute } from '../xmpp/xml';
import type { Log } from './log';
import { Seam } from './seam';
import { Wires } from './wires';

export interface WriterOptions {
  readonly domain: string;
  /** Bound of `queued`, in bytes. */
  readonly queueBytes: number;
  /** Milliseconds without any progress after which a peer that does not read counts as dead. */
  readonly stall: number;
  readonly log: Log;
}

export interface WriterEvents {
  /** The queue fell below its bound again. */
  drained(): void;
  /** The peer has not read for `stall` milliseconds. */
  stalled(): void;
}

/** Best size of one write on loopback: 60 to 64 KiB. With 48 KiB a byte costs a sixth more, with 72 KiB a fifth. */
const CHUNK = 64 * 1024;
/** Bytes written in one turn of the event loop, so that reading and timers get theirs too. */
const TURN = 8 * 1024 * 1024;
const SPARE_CHUNKS = 8;
/** What an address and its quotes count for in estimates, in bytes. */
const ADDRESS_ESTIMATE = 48;

type Chunk = ReturnType<typeof Buffer.allocUnsafeSlow>;

/** A template with many addresses, on its way. Its bytes are in the writer's `seam`. */
interface Copies {
  readonly wires: readonly Uint8Array[];
  readonly headBytes: number;
  readonly tailBytes: number;
  next: number;
  /** Estimated bytes of one copy. */
  readonly cost: number;
}

export class Writer {
  /** Bytes not yet handed to the socket, estimated. */
  queued = 0;
  /** Rises with each write that a full socket got rid of: the peer reads. */
  moved = 0;
  private queue: Outgoing[] = [];
  private first = 0;
  private copies: Copies | undefined;
  private readonly seam = new Seam();
  private readonly wires = new Wires();
  private chunk = Buffer.allocUnsafeSlow(CHUNK);
  private fill = 0;
  private readonly spare: Chunk[] = [];
  private readonly inFlight: Chunk[] = [];
  /** Bytes that may still be written in this turn. */
  private turn = 0;
  private over = false;
  private blocked = false;
  private scheduled = false;
  private wasCongested = false;
  private stallTimer: NodeJS.Timeout | undefined;
  private idle: (() => void) | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly options: WriterOptions,
    private readonly events: WriterEvents,
  ) {
    socket.on('drain', () => this.unblock());
  }

  get congested(): boolean {
    return this.queued > this.options.queueBytes;
  }

  /** True while the socket takes no more. */
  get waits(): boolean {
    return this.blocked;
  }

  /**
   * Queues a stanza. Refused, and logged, is one whose `from` is not ours: the server would close the stream for every room.
   * What XML forbids is taken out of `rest` for the same reason.
   */
  push(out: Outgoing): void {
    if (this.over) return;
    if (!this.ours(out.from) || out.to === '') {
      this.options.log.error(
        { event: 'not-sent', name: out.name, from: out.from },
        'a stanza that must not be sent was thrown away: its from is not ours, or it has no to',
      );
      return;
    }
    const rest = clean(out.rest);
    if (rest !== out.rest) {
      this.options.log.warn({ event: 'cleaned', name: out.name, from: out.from }, 'characters that XML forbids were taken out of a stanza');
      this.queue.push({ ...out, rest });
    } else this.queue.push(out);
    this.queued += cost(out) * (typeof out.to === 'string' ? 1 : out.to.length);
    if (this.congested) this.wasCongested = true;
    this.schedule();
  }

  /** Resolves once everything is with the operating system, or the writer is disposed of. */
  settled(): Promise<void> {
    if (this.over || this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => {
      this.idle = resolve;
    });
  }

  /** The connection is gone: forgets what was queued. */
  dispose(): void {
    this.over = true;
    clearTimeout(this.stallTimer);
    this.queue = [];
    this.first = 0;
    this.copies = undefined;
    this.queued = 0;
    this.idle?.();
  }

  private ours(from: string): boolean {
    const { domain } = this.options;
    const slash = from.indexOf('/');
    const end = slash < 0 ? from.length : slash;
    const at = end - domain.length;
    if (at < 0 || !from.startsWith(domain, at)) return false;
    return at === 0 || (at > 1 && from.indexOf('@') === at - 1);
  }

  private schedule(): void {
    if (this.scheduled || this.blocked) return;
    this.scheduled = true;
    // Behind all I/O events of this turn: what they cause is joined.
    setImmediate(() => {
      this.scheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    if (this.over) return;
    this.turn = TURN;
    while (!this.blocked && this.turn > 0 && this.advance());
    if (this.turn <= 0) this.schedule();
    else if (!this.blocked && this.fill > 0) this.writeChunk();
    if (this.wasCongested && !this.congested) {
      this.wasCongested = false;
      this.events.drained();
    }
    this.settle();
  }

  /** Moves one stanza, or a piece of the copies of one, into the chunk; false when the queue is empty. */
  private advance(): boolean {
    if (this.copies !== undefined) {
      this.spread(this.copies);
      return true;
    }
    const out = this.queue[this.first];
    if (out === undefined) {
      this.queue = [];
      this.first = 0;
      return false;
    }
    const head = `<${out.name} from="${escapeAttribute(out.from)}" to="`;
    if (typeof out.to === 'string') {
      const text = `${head}${escapeAttribute(out.to)}"${out.rest}`;
      if (!this.put(text)) return true;
      this.queued -= cost(out);
    } else {
      const [tailBytes, headBytes] = this.seam.set(out.rest, head);
      this.copies = { wires: this.wires.of(out.to), headBytes, tailBytes, next: 0, cost: cost(out) };
    }
    this.queue[this.first] = undefined as unknown as Outgoing;
    this.first++;
    if (this.first > 4096) {
      this.queue = this.queue.slice(this.first);
      this.first = 0;
    }
    return true;
  }

  /** Appends text to the chunk; false if the chunk had to be written first and the socket is full now. */
  private put(text: string): boolean {
    if (text.length * 3 > CHUNK - this.fill) {
      const bytes = Buffer.byteLength(text, 'utf8');
      if (bytes > CHUNK - this.fill) {
        if (this.fill > 0) this.writeChunk();
        if (this.blocked) return false;
        if (bytes > CHUNK) {
          this.write(Buffer.from(text, 'utf8'));
          return true;
        }
      }
    }
    this.fill += this.chunk.write(text, this.fill, 'utf8');
    return true;
  }

  /** Copies for one address after the other until the list or the socket's patience ends. */
  private spread(copies: Copies): void {
    const { wires, headBytes, tailBytes } = copies;
    const seamBytes = tailBytes + headBytes;
    const { seam } = this;
    let i = copies.next;
    const begin = i;
    while (i < wires.length && !this.blocked && this.turn > 0) {
      let wire = wires[i] as Uint8Array;
      if (seamBytes + wire.length > CHUNK - this.fill) {
        if (this.fill > 0) this.writeChunk();
        else {
          this.write(Buffer.concat([seam.part(tailBytes, seamBytes), wire, seam.part(0, tailBytes)]));
          i++;
        }
        continue;
      }
      const { chunk } = this;
      let at = this.fill;
      chunk.set(seam.part(tailBytes, seamBytes), at);
      at += headBytes;
      const between = seam.start(seamBytes);
      for (;;) {
        chunk.set(wire, at);
        at += wire.length;
        i++;
        if (i >= wires.length) break;
        wire = wires[i] as Uint8Array;
        if (at + seamBytes + wire.length + tailBytes > CHUNK) break;
        chunk.set(between, at);
        at += seamBytes;
      }
      chunk.set(seam.start(tailBytes), at);
      this.fill = at + tailBytes;
    }
    this.queued -= (i - begin) * copies.cost;
    copies.next = i;
    if (i >= wires.length) this.copies = undefined;
  }

  private writeChunk(): void {
    const { chunk } = this;
    const bytes = chunk.subarray(0, this.fill);
    this.fill = 0;
    if (!this.write(bytes, chunk)) this.chunk = this.spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK);
  }

  /**
   * True if the operating system took all of it at once, so that its memory is free again. A write above the socket's mark
   * returns false even then; waiting for 'drain' each time would cost a tenth of the throughput.
   */
  private write(bytes: Buffer, chunk: Chunk = NONE): boolean {
    this.turn -= bytes.length;
    const more = this.socket.write(bytes, this.written);
    const taken = this.socket.writableLength === 0;
    this.inFlight.push(taken ? NONE : chunk);
    if (!more && !taken) {
      this.blocked = true;
      this.watch();
    }
    return taken;
  }

  /** The operating system has taken one write; they finish in order. */
  private readonly written = (): void => {
    const chunk = this.inFlight.shift();
    if (chunk !== undefined && chunk !== NONE && this.spare.length < SPARE_CHUNKS) this.spare.push(chunk);
    if (this.over) return;
    if (this.blocked) {
      this.moved++;
      this.watch();
    }
    this.settle();
  };

  private unblock(): void {
    if (!this.blocked) return;
    this.blocked = false;
    this.moved++;
    clearTimeout(this.stallTimer);
    this.flush();
  }

  private watch(): void {
    clearTimeout(this.stallTimer);
    if (!this.over) this.stallTimer = setTimeout(() => this.events.stalled(), this.options.stall);
  }

  private isIdle(): boolean {
    return this.inFlight.length === 0 && this.fill === 0 && this.copies === undefined && this.first >= this.queue.length;
  }

  private settle(): void {
    if (this.idle !== undefined && this.isIdle()) this.idle();
  }
}

/** Stands for a write from a Buffer of its own. */
const NONE = Buffer.allocUnsafeSlow(0);

function cost(out: Outgoing): number {
  return out.from.length + out.rest.length + ADDRESS_ESTIMATE;
}
