/** Keeps the connection: one attempt after the other, with a pause that fits why the last one ended. */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { BareJid } from '../xmpp/fold';
import { deliveriesOf, type Outgoing } from '../xmpp/outgoing';
import { errorReply, isCondition, stanzaError } from '../xmpp/stanza-error';
import { short } from '../xmpp/short';
import { inWords, type Sentence } from '../words';
import type { Element } from '../xmpp/xml';
import { Attempt } from './attempt';
import { Backoff } from './backoff';
import { remedy, type Failure } from './failure';
import type { Answer, Link, LinkCounts, LinkHandler, Request } from './link';
import type { Log } from '../log';
import { DEFAULT_LIMITS, DEFAULT_TIMINGS, type LinkLimits, type LinkOptions, type LinkTimings } from './options';
import { Pings, strangeAddress } from './pings';
import { Requests } from './requests';
import { fits, withinSize } from './size';
import { Writer } from './writer';

/** How a stanza of type error goes on behind its addresses. */
const ERROR = ' type="error"';
/** Of the id of a stanza that is dropped, what its error repeats. */
const MAX_ID = 1024;

/** Lines of the log about dropped stanzas in so many milliseconds; further ones are counted. */
const LINES = 10;
const LINES_MS = 10_000;

/** What the log says of a stanza. */
function headOf({ name, attrs }: Element): object {
  const { id, type, from, to } = attrs as Record<string, string | undefined>;
  return { name: short(name), id: short(id), type: short(type), from: short(from), to: short(to) };
}

/** What exists while online. */
interface Connection {
  readonly socket: Socket;
  readonly writer: Writer;
  readonly pings: Pings;
  readonly since: number;
}

/** The link to one server for one domain. Nothing happens before `start`. */
export function createLink(options: LinkOptions): Link {
  return new Supervisor(options);
}

class Supervisor implements Link {
  private readonly limits: LinkLimits;
  private readonly timings: LinkTimings;
  private readonly backoff: Backoff;
  private readonly requests: Requests;
  private readonly log: Log;
  private handler: LinkHandler | undefined;
  private attempt: Attempt | undefined;
  private connection: Connection | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopping = false;
  private ending: Promise<void> | undefined;
  private stopped: (() => void) | undefined;
  private paused = false;
  /** It was told that the server does not know its domain. */
  private strange = false;
  private readonly lines = { since: -Infinity, count: 0 };
  readonly counts: LinkCounts = { attached: 0, sent: 0, copies: 0, unsent: 0, dropped: 0, errors: new Map() };
  private unsent = 0;

  constructor(private readonly options: LinkOptions) {
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.timings = { ...DEFAULT_TIMINGS, ...options.timings };
    this.backoff = new Backoff(this.timings, options.random ?? Math.random);
    this.requests = new Requests(
      (out) => this.connection?.writer.push(out),
      (out) => this.connection?.writer.fence(out),
    );
    this.log = options.log;
  }

  get online(): boolean {
    return this.connection !== undefined;
  }

  get queued(): number {
    return this.connection?.writer.queued ?? 0;
  }

  queuedOf(room: BareJid): number {
    return this.connection?.writer.queuedOf(room) ?? 0;
  }

  tellLow(room: BareJid): boolean {
    return this.connection?.writer.tellLow(room) ?? false;
  }

  get moved(): number {
    return this.connection?.writer.moved ?? 0;
  }

  get congested(): boolean {
    return this.connection?.writer.congested ?? false;
  }

  get overfull(): boolean {
    return this.connection?.writer.overfull ?? false;
  }

  start(handler: LinkHandler): void {
    if (this.handler !== undefined) throw new Error('the link was started twice');
    this.handler = handler;
    this.connect();
  }

  stop(drainMs: number): Promise<void> {
    this.stopping = true;
    this.ending ??= this.end(drainMs);
    return this.ending;
  }

  send(out: Outgoing, room?: BareJid): void {
    const { connection } = this;
    if (connection === undefined) {
      this.unsent++;
      this.counts.unsent++;
      return;
    }
    const fitting = withinSize(out, this.limits.sentBytes);
    if (fitting !== out) this.log.warn({ event: 'link.too-large', name: out.name, from: out.from }, 'a stanza was too large to be sent');
    if (fitting === undefined) return;
    this.counts.sent++;
    this.counts.copies += deliveriesOf(fitting);
    if (fitting.rest.startsWith(ERROR)) this.countError(fitting.rest);
    connection.writer.push(fitting, room);
  }

