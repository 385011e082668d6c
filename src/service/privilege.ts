/** What servers let us do in the name of their accounts (XEP-0356 0.4, §"IQ Permission"), and how it is done: only for accounts of a server of ours that has granted it. */
import type { Link } from '../link/link';
import type { Log } from '../log';
import type { BareJid, Domain } from '../xmpp/fold';
import { foldBare, isOwnDomain } from '../xmpp/fold';
import { domainOf } from '../xmpp/jid';
import { NS } from '../xmpp/ns';
import { attributes, child, childElements, type Element } from '../xmpp/xml';
import type { Clock } from './clock';

/** How long a server may take for one request, in ms. */
const ANSWER_MS = 30_000;
/** One that took longer is asked nothing for this time, in ms, or until it grants something anew: requests go one after the other. */
const PAUSE_MS = 600_000;

export interface PrivilegeOptions {
  readonly link: Pick<Link, 'request'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Log;
  /** The component's domain. */
  readonly domain: Domain;
  /** A server that did not answer may be asked again. */
  readonly resumed: () => void;
}

/** What came of a request: an answer in the account's name (a result or an error), a refusal of the server to pass it on, or nothing in time. */
export type Told =
  { readonly by: 'account'; readonly iq: Element } | { readonly by: 'server'; readonly stanza: Element } | { readonly by: 'nobody' };

export class Privilege {
  /** Servers that let us do something, since the connection was made: by whether we may also write. */
  private readonly granted = new Map<Domain, 'reads' | 'writes'>();
  /** Servers that did not answer in time, and what calls their pause off. */
  private readonly paused = new Map<Domain, () => void>();

  constructor(private readonly options: PrivilegeOptions) {}

  /** The connection is gone: the next one has grants of its own. */
  offline(): void {
    this.granted.clear();
    for (const domain of [...this.paused.keys()]) this.resume(domain);
  }

  /** A stanza to the service: true if a server of ours says by it what it lets us do (§"Advertising Permission"). */
  took(stanza: Element): boolean {
    const { from, to } = stanza.attrs as Record<string, string | undefined>;
    if (stanza.name !== 'message' || to !== this.options.domain || from === undefined || /[@/]/.test(from)) return false;
    const privilege = child(stanza, 'privilege', NS.privilege);
    const domain = domainOf(foldBare(from));
    // Any server can say so of itself; only ours is asked.
    if (!privilege || !isOwnDomain(domain)) return false;
    const types = childElements(privilege)
      .filter(({ attrs }) => attrs['access'] === 'iq')
      .flatMap((perm) => childElements(perm))
      .filter(({ attrs }) => attrs['ns'] === NS.pubsub)
      .map(({ attrs }) => attrs['type'] as string | undefined);
    this.granted.delete(domain);
    this.resume(domain);
    if (types.includes('both')) this.granted.set(domain, 'writes');
    else if (types.includes('get')) this.granted.set(domain, 'reads');
    return true;
  }

  /** Whether we may read, or write, what the accounts of a domain publish. */
  may(what: 'reads' | 'writes', domain: Domain): boolean {
    const granted = this.granted.get(domain);
    return granted === 'writes' || granted === what;
  }

  /** Whether a server is to be asked nothing now, since it did not answer. */
  isPaused(domain: Domain): boolean {
    return this.paused.has(domain);
  }

  private pause(domain: Domain): void {
    const { clock, log, resumed } = this.options;
    this.resume(domain);
    this.paused.set(
      domain,
      clock.after(PAUSE_MS, () => {
        this.paused.delete(domain);
        resumed();
      }),
    );
    log.warn(
      { event: 'bookmark.silent', domain },
      `a server that lets Parlour ask its accounts for their bookmarks (XEP-0356) did not answer within ${ANSWER_MS / 1_000} seconds: it is asked again in ${PAUSE_MS / 60_000} minutes`,
    );
  }

  private resume(domain: Domain): void {
    this.paused.get(domain)?.();
    this.paused.delete(domain);
  }

  /** What an account's pubsub service answers to a request in its own name. */
  async ask(jid: BareJid, type: 'get' | 'set', inner: string): Promise<Told> {
    const { link, domain } = this.options;
    const iq = `<iq${attributes({ xmlns: NS.client, type, to: jid, id: 'bookmark' })}><pubsub xmlns="${NS.pubsub}">${inner}</pubsub></iq>`;
    const answer = await link.request({
      // ejabberd answers the component's own address, whoever of it asks.
      from: domain,
      to: jid,
      type,
      payload: `<privileged_iq xmlns="${NS.privilege}">${iq}</privileged_iq>`,
      deadline: ANSWER_MS,
    });
    if (answer.type === 'timeout') this.pause(domainOf(jid));
    if (answer.type !== 'result' && answer.type !== 'error') return { by: 'nobody' };
    // ejabberd gives the answer to the account the type of the one inside, also of an error.
    const privilege = child(answer.stanza, 'privilege', NS.privilege);
    const forwarded = privilege && child(privilege, 'forwarded', NS.forward);
    const inside = forwarded && childElements(forwarded).find(({ name }) => name === 'iq');
    if (inside) return { by: 'account', iq: inside };
    return answer.type === 'error' ? { by: 'server', stanza: answer.stanza } : { by: 'nobody' };
  }
}
