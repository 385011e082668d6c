/** A link to a server with a multicast service (XEP-0033): a process of its own there, which works when the test lets it. */
import type { Answer, Request } from '../../src/link/link';
import { toMulticastXml, toXml, type Outgoing } from '../../src/xmpp/outgoing';
import { childElements } from '../../src/xmpp/xml';
import { parse } from '../support/conversation';
import { FakeLink } from './fake-link';
import { DOMAIN } from './rig';

export const SERVICE = 'multicast.x.lit';
const ADDRESSES = /<addresses xmlns="http:\/\/jabber.org\/protocol\/address">.*?<\/addresses>/s;

const EVERYWHERE = '<feature var="urn:parlour:multicast:everywhere"/>';

export class MulticastLink extends FakeLink {
  /** Stanzas that the service was given, as XML, from the start. */
  readonly given: string[] = [];
  /** Most addresses that it takes. */
  limit = 1_000;
  /** With what it refuses everything; whether its errors repeat what they are about. */
  refuses: string | undefined;
  repeats = true;
  /** It says that it sends copies to other domains too. */
  everywhere = false;
  /** It takes everything and does nothing. */
  silent = false;
  /** What it does to what it hands out; undefined: nothing. */
  does: 'shows' | 'doubles' | 'tracks' | 'turns' | undefined;
  /** False: it works when told. */
  works = true;
  /** Hands a stanza in. */
  deliver: (xml: string) => void = () => undefined;
  private queue: string[] = [];
  private tracked: string[] = [];

  override answer = (request: Request): Answer => {
    const answers: Record<string, string> = {
      'x.lit info': '<feature var="jabber:iq:version"/>',
      'x.lit items': `<item jid="pubsub.x.lit"/><item jid="room@elsewhere.lit"/><item jid="${SERVICE}"/>`,
      [`${SERVICE} info`]: `<feature var="http://jabber.org/protocol/address"/>${this.everywhere ? EVERYWHERE : ''}`,
    };
    const [, ns = ''] = /xmlns="([^"]*)"/.exec(request.payload) ?? [];
    const content = answers[`${request.to} ${ns.split('#')[1] ?? ''}`];
    if (content === undefined) return { type: 'timeout' };
    return { type: 'result', stanza: parse(`<iq from="${request.to}" type="result"><query xmlns="${ns}">${content}</query></iq>`) };
  };

  override send(out: Outgoing): void {
    if (this.online && out.via) this.give(toMulticastXml(out, out.via));
    else if (this.online && out.to === SERVICE) this.give(toXml(out, SERVICE));
    else super.send(out);
  }

  /** Lets the service do so many of the stanzas that it has. */
  work(count = Infinity): void {
    for (let i = 0; i < count && this.queue.length > 0; i++) this.handle(this.queue.shift() as string);
  }

  /** The server is killed: nobody hears of what the service had not handed out. */
  kill(): void {
    this.queue = [];
  }

  private give(xml: string): void {
    this.given.push(xml);
    this.queue.push(xml);
    if (this.works) setImmediate(() => this.work());
  }

  private handle(xml: string): void {
    if (this.silent) return;
    const stanza = parse(xml);
    const { from, id, type } = stanza.attrs as Record<string, string | undefined>;
    const list = childElements(stanza).find(({ name }) => name === 'addresses');
    const jids = childElements(list as NonNullable<typeof list>).map(({ attrs }) => attrs['jid'] as string);
    const condition = this.refuses ?? (jids.length > this.limit ? 'not-acceptable' : undefined);
    if (condition !== undefined) {
      const content = this.repeats ? (ADDRESSES.exec(xml)?.[0] ?? '') : '';
      const known = id === undefined ? '' : ` id="${id}"`;
      this.deliver(
        `<${stanza.name} type="error" from="${SERVICE}" to="${from}"${known}>${content}<error type="cancel"><${condition} xmlns="urn:ietf:params:xml:ns:xmpp-stanzas"/></error></${stanza.name}>`,
      );
      return;
    }
    const rest = xml.slice(xml.indexOf(`to="${SERVICE}"`) + `to="${SERVICE}"`.length);
    const clean = this.does === 'shows' ? rest : rest.replace(ADDRESSES, '');
    if (stanza.name === 'presence' && type === undefined) this.tracked = jids;
    const told = this.does === 'tracks' && type === 'unavailable' ? this.tracked : jids;
    for (const jid of this.does === 'doubles' ? [...told, ...told] : told)
      this.handOut({ name: stanza.name as 'message', from: from as string, to: jid, rest: clean });
  }

  private handOut(out: Outgoing & { readonly to: string }): void {
    if (!out.to.startsWith(DOMAIN)) super.send(out);
    else if (this.does === 'turns' && out.name === 'message' && !out.to.includes('loop-'))
      setImmediate(() => this.deliver(toXml(out, out.to)));
    else this.deliver(toXml(out, out.to));
  }
}
