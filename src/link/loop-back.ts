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
  /** A number of the connection in force; undefined: there is none. */
  readonly connection: () => number | undefined;
  /** Waits until the server has read what was sent. False: nothing is known of that; the answer may have gone to somebody else who has the domain too. */
  readonly read: () => Promise<boolean>;
  /** Milliseconds after which `givesUp` is asked, and again after as many. */
  readonly patience: number;
  /** Whether `read` is waited for no longer; it is told how many have come back. */
  readonly givesUp: (came: number) => boolean;
  /** Milliseconds after that until what has not come back is lost. */
  readonly wait: number;
}

/** How many were sent, and came back. */
export interface LoopedBack {
  readonly sent: number;
  readonly came: number;
}

/** Those of one look that are under way. */
interface Look {
  readonly ids: Set<string>;
  /** Called when the last has come back. */
  all: () => void;
}

export class LoopBack {
  private readonly looks = new Map<string, Look>();

  constructor(private readonly options: LoopBackOptions) {}

  /**
   * Sends them and waits for them. They are messages of type error, which nobody answers, from and to addresses of which no two are alike.
   * undefined: the connection was lost meanwhile, which says nothing of them.
   */
  async look(): Promise<LoopedBack | undefined> {
    const { domain, send, secret, connection } = this.options;
    const before = connection();
    if (before === undefined) return undefined;
    const ids = Array.from({ length: PROBES }, () => secret());
    const look: Look = { ids: new Set(ids), all: () => undefined };
    for (const id of ids) this.looks.set(id, look);
    for (const id of ids)
      send(outgoing('message', `${domain}/${id}`, `loop-back-${id}@${domain}`, { type: 'error', id }, `<x xmlns="${NAMESPACE}"/>`));
    await this.back(look);
    for (const id of look.ids) this.looks.delete(id);
    return connection() === before ? { sent: PROBES, came: PROBES - look.ids.size } : undefined;
  }

  /** Resolves when all are back, or those that are not are lost. */
  private back(look: Look): Promise<void> {
    const { read, patience, givesUp, wait } = this.options;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout;
      const wake = (ms: number, then: () => void): void => {
        clearTimeout(timer);
        timer = setTimeout(then, ms);
        timer.unref();
      };
      const ask = (): void => wake(patience, () => (givesUp(PROBES - look.ids.size) ? wake(wait, resolve) : ask()));
      ask();
      look.all = () => {
        clearTimeout(timer);
        resolve();
      };
      void read().then(() => look.ids.size > 0 && wake(wait, resolve));
    });
  }

  /** Whether a stanza is one of them; it is for nobody else then. */
  took({ name, attrs }: Element): boolean {
    if (this.looks.size === 0 || name !== 'message') return false;
    const id = attrs['id'] as string | undefined;
    const look = id === undefined ? undefined : this.looks.get(id);
    if (id === undefined || look === undefined) return false;
    this.looks.delete(id);
    look.ids.delete(id);
    if (look.ids.size === 0) look.all();
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

/** Looks at each attachment, and again while it lasts: what else the server gives the domain to may come later, by a reload. */
export class DomainWatch {
  private timer: NodeJS.Timeout | undefined;

  /** `tell`: what to do with what came of a look. `every`: milliseconds from one to the next. */
  constructor(
    private readonly look: () => Promise<LoopedBack | undefined>,
    private readonly tell: (looped: LoopedBack | undefined) => void,
    private readonly every: number,
  ) {}

  online(): void {
    this.offline();
    void this.look().then(this.tell);
    this.timer = setInterval(() => void this.again().then(this.tell), this.every);
    this.timer.unref();
  }

  offline(): void {
    clearInterval(this.timer);
  }

  /** Once more if some are missing: in the midst of work they may only be late. */
  private async again(): Promise<LoopedBack | undefined> {
    const looped = await this.look();
    return looped === undefined || looped.came === looped.sent ? looped : this.look();
  }
}

/** What to change if not all came back; undefined: they did, or it is not known. */
export function sharedDomain(looped: LoopedBack | undefined, domain: string): string | undefined {
  if (looped === undefined) return undefined;
  const { sent, came } = looped;
  if (came === sent) return undefined;
  return (
    `${came} of ${sent} stanzas that were sent to ${domain} came back: the server gives the others to somebody else who has this domain too, and people's stanzas with them. ` +
    `End the other component of this domain (another Parlour, perhaps an old one). In ejabberd.yml see that no host of mod_muc, nor of another module, is "${domain}" ` +
    `(modules: mod_muc: host: "${domain}" is to go, or gets another name), and that one listener alone has "${domain}" under hosts. In prosody.cfg.lua no other Component or VirtualHost is "${domain}"`
  );
}
