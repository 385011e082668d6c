/** Stanzas of ours through the multicast service to ourselves: the service takes what it is given in order, so what was given before has been handed out when one is back. */
import type { Link } from '../../link/link';
import { outgoing, type Outgoing } from '../../xmpp/outgoing';
import { NS } from '../../xmpp/ns';
import { conditionOf } from '../../xmpp/stanza-error';
import { attributes, type Element } from '../../xmpp/xml';
import type { Clock } from '../clock';

/** What became of one: it came back; the service refused it, and has handed out or refused all before; nothing was heard; the connection was lost. */
export type Outcome = { readonly kind: 'back' | 'silent' | 'offline' } | { readonly kind: 'refused'; readonly condition: string };

export interface LoopsOptions {
  readonly link: Pick<Link, 'fence' | 'moved'>;
  readonly clock: Pick<Clock, 'after'>;
  /** The component's own domain. */
  readonly domain: string;
  /** A text that nobody guesses. */
  readonly secret: () => string;
  /** True while nothing is read: silence proves nothing then. */
  readonly deaf: () => boolean;
  /** Milliseconds without any sign after which the service counts as silent. */
  readonly patience: number;
}

/** What marks our own. */
const NAMESPACE = 'urn:parlour:loop-back';

/** What it holds. */
export const LOOP_XML = `<x xmlns="${NAMESPACE}"/>`;

/** One for an address of ours. */
function loopStanza(service: string, from: string, to: string, id: string): Outgoing {
  const address = `<address${attributes({ type: 'bcc', jid: to })}/>`;
  return outgoing('message', from, service, { id }, `<addresses xmlns="${NS.addresses}">${address}</addresses>${LOOP_XML}`);
}

export class Loops {
  private readonly waiting = new Map<string, (outcome: Outcome) => void>();

  constructor(private readonly options: LoopsOptions) {}

  /** Sends one behind everything that is queued now, of whichever room. Never rejects. */
  fly(service: string): Promise<Outcome> {
    const { link, domain, secret } = this.options;
    const id = secret();
    return new Promise((resolve) => {
      const cancel = this.watch(() => done({ kind: 'silent' }));
      const done = (outcome: Outcome): void => {
        cancel();
        this.waiting.delete(id);
        resolve(outcome);
      };
      this.waiting.set(id, done);
      link.fence(loopStanza(service, `${domain}/multicast-${id}`, `${domain}/loop-${id}`, id));
    });
  }

  /** Calls `silent` when nothing has moved for as long as the patience lasts; returns how to call that off. */
  private watch(silent: () => void): () => void {
    const { clock, link, deaf, patience } = this.options;
    let moved = link.moved;
    const look = (): void => {
      const before = moved;
      moved = link.moved;
      if (deaf() || moved !== before) cancel = clock.after(patience, look);
      else silent();
    };
    let cancel = clock.after(patience, look);
    return () => {
      cancel();
    };
  }

  /** Whether a stanza is one of them, or the error to one. */
  took(stanza: Element): boolean {
    if (this.waiting.size === 0 || stanza.name !== 'message') return false;
    const { attrs } = stanza;
    const done = this.waiting.get(attrs['id'] as string);
    if (done === undefined) return false;
    if (attrs['type'] === 'error') done({ kind: 'refused', condition: conditionOf(stanza) ?? 'undefined-condition' });
    else done({ kind: 'back' });
    return true;
  }

  offline(): void {
    for (const done of [...this.waiting.values()]) done({ kind: 'offline' });
  }
}
