/** A room's archive as a client reads it (XEP-0313, XEP-0059). */
import xml from '@xmpp/xml';
import type { Element } from '@xmpp/xml';
import { errorOf } from './stanzas';
import type { User } from './user';

const MAM = 'urn:xmpp:mam:2';
const RSM = 'http://jabber.org/protocol/rsm';

/** What an archive answered. */
export interface ArchivePage {
  /** Of its messages, oldest first. */
  readonly ids: string[];
  /** The messages as they are archived. */
  readonly messages: Element[];
  readonly complete: boolean;
  /** The condition, as `cancel/item-not-found`; null: it was no error. */
  readonly error: string | null;
}

let queries = 0;

/** One page of at most 100 messages behind the id; without one from the beginning. */
export async function archivePage(user: User, room: string, after?: string): Promise<ArchivePage> {
  const queryid = `archive-${++queries}`;
  const set = xml('set', { xmlns: RSM }, xml('max', {}, '100'));
  if (after !== undefined) set.append(xml('after', {}, after));
  const answer = await user.iq('set', room, xml('query', { xmlns: MAM, queryid }, set));
  const results = user
    .log()
    .flatMap((stanza) => stanza.getChild('result', MAM) ?? [])
    .filter(({ attrs }) => attrs['queryid'] === queryid);
  return {
    ids: results.map(({ attrs }) => String(attrs['id'])),
    messages: results.flatMap((result) => result.getChild('forwarded')?.getChild('message') ?? []),
    complete: answer.getChild('fin', MAM)?.attrs['complete'] === 'true',
    error: errorOf(answer),
  };
}

/** The whole archive, page by page. */
export async function wholeArchive(user: User, room: string): Promise<Pick<ArchivePage, 'ids' | 'messages'>> {
  const whole = { ids: [] as string[], messages: [] as Element[] };
  for (;;) {
    const page = await archivePage(user, room, whole.ids.at(-1));
    if (page.error !== null) throw new Error(`the archive of ${room} answered ${page.error}`);
    whole.ids.push(...page.ids);
    whole.messages.push(...page.messages);
    if (page.complete || page.ids.length === 0) return whole;
  }
}
