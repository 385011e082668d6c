/** Stanzas of ours through the multicast service to ourselves: the service takes what it is given in order, so what was given before has been handed out when one is back. */
import type { Link } from '../../link/link';
import { outgoing, type Outgoing } from '../../xmpp/outgoing';
import { NS } from '../../xmpp/ns';
import { conditionOf } from '../../xmpp/stanza-error';
import { attributes, type Element } from '../../xmpp/xml';
import { foldFull } from '../../xmpp/fold';
import type { Clock } from '../clock';

/** What became of one: it came back; the service refused it, and has handed out or refused all before; nothing was heard; the connection was lost. */
export type Outcome = { readonly kind: 'back' | 'silent' | 'offline' } | { readonly kind: 'refused'; readonly condition: string };

export interface LoopsOptions {
  readonly link: Pick<Link, 'fence' | 'moved' | 'barrier'>;
  readonly clock: Pick<Clock, 'after'>;
  /** The component's own domain. */
  readonly domain: string;
  /** A text that nobody guesses. */
  readonly secret: () => string;
  /** True while nothing is read: silence proves nothing then. */
  readonly deaf: () => boolean;
  /** Milliseconds, those aside in which nothing was read, after which the service counts as silent when the server has read the loop; or without any sign until then. */
  readonly patience: number;
}

/** In so many steps the patience is counted. */
const STEPS = 20;

/** One that is under way. */
interface Waiting {
  /** From where a copy comes, and an error. */
  readonly from: string;
  readonly service: string;
  readonly done: (outcome: Outcome) => void;
}

/** Whether a stanza comes from an address, however its server spells that. */
export function isFrom({ attrs }: Element, jid: string): boolean {
  const from = attrs['from'] as string | undefined;
  return from !== undefined && (from === jid || foldFull(from) === foldFull(jid));
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
  private readonly waiting = new Map<string, Waiting>();

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
      const from = `${domain}/multicast-${id}`;
      this.waiting.set(id, { from, service, done });
      link.fence(loopStanza(service, from, `${domain}/loop-${id}`, id));
    });
  }

  /**
   * Calls `silent` when the patience is over; returns how to call that off. As long as the loop is on its way to the server it begins anew with whatever moves.
   * When the server has read it no more: on a link that is never idle something moves always, and the service may hang all the same.
   */
  private watch(silent: () => void): () => void {
    const { clock, link, deaf, patience } = this.options;
    let moved = link.moved;
    let wasDeaf = deaf();
    let isRead = false;
    let isAsked = false;
    let left = STEPS;
    const ask = async (): Promise<void> => {
      isAsked = true;
      const reached = await link.barrier();
      isAsked = false;
      if (!reached) return;
      isRead = true;
      left = STEPS;
    };
    const look = (): void => {
      const isDeaf = deaf() || wasDeaf;
      wasDeaf = deaf();
      const hasMoved = moved !== link.moved;
      moved = link.moved;
      if (!isRead && hasMoved) left = STEPS;
      else if (!isDeaf) left--;
      if (left === 0) {
        silent();
        return;
      }
      // Most are back before the first look: then nobody asks.
      if (!isRead && !isAsked) void ask();
      cancel = clock.after(patience / STEPS, look);
    };
    let cancel = clock.after(patience / STEPS, look);
    return () => {
      cancel();
    };
  }

  /** Whether a stanza is one of them, or the error to one. */
  took(stanza: Element): boolean {
    if (this.waiting.size === 0 || stanza.name !== 'message') return false;
    const { id, type } = stanza.attrs as Record<string, string | undefined>;
    const waiting = id === undefined ? undefined : this.waiting.get(id);
    if (waiting === undefined) return false;
    const { from, service, done } = waiting;
    if (!isFrom(stanza, type === 'error' ? service : from)) return false;
    if (type === 'error') done({ kind: 'refused', condition: conditionOf(stanza) ?? 'undefined-condition' });
    else done({ kind: 'back' });
    return true;
  }

  offline(): void {
    for (const { done } of [...this.waiting.values()]) done({ kind: 'offline' });
  }
}
