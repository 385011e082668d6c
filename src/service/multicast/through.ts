/** A link of which all passes through to another one, but for what a subclass does itself. */
import type { Answer, Link, LinkCounts, LinkHandler, Request } from '../../link/link';
import type { BareJid } from '../../xmpp/fold';
import type { Outgoing } from '../../xmpp/outgoing';

export abstract class ThroughLink implements Link {
  constructor(protected readonly link: Link) {}

  abstract send(out: Outgoing, room?: BareJid): void;
  abstract request(request: Request): Promise<Answer>;
  abstract pause(): void;
  abstract resume(): void;
  abstract queuedOf(room: BareJid): number;
  abstract tellLow(room: BareJid): boolean;
  abstract readonly moved: number;
  abstract readonly congested: boolean;
  abstract readonly overfull: boolean;

  fence(out: Outgoing): void {
    this.link.fence(out);
  }

  barrier(): Promise<boolean> {
    return this.link.barrier();
  }

  start(handler: LinkHandler): void {
    this.link.start(handler);
  }

  stop(drainMs: number): Promise<void> {
    return this.link.stop(drainMs);
  }

  get counts(): Readonly<LinkCounts> {
    return this.link.counts;
  }

  get online(): boolean {
    return this.link.online;
  }

  get queued(): number {
    return this.link.queued;
  }
}
