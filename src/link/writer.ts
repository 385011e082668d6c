/** The one way out: templates and addresses become full Buffers, as fast as the peer reads them and no faster. */
import type { Socket } from 'node:net';
import { multicastSeams, NEXT_ADDRESS, type Address, type Outgoing, type Via } from '../xmpp/outgoing';
import { foldBare, type BareJid } from '../xmpp/fold';
import { escapeAttribute } from '../xmpp/xml';
import { Lanes, type Copies, type Lane } from './lanes';
import type { Log } from '../log';
import { mayLeave } from './may-leave';
import { Seam } from './seam';
import { Wires } from './wires';

export interface WriterOptions {
  readonly domain: string;
  /** Bound of what is queued, in bytes, each room counted up to `roomBytes`. */
  readonly queueBytes: number;
  /** Bytes of one room's queue above which the room should wait. */
  readonly roomBytes: number;
  /** Bound of the memory that the queue holds, in bytes. */
  readonly memoryBytes: number;
  /** Milliseconds without any progress after which a peer that does not read counts as dead. */
  readonly stall: number;
  readonly log: Log;
}

export interface WriterEvents {
  /** The queue fell below its bound again. */
  drained(): void;
  /** The room of which `tellLow` asked it has half of a room's bound in the queue, or less. */
  lowered(room: BareJid): void;
  /** The peer has not read for `stall` milliseconds. */
  stalled(): void;
}

/** Best size of one write on loopback: 60 to 64 KiB. With 48 KiB a byte costs a sixth more, with 72 KiB a fifth. */
const CHUNK = 64 * 1024;
/** Bytes written in one turn of the event loop, so that reading and timers get theirs too. */
const TURN = 8 * 1024 * 1024;
const SPARE_CHUNKS = 8;
/** `farAbove` means this many times the bounds. */
const OVERFULL = 1.5;
type Chunk = ReturnType<typeof Buffer.allocUnsafeSlow>;

