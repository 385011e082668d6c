/** IQs of our own and their answers, matched by the address that was asked and an id that nobody can guess. */
import { randomUUID } from 'node:crypto';
import { foldFull } from '../xmpp/fold';
import { outgoing, type Outgoing } from '../xmpp/outgoing';
import type { Element } from '../xmpp/xml';
import type { Answer, Request } from './link';

interface Pending {
  readonly request: Request;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (answer: Answer) => void;
}

export class Requests {
  private readonly pending = new Map<string, Pending>();

  constructor(
    private readonly send: (out: Outgoing) => void,
    /** Sends behind everything of whichever room that was sent before. */
    private readonly sendBehindAll: (out: Outgoing) => void = send,
  ) {}

  /**
   * Sends the IQ; the promise settles with its one answer, at the latest after `deadline`. Then `patience` is called:
   * true waits as long again, for a request that may not have left yet. `behindAll`: it leaves after everything that was sent before.
   */
  ask(request: Request, patience: () => boolean = () => false, behindAll = false): Promise<Answer> {
    return new Promise((resolve) => {
      const id = randomUUID();
      const timer = setTimeout(() => {
        if (patience()) {
          timer.refresh();
          return;
        }
        this.pending.delete(id);
        resolve({ type: 'timeout' });
      }, request.deadline);
      this.pending.set(id, { request, timer, resolve });
      const iq = outgoing('iq', request.from, request.to, { type: request.type, id }, request.payload);
      if (behindAll) this.sendBehindAll(iq);
      else this.send(iq);
    });
  }

  /** Whether the IQ was the answer to one of ours. One with our id from somebody who was not asked is not. */
  answered(iq: Element): boolean {
    if (this.pending.size === 0) return false;
    const { type, id, from, to } = iq.attrs as Record<string, string | undefined>;
    if ((type !== 'result' && type !== 'error') || id === undefined) return false;
    const pending = this.pending.get(id);
    if (pending === undefined || !isSame(pending.request.to, from) || !isSame(pending.request.from, to)) return false;
    clearTimeout(pending.timer);
    this.pending.delete(id);
    pending.resolve({ type, stanza: iq });
    return true;
  }

  /** The link is gone, and with it every answer. */
  offline(): void {
    for (const { timer, resolve } of this.pending.values()) {
      clearTimeout(timer);
      resolve({ type: 'offline' });
    }
    this.pending.clear();
  }
}

/** Whether two addresses are one, however each is spelt. */
function isSame(asked: string, answering: string | undefined): boolean {
  return answering !== undefined && (asked === answering || foldFull(asked) === foldFull(answering));
}
