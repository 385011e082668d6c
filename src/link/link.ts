/** The XEP-0114 connection as the rest of Parlour sees it. It knows stanzas and bytes, and no rooms. */
import type { BareJid } from '../xmpp/fold';
import type { Element } from '../xmpp/xml';
import type { Outgoing } from '../xmpp/outgoing';

export interface LinkHandler {
  /** One stanza, in order. `bytes` is its size on the wire. Must not throw; if it does, the link catches, logs and goes on. */
  stanza(stanza: Element, bytes: number): void;
  /** The error to a stanza that is dropped because it broke a limit: `send` sends it, if the sender is to have it. Without this everybody is. */
  answerDropped?(stanza: Element, send: () => void): void;
  /** A stanza that broke a limit (size, depth) was dropped; what is known of it is its start tag. */
  dropped?(stanza: Element, reason: string): void;
  /** The handshake was accepted; everything may be sent from now on. */
  online(): void;
  /** The connection is gone. What was queued and not written is dropped. */
  offline(why: string): void;
  /** The write queue fell below its bound again. */
  drained(): void;
  /** Asked for by `tellLow`: the room's queue is at half of its bound or less. */
  lowered?(room: BareJid): void;
}

/** An IQ of our own. */
export interface Request {
  /** A room's JID or a private address, never the bare service domain. */
  readonly from: string;
  readonly to: string;
  readonly type: 'get' | 'set';
  /** Finished inner XML. */
  readonly payload: string;
  /** Milliseconds until it counts as unanswered. */
  readonly deadline: number;
}

/** `result` and `error` are the peer's; `timeout`, `offline` and `too-large` (it was not sent) are ours. */
export type Answer =
  { readonly type: 'result' | 'error'; readonly stanza: Element } | { readonly type: 'timeout' | 'offline' | 'too-large' };

/** What the link has counted since the start of the process. */
export interface LinkCounts {
  /** Connections that were accepted. */
  attached: number;
  /** Stanzas that were queued, each once, and the copies of them that leave. */
  sent: number;
  copies: number;
  /** Stanzas thrown away since there was no connection, and those that came and broke a limit. */
  unsent: number;
  dropped: number;
  /** Errors among those that were queued, by condition (RFC 6120 §8.3.3). */
  readonly errors: Map<string, number>;
}

export interface Link {
  readonly counts: Readonly<LinkCounts>;
  /** Starts the supervisor; it keeps the connection until `stop`. */
  start(handler: LinkHandler): void;
  /** Waits until what was queued is written (at most `drainMs`), closes the stream, ends the supervisor. */
  stop(drainMs: number): Promise<void>;
  /**
   * Queues a stanza, behind the others of its room: queues of different rooms take turns. While offline it is dropped and counted: rooms
   * send what was not delivered again after `online`.
   *
   * @param room the room's own JID, if it is at hand.
   */
  send(out: Outgoing, room?: BareJid): void;
  /** Queues a stanza of ours for one address behind everything of every room that is queued now. While offline it is dropped. */
  fence(out: Outgoing): void;
  /** Sends an IQ of ours and waits for its one answer, matched by (from, id). Never rejects. */
  request(request: Request): Promise<Answer>;
  /** Resolves true once the server has read everything sent before this call (it answered a ping behind it), false if the link was lost first. */
  barrier(): Promise<boolean>;
  /** Stops and goes on reading the socket (back-pressure towards the server). */
  pause(): void;
  resume(): void;
  readonly online: boolean;
  /** Bytes queued and not yet handed to the socket, estimated. */
  readonly queued: number;
  /** The same of one room (or of the service's own domain), weighed (`weightOf`). */
  queuedOf(room: BareJid): number;
  /** Has the handler's `lowered` called when that is half of a room's bound or less; false: it is no more now. */
  tellLow(room: BareJid): boolean;
  /** Rises while the server reads from a connection that was full. */
  readonly moved: number;
  /** True while what is queued is above the bound: in memory, or on the wire with no room counted for more than its share. */
  readonly congested: boolean;
  /** True while it is half as much again. */
  readonly overfull: boolean;
}