export class Writer {
  /** Rises with each write that a full socket got rid of: the peer reads. */
  moved = 0;
  private readonly lanes: Lanes;
  private readonly seam = new Seam();
  /** Whose bytes are in the seam. */
  private seamOf: Copies | undefined;
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
    this.lanes = new Lanes(options);
    socket.on('drain', () => this.unblock());
  }

  /** Bytes not yet handed to the socket, estimated. */
  get queued(): number {
    return this.lanes.queued;
  }

  get congested(): boolean {
    return this.lanes.counted > this.options.queueBytes || this.lanes.memory > this.options.memoryBytes;
  }

  /** Far above the bound: output that has no bound of its own must not be added. */
  get overfull(): boolean {
    return this.lanes.counted > OVERFULL * this.options.queueBytes || this.lanes.memory > OVERFULL * this.options.memoryBytes;
  }

  /** Bytes of one room that are not yet handed to the socket, estimated and weighed (`weightOf`). */
  queuedOf(room: BareJid): number {
    return this.lanes.queuedOf(room);
  }

  /** True while the socket takes no more. */
  get waits(): boolean {
    return this.blocked;
  }

  /** Has `lowered` called when the room has half of its bound or less; false: it has no more than that now. */
  tellLow(room: BareJid): boolean {
    return this.lanes.tellLow(room);
  }

  /**
   * Queues a stanza. Refused, and logged, is one whose `from` is not ours: the server would close the stream for every room.
   * What XML forbids is taken out of `rest` for the same reason.
   *
   * @param room whose queue it is behind: that of its `from`.
   */
  push(out: Outgoing, room: BareJid = foldBare(out.from)): void {
    const checked = this.checked(out);
    if (checked === undefined) return;
    this.lanes.push(room, checked);
    if (this.congested) this.wasCongested = true;
    this.schedule();
  }

  /** Queues a stanza for one address behind everything that is queued now, of whichever room. */
  fence(out: Outgoing): void {
    const checked = this.checked(out);
    if (checked === undefined) return;
    this.lanes.fence(checked);
    this.schedule();
  }

  private checked(out: Outgoing): Outgoing | undefined {
    return this.over ? undefined : mayLeave(out, this.options);
  }

  /** Resolves once everything is with the operating system, or the writer is disposed of. */
  emptied(): Promise<void> {
    if (this.over || this.isIdle()) return Promise.resolve();
    return new Promise((resolve) => {
      this.idle = resolve;
    });
  }

  /** The connection is gone: forgets what was queued. */
  dispose(): void {
    this.over = true;
    clearTimeout(this.stallTimer);
    this.lanes.clear();
    this.seamOf = undefined;
    this.idle?.();
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
    if (this.lanes.lowered.length > 0) {
      const { lowered } = this.lanes;
      this.lanes.lowered = [];
      for (const room of lowered) this.events.lowered(room);
    }
    this.tellIdle();
  }

  /** Moves one stanza, or a piece of the copies of one, into the chunk; false when nothing waits. */
  private advance(): boolean {
    const { lanes } = this;
    const fenced = lanes.ready[0];
    if (fenced !== undefined) {
      if (this.put(this.single(fenced))) lanes.ready.shift();
      return true;
    }
    const lane = lanes.turn();
    if (lane === undefined) return false;
    if (lane.copies !== undefined) {
      this.spread(lane, lane.copies);
      return true;
    }
    const out = lane.queue[lane.first] as Outgoing;
    if (typeof out.to === 'string') {
      const text = this.single(out);
      if (!this.put(text)) return true;
      lane.shift();
      lanes.wrote(text.length);
      lanes.change(lane, out, -1);
      lanes.over(lane, out);
      return true;
    }
    if (out.via !== undefined) {
      const bytes = this.bundle(out, out.via);
      if (bytes === undefined) return true;
      lane.shift();
      lanes.wrote(bytes);
      lanes.change(lane, out, -1);
      lanes.over(lane, out);
      return true;
    }
    const head = `<${out.name} from="${escapeAttribute(out.from)}" to="`;
    lane.copies = { out, wires: this.wires.of(out.to, out.except), head, headBytes: 0, tailBytes: 0, next: 0 };
    lane.shift();
    return true;
  }

  private single(out: Outgoing): string {
    return `<${out.name} from="${escapeAttribute(out.from)}" to="${escapeAttribute(out.to as string)}"${out.rest}`;
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

  /** Copies for one address after the other until the list, the lane's turn or the socket's patience ends. */
  private spread(lane: Lane, copies: Copies): void {
    const { wires, out } = copies;
    const { lanes } = this;
    if (this.seamOf !== copies) {
      [copies.tailBytes, copies.headBytes] = this.seam.set(out.rest, copies.head);
      this.seamOf = copies;
    }
    const { headBytes, tailBytes } = copies;
    const seamBytes = tailBytes + headBytes;
    const { seam } = this;
    let i = copies.next;
    const begin = i;
    while (i < wires.length && !this.blocked && this.turn > 0 && lanes.goesOn) {
      let wire = wires[i] as Uint8Array;
      if (seamBytes + wire.length > CHUNK - this.fill) {
        if (this.fill > 0) this.writeChunk();
        else {
          this.write(Buffer.concat([seam.part(tailBytes, seamBytes), wire, seam.part(0, tailBytes)]));
          lanes.wrote(seamBytes + wire.length);
          i++;
        }
        continue;
      }
      const { chunk } = this;
      const start = this.fill;
      // Always the first copy, then more for as long as the turn lasts.
      const end = Math.min(CHUNK, start + lanes.most);
      let at = start;
      chunk.set(seam.part(tailBytes, seamBytes), at);
      at += headBytes;
      const between = seam.start(seamBytes);
      for (;;) {
        chunk.set(wire, at);
        at += wire.length;
        i++;
        if (i >= wires.length) break;
        wire = wires[i] as Uint8Array;
        if (at + seamBytes + wire.length + tailBytes > end) break;
        chunk.set(between, at);
        at += seamBytes;
      }
      chunk.set(seam.start(tailBytes), at);
      this.fill = at + tailBytes;
      lanes.wrote(this.fill - start);
    }
    copies.next = i;
    lanes.change(lane, out, begin - i);
    if (i < wires.length) return;
    lane.copies = undefined;
    this.seamOf = undefined;
    lanes.over(lane, out);
  }

  /**
   * One stanza for a multicast service, with all addresses of its list spliced in (XEP-0033). Returns its bytes; undefined: the chunk had to be written first,
   * and the socket is full now.
   */
  private bundle(out: Outgoing, via: Via): number | undefined {
    const wires = this.wires.of(out.to as readonly Address[], out.except);
    const { head, tail } = multicastSeams(out, via);
    const headBytes = Buffer.byteLength(head, 'utf8');
    let bytes = headBytes + Buffer.byteLength(tail, 'utf8') + (wires.length - 1) * BETWEEN.length;
    for (const wire of wires) bytes += wire.length;
    if (bytes > CHUNK - this.fill && this.fill > 0) {
      this.writeChunk();
      if (this.blocked) return undefined;
    }
    const isLarge = bytes > CHUNK;
    const into = isLarge ? Buffer.allocUnsafe(bytes) : this.chunk;
    let at = isLarge ? 0 : this.fill;
    at += into.write(head, at, 'utf8');
    for (let i = 0; i < wires.length; i++) {
      if (i > 0) {
        into.set(BETWEEN, at);
        at += BETWEEN.length;
      }
      const wire = wires[i] as Uint8Array;
      into.set(wire, at);
      at += wire.length;
    }
    at += into.write(tail, at, 'utf8');
    if (isLarge) this.write(into);
    else this.fill = at;
    return bytes;
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
    this.tellIdle();
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
    return this.inFlight.length === 0 && this.fill === 0 && this.lanes.empty;
  }

  private tellIdle(): void {
    if (this.idle !== undefined && this.isIdle()) this.idle();
  }
}

const BETWEEN = Buffer.from(NEXT_ADDRESS);

/** Marks a write from a Buffer of its own. */
const NONE = Buffer.allocUnsafeSlow(0);
