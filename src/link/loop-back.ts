/** Whether the component has its domain for itself: what is sent to the domain comes back, unless the server gives some of it to somebody else who has the domain too. */
import { outgoing, type Outgoing } from '../xmpp/outgoing';
import type { Element } from '../xmpp/xml';
import type { LinkHandler } from './link';

/** A server that shares by chance among two lets all of them pass once in a thousand times. */
const PROBES = 10;
/** What marks them. */
const NAMESPACE = 'urn:parlour:loop-back';

export interface LoopBackOptions {
  /** The component's own. */
  readonly domain: string;
  readonly send: (out: Outgoing) => void;
  /** A text that nobody guesses. */
  readonly secret: () => string;
  /** Waits until the server has read what was sent; false: the connection was lost. */
  readonly read: () => Promise<boolean>;
  /** Milliseconds after that until what has not come back is lost. */
  readonly wait: number;
}

/** How many were sent, and came back. */
export interface LoopedBack {
  readonly sent: number;
  readonly came: number;
}

export class LoopBack {
  private readonly waiting = new Set<string>();
  private came: (() => void) | undefined;

  constructor(private readonly options: LoopBackOptions) {}

  /** Sends them and waits for them. They are messages of type error, which nobody answers, from and to addresses of which no two are alike. */
  async look(): Promise<LoopedBack> {
    const { domain, send, secret, read, wait } = this.options;
    const ids = Array.from({ length: PROBES }, () => secret());
    for (const id of ids) this.waiting.add(id);
    for (const id of ids)
      send(outgoing('message', `${domain}/${id}`, `loop-back-${id}@${domain}`, { type: 'error', id }, `<x xmlns="${NAMESPACE}"/>`));
    // What went with the connection says nothing.
    const isRead = await read();
    if (isRead) await this.allOrLate(wait);
    const lost = ids.filter((id) => this.waiting.delete(id)).length;
    return { sent: PROBES, came: isRead ? PROBES - lost : PROBES };
  }

  private allOrLate(wait: number): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(resolve, wait);
      late.unref();
      this.came = () => {
        if (this.waiting.size > 0) return;
        clearTimeout(late);
        resolve();
      };
      this.came();
    });
  }

  /** Whether a stanza is one of them; it is for nobody else then. */
  took({ name, attrs }: Element): boolean {
    if (this.waiting.size === 0 || name !== 'message') return false;
    const id = attrs['id'] as string | undefined;
    if (id === undefined || !this.waiting.delete(id)) return false;
    this.came?.();
    return true;
  }

  /** A handler that is shown all but these. */
  before(handler: LinkHandler): LinkHandler {
    return {
      ...handler,
      stanza: (stanza, bytes) => {
        if (!this.took(stanza)) handler.stanza(stanza, bytes);
      },
    };
  }
}

/** What to change if not all came back; undefined: they did. */
export function sharedDomain({ sent, came }: LoopedBack, domain: string): string | undefined {
  if (came === sent) return undefined;
  return (
    `${came} of ${sent} stanzas that were sent to ${domain} came back: the server gives the others to somebody else who has this domain too, and people's stanzas with them. ` +
    `End the other component of this domain (another Parlour, perhaps an old one). In ejabberd.yml see that no host of mod_muc, nor of another module, is "${domain}" ` +
    `(modules: mod_muc: host: "${domain}" is to go, or gets another name), and that one listener alone has "${domain}" under hosts. In prosody.cfg.lua no other Component or VirtualHost is "${domain}"`
  );
}