  fence(out: Outgoing): void {
    this.connection?.writer.fence(out);
  }

  private countError(rest: string): void {
    const { errors } = this.counts;
    // What it answers stands before it.
    const found = /^[^>]*><([a-z-]+) /.exec(rest.slice(rest.lastIndexOf('<error ')))?.[1] ?? '';
    // What is passed on may have others.
    const condition = isCondition(found) ? found : 'other';
    errors.set(condition, (errors.get(condition) ?? 0) + 1);
  }

  request(request: Request): Promise<Answer> {
    if (this.connection === undefined) return Promise.resolve({ type: 'offline' });
    if (!fits(request.payload, this.limits.sentBytes)) {
      this.log.warn({ event: 'link.too-large', name: 'iq', from: request.from }, 'a stanza was too large to be sent');
      return Promise.resolve({ type: 'too-large' });
    }
    this.counts.sent++;
    this.counts.copies++;
    return this.requests.ask(request);
  }

  barrier(): Promise<boolean> {
    return this.connection === undefined ? Promise.resolve(false) : this.connection.pings.barrier();
  }

  pause(): void {
    this.paused = true;
    this.connection?.socket.pause();
  }

  resume(): void {
    this.paused = false;
    this.connection?.socket.resume();
  }

  private async end(drainMs: number): Promise<void> {
    clearTimeout(this.retry);
    const { connection } = this;
    if (connection !== undefined) {
      connection.pings.stop();
      await within(connection.writer.emptied(), drainMs);
    }
    if (this.attempt === undefined) return;
    const gone = new Promise<void>((resolve) => {
      this.stopped = resolve;
    });
    if (this.connection !== undefined) {
      // A paused socket would never tell of the server's good-bye.
      this.connection.socket.resume();
      this.attempt.close();
      await within(gone, this.timings.goodbye);
    }
    this.attempt?.abandon({ kind: 'lost', why: 'closed by us' });
  }

  private connect(): void {
    const { host, port, domain, secret, tls } = this.options;
    this.attempt = new Attempt(
      { host, port, domain, secret, tls, limits: this.limits, deadline: this.timings.deadline },
      {
        online: (socket) => this.attached(socket),
        element: (element, bytes) => this.element(element, bytes),
        dropped: (element, reason) => this.dropped(element, reason),
        down: (failure) => this.down(failure),
      },
    );
  }

  private attached(socket: Socket): void {
    const { domain, host, port } = this.options;
    const { log, timings } = this;
    const writer = new Writer(
      socket,
      { domain, ...this.limits, stall: timings.stall, log },
      {
        drained: () => this.guarded('drained', (handler) => handler.drained()),
        lowered: (room) => this.guarded('lowered', (handler) => handler.lowered?.(room)),
        stalled: () => this.attempt?.abandon({ kind: 'lost', why: `the server has not read for ${timings.stall / 1000} s` }),
      },
    );
    const pings = new Pings(
      {
        from: `${domain}/link-${randomBytes(12).toString('base64url')}`,
        to: this.pingedDomain,
        interval: timings.pingInterval,
        timeout: timings.pingTimeout,
        barrier: timings.barrier,
      },
      (request, patience, behindAll) => this.requests.ask(request, patience, behindAll),
      {
        sent: () => this.counts.sent,
        deaf: () => this.paused,
        waits: () => writer.waits,
        moved: () => writer.moved,
        heard: () => socket.bytesRead,
      },
      (answer) => {
        this.backoff.answered();
        this.look(answer);
      },
      () => this.attempt?.abandon({ kind: 'lost', why: 'the server has not answered two pings' }),
    );
    this.connection = { socket, writer, pings, since: performance.now() };
    if (this.paused) socket.pause();
    log.info({ event: 'link.attached', host, port, domain, unsent: this.unsent }, `attached to ${host}:${port} as ${domain}`);
    this.unsent = 0;
    this.counts.attached++;
    this.guarded('online', (handler) => handler.online());
  }

