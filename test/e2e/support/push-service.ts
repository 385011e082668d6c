/** A push service (XEP-0357) as a component of the server under test: it takes every notification and remembers it. */
import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Link } from '../../../src/link/link';
import { createLink } from '../../../src/link/supervisor';
import { outgoing } from '../../../src/xmpp/outgoing';
import { child, childElements, textOf, type Element } from '../../../src/xmpp/xml';
import { asDomain } from '../../support/jids';
import type { XmppServer } from '../servers/server';

export const PUSH_DOMAIN = 'push.localhost';
const PUBSUB = 'http://jabber.org/protocol/pubsub';

/** How a phone takes a notification: loud are those with a text; others ring no phone (docs/extensions.md). */
export type Push = 'loud' | 'silent';

export class PushService extends EventEmitter {
  private readonly link: Link;
  private readonly taken = new Map<string, Push[]>();

  constructor(server: XmppServer) {
    super();
    this.setMaxListeners(0);
    const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
    const { host, componentPort: port, secret } = server;
    this.link = createLink({ host, port, secret, domain: asDomain(PUSH_DOMAIN), log });
  }

  /** Resolves when it is attached. */
  start(): Promise<this> {
    return new Promise((resolve) =>
      this.link.start({
        stanza: (stanza) => this.take(stanza),
        online: () => resolve(this),
        offline: () => undefined,
        drained: () => undefined,
      }),
    );
  }

  stop(): Promise<void> {
    return this.link.stop(1_000);
  }

  /** Everything that came for the phone with this node until now. */
  all(node: string): readonly Push[] {
    return this.taken.get(node) ?? [];
  }

  /** How often the phone has rung. */
  of(node: string): number {
    return this.all(node).filter((push) => push === 'loud').length;
  }

  /** Waits until it has rung so often in all; false: it has not in that time. */
  async until(node: string, count: number, ms = 10_000): Promise<boolean> {
    const late = AbortSignal.timeout(ms);
    while (this.of(node) < count) {
      if (late.aborted) return false;
      await once(this, node, { signal: late }).catch(() => undefined);
    }
    return true;
  }

  /** Waits until it has not rung for so long. */
  async quiet(node: string, ms: number): Promise<void> {
    for (let before = -1; before !== this.of(node);) {
      before = this.of(node);
      await delay(ms);
    }
  }

  private take(stanza: Element): void {
    if (stanza.name !== 'iq' || stanza.attrs['type'] !== 'set') return;
    const { from, id } = stanza.attrs as Record<string, string>;
    const publish = child(child(stanza, 'pubsub', PUBSUB) ?? stanza, 'publish', PUBSUB);
    const node = (publish?.attrs['node'] as string | undefined) ?? '';
    this.taken.set(node, [...this.all(node), hasField(stanza, 'last-message-body') ? 'loud' : 'silent']);
    this.link.send(outgoing('iq', PUSH_DOMAIN, from ?? '', { type: 'result', id: id ?? '' }, ''));
    this.emit(node);
  }
}

/** Whether a field of a form below an element has this name and a value. */
function hasField(element: Element, name: string): boolean {
  if (element.name === 'field' && element.attrs['var'] === name) return childElements(element).some((value) => textOf(value) !== '');
  return childElements(element).some((one) => hasField(one, name));
}
