/** Which service at the server hands out copies: the server itself, or one of those that it names on a domain below its own (XEP-0033 §2.2); and to whom. */
import type { Link } from '../../link/link';
import { NS } from '../../xmpp/ns';
import { child, childElements, type Element } from '../../xmpp/xml';

/** Services of the server that are asked at most. */
const MOST_ITEMS = 50;
/** Milliseconds until one counts as unanswered. */
const DEADLINE_MS = 20_000;

/** A service as it describes itself. */
export interface Found {
  readonly service: string;
  /**
   * It sends a copy of its own to each address of whichever domain, and tells no other server's service of them. Others may pass addresses on (XEP-0033 §2.2), and
   * then what the other service refuses comes from an address that is nobody's.
   */
  readonly everywhere: boolean;
}

/**
 * A service that says it supports XEP-0033, the first in the server's order that does; undefined: none does. Never rejects. What is named on
 * other domains is not asked: another server would be told who is in rooms of this one.
 *
 * @param own the component's domain: what it asks itself nobody answers.
 */
export async function findMulticast(link: Pick<Link, 'request'>, own: string, server: string): Promise<Found | undefined> {
  const from = `${own}/multicast`;
  const itself = await described(link, from, server);
  if (itself) return itself;
  const answer = await ask(link, from, server, NS.discoItems);
  const items: unknown[] = answer ? childElements(answer).map(({ attrs }) => attrs['jid'] as unknown) : [];
  const domains = items.filter(
    (jid): jid is string => typeof jid === 'string' && !/[@/]/.test(jid) && jid !== own && jid.endsWith(`.${server}`),
  );
  // Some may be a component that is not there: nobody answers for it.
  const asked = [...new Set(domains)].slice(0, MOST_ITEMS);
  const answers = await Promise.all(asked.map((jid) => described(link, from, jid)));
  return answers.find((one) => one !== undefined);
}

/** A service that the operator names: they know that it supports XEP-0033. Never rejects. */
export async function namedMulticast(link: Pick<Link, 'request'>, own: string, service: string): Promise<Found> {
  return (await described(link, `${own}/multicast`, service)) ?? { service, everywhere: false };
}

/** undefined: it does not say that it supports XEP-0033. */
async function described(link: Pick<Link, 'request'>, from: string, to: string): Promise<Found | undefined> {
  const info = await ask(link, from, to, NS.discoInfo);
  if (info === undefined) return undefined;
  const features = new Set<unknown>(
    childElements(info).flatMap(({ name, attrs: { var: feature } }) => (name === 'feature' ? [feature as unknown] : [])),
  );
  return features.has(NS.addresses) ? { service: to, everywhere: features.has(NS.multicastEverywhere) } : undefined;
}

/** The `<query/>` of a result. */
async function ask(link: Pick<Link, 'request'>, from: string, to: string, ns: string): Promise<Element | undefined> {
  const answer = await link.request({ from, to, type: 'get', payload: `<query xmlns="${ns}"/>`, deadline: DEADLINE_MS });
  return answer.type === 'result' ? child(answer.stanza, 'query', ns) : undefined;
}