  /** A wrong domain is found by nobody else: its error is a sign of life too. */
  private look(answer: Answer): void {
    const condition = strangeAddress(answer);
    if (condition === undefined || this.strange) return;
    this.strange = true;
    const serverDomain = this.pingedDomain;
    this.log.warn(
      { event: 'link.domain-unknown', domain: serverDomain, condition },
      `the server knows no domain ${serverDomain}: set server.domain to that of its accounts`,
    );
  }

  private get pingedDomain(): string {
    const { domain, serverDomain } = this.options;
    return serverDomain ?? domain.slice(domain.indexOf('.') + 1);
  }

  private element(element: Element, bytes: number): void {
    const { name } = element;
    if (name === 'iq') {
      if (this.requests.answered(element)) return;
    } else if (name !== 'message' && name !== 'presence') {
      this.log.debug({ event: 'link.no-stanza', name: short(name) }, 'an element that is no stanza was ignored');
      return;
    }
    try {
      this.handler?.stanza(element, bytes);
    } catch (err) {
      this.log.error({ event: 'link.handler-failed', err, ...headOf(element) }, 'handling a stanza failed');
    }
  }

  /** A stanza broke a limit: the sender is told, and the stream goes on. */
  private dropped(element: Element, reason: Sentence): void {
    const { domain } = this.options;
    const { id, from, to } = element.attrs as Record<string, string | undefined>;
    this.counts.dropped++;
    this.tellDropped(element, String(reason));
    if (id !== undefined) element.attrs['id'] = id.slice(0, MAX_ID);
    if (from !== undefined && to !== undefined) {
      const error = stanzaError('policy-violation', inWords('dropped', { reason, domain }));
      const reply = errorReply(element, error, domain);
      const send = (): void => {
        if (reply !== undefined) this.send(reply);
      };
      if (this.handler?.answerDropped === undefined) send();
      else this.guarded('answerDropped', (handler) => handler.answerDropped?.(element, send));
    }
    this.guarded('dropped', (handler) => handler.dropped?.(element, String(reason)));
  }

  /** Whoever sends much that is dropped does not fill the log. */
  private tellDropped(element: Element, reason: string): void {
    const { lines } = this;
    const now = performance.now();
    if (now - lines.since >= LINES_MS) {
      const more = lines.count - LINES;
      if (more > 0) this.log.warn({ event: 'link.dropped', more }, `${more} more stanzas were dropped`);
      lines.since = now;
      lines.count = 0;
    }
    if (++lines.count <= LINES) this.log.warn({ event: 'link.dropped', ...headOf(element), reason }, `a stanza was dropped: ${reason}`);
  }

  private down(failure: Failure): void {
    const { connection } = this;
    this.connection = undefined;
    this.attempt = undefined;
    connection?.pings.stop();
    connection?.writer.dispose();
    this.requests.offline();
    if (connection !== undefined) this.backoff.lasted(performance.now() - connection.since);
    if (this.stopping) this.log.info({ event: 'link.closed' }, 'the link is closed');
    else this.again(failure, connection !== undefined);
    if (connection !== undefined) this.guarded('offline', (handler) => handler.offline(failure.why));
    this.stopped?.();
  }

  /** Says why, and when the next try comes; a log has one line for each. */
  private again(failure: Failure, wasOnline: boolean): void {
    const { kind, why } = failure;
    const { wait, loud } = this.backoff.next(kind, wasOnline);
    const advice = loud ? remedy(failure, this.options) : undefined;
    if (advice !== undefined) this.log.error({ event: 'link.refused', kind }, `refused: ${advice}`);
    else if (wasOnline) this.log.warn({ event: 'link.lost', kind }, `lost: ${why}`);
    else this.log.warn({ event: 'link.failed', kind }, `could not attach: ${why}`);
    const seconds = wait < 10_000 ? Math.round(wait / 100) / 10 : Math.round(wait / 1000);
    this.log.info({ event: 'link.retry', wait: Math.round(wait) }, `next try in ${seconds} s`);
    this.retry = setTimeout(() => this.connect(), wait);
  }

  private guarded(what: string, call: (handler: LinkHandler) => void): void {
    if (this.handler === undefined) return;
    try {
      call(this.handler);
    } catch (err) {
      this.log.error({ event: 'link.handler-failed', err, what }, `handling "${what}" failed`);
    }
  }
}

/** Waits for a promise that never rejects, at most `ms` milliseconds. */
async function within(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
