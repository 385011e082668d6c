/** Which service at the server hands out copies: the server itself, or one of those that it names on a domain below its own (XEP-0033 §2.2). */
import type { Link } from '../../link/link';
import { NS } from '../../xmpp/ns';
import { child, childElements, type Element } from '../../xmpp/xml';

/** Services of the server that are asked at most. */
const MOST_ITEMS = 50;
/** Milliseconds until one counts as unanswered. */
const DEADLINE_MS = 20_000;

/**
 * The address of a service that says it supports XEP-0033, the first in the server's order that does; undefined: none does. Never rejects. What is named on
 * other domains is not asked: another server would be told who is in rooms of this one.
 *
 * @param own the component's domain: what it asks itself nobody answers.
 */
export async function findMulticast(link: Pick<Link, 'request'>, own: string, server: string): Promise<string | undefined> {
  const from = `${own}/multicast`;
  if (await supports(link, from, server)) return server;
  const answer = await ask(link, from, server, NS.discoItems);
  const items: unknown[] = answer ? childElements(answer).map(({ attrs }) => attrs['jid'] as unknown) : [];
  const domains = items.filter(
    (jid): jid is string => typeof jid === 'string' && !/[@/]/.test(jid) && jid !== own && jid.endsWith(`.${server}`),
  );
  // Some may be a component that is not there: nobody answers for it.
  const asked = [...new Set(domains)].slice(0, MOST_ITEMS);
  const answers = await Promise.all(asked.map((jid) => supports(link, from, jid)));
  return asked.find((_, i) => answers[i]);
}

async function supports(link: Pick<Link, 'request'>, from: string, to: string): Promise<boolean> {
  const info = await ask(link, from, to, NS.discoInfo);
  if (info === undefined) return false;
  return childElements(info).some(({ name, attrs: { var: feature } }) => name === 'feature' && feature === NS.addresses);
}

/** The `<query/>` of a result. */
async function ask(link: Pick<Link, 'request'>, from: string, to: string, ns: string): Promise<Element | undefined> {
  const answer = await link.request({ from, to, type: 'get', payload: `<query xmlns="${ns}"/>`, deadline: DEADLINE_MS });
  return answer.type === 'result' ? child(answer.stanza, 'query', ns) : undefined;
}
