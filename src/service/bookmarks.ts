/**
 * Writes rooms into people's bookmarks (XEP-0402) in their own name, where their server lets Parlour do that (XEP-0356 §7, "IQ permission"): only for accounts of the server that
 * has granted it, and only where there is no bookmark of the room yet. One account after the other.
 */
import type { Link } from '../link/link';
import type { Log } from '../log';
import type { Bookmark } from '../room/contract/machine';
import type { BareJid, Domain, RoomJid } from '../xmpp/fold';
import { foldBare, isOwnDomain } from '../xmpp/fold';
import { domainOf } from '../xmpp/jid';
import { formXml } from '../xmpp/forms';
import { NS } from '../xmpp/ns';
import { conditionOf } from '../xmpp/stanza-error';
import { attributes, child, childElements, escapeText, type Element } from '../xmpp/xml';

/** Bookmarks that wait; more are dropped. */
const MOST_WAITING = 10_000;
/** How long a server may take for one request, in ms. */
const ANSWER_MS = 30_000;

/** §"Adding a bookmark": a node that is otherwise is not written to, since others might read it. */
const OPTIONS = formXml(
  {
    type: 'submit',
    formType: `${NS.pubsub}#publish-options`,
    fields: [
      { var: 'pubsub#persist_items', type: 'boolean', values: ['1'] },
      { var: 'pubsub#max_items', type: 'text-single', values: ['max'] },
      { var: 'pubsub#send_last_published_item', type: 'list-single', values: ['never'] },
      { var: 'pubsub#access_model', type: 'list-single', values: ['whitelist'] },
    ],
  },
  'en',
);

export interface BookmarksOptions {
  readonly link: Pick<Link, 'request' | 'online'>;
  readonly log: Log;
  /** The component's domain. */
  readonly domain: Domain;
}

interface Waiting extends Bookmark {
  readonly room: RoomJid;
}

export class Bookmarks {
  /** Servers that let us read and write what their accounts publish, since the connection was made. */
  private readonly granted = new Set<Domain>();
  /** By the domain of the account: what waits for a grant of one is not in the way of another. Each once, by account and room. */
  private readonly waiting = new Map<Domain, Map<string, Waiting>>();
  private size = 0;
  private isRunning = false;
  /** It was told that some server does not let us. */
  private hasComplained = false;

  constructor(private readonly options: BookmarksOptions) {}

  /** The connection is gone: the next one has grants of its own. */
  offline(): void {
    this.granted.clear();
    this.hasComplained = false;
  }

  /** A stanza to the service: true if a server says by it what it lets us do (§"Advertising Permission"). */
  privileged(stanza: Element): boolean {
    const { from, to } = stanza.attrs as Record<string, string | undefined>;
    if (stanza.name !== 'message' || to !== this.options.domain || from === undefined || /[@/]/.test(from)) return false;
    const privilege = child(stanza, 'privilege', NS.privilege);
    const domain = domainOf(foldBare(from));
    // Any server can say so of itself; only ours is asked.
    if (!privilege || !isOwnDomain(domain)) return false;
    const spaces = childElements(privilege)
      .filter(({ attrs }) => attrs['access'] === 'iq')
      .flatMap((perm) => childElements(perm));
    const may = spaces.some(({ attrs }) => attrs['ns'] === NS.pubsub && attrs['type'] === 'both');
    if (!may) this.granted.delete(domain);
    else this.granted.add(domain);
    this.run();
    return true;
  }

  /** Somebody is to find a room among their bookmarks. */
  add(room: RoomJid, bookmark: Bookmark): void {
    const { log, link } = this.options;
    const domain = domainOf(bookmark.jid);
    if (link.online && !this.granted.has(domain)) this.complain(domain);
    // An account elsewhere has a server that is never asked.
    if (!isOwnDomain(domain)) return;
    if (this.size >= MOST_WAITING) {
      log.debug({ event: 'bookmark.dropped', room }, 'a bookmark was not written: too many wait for it');
      return;
    }
    const queue = this.waiting.get(domain) ?? new Map<string, Waiting>();
    this.waiting.set(domain, queue);
    const key = `${bookmark.jid} ${room}`;
    if (!queue.has(key)) this.size++;
    queue.set(key, { ...bookmark, room });
    this.run();
  }

  private run(): void {
    if (this.isRunning || !this.next()) return;
    this.isRunning = true;
    this.writeAll()
      .catch((error: unknown) => {
        this.options.log.error({ event: 'bookmark.failed', err: error }, 'bookmarks could not be written: a mistake in the program');
      })
      .finally(() => {
        this.isRunning = false;
        // What came in between.
        this.run();
      });
  }

  /** The queue of a domain that has granted it, where something waits; undefined also without a connection. */
  private next(): Map<string, Waiting> | undefined {
    if (!this.options.link.online) return undefined;
    for (const domain of this.granted) {
      const queue = this.waiting.get(domain);
      if (queue !== undefined && queue.size > 0) return queue;
    }
    return undefined;
  }

  private async writeAll(): Promise<void> {
    for (let queue = this.next(); queue !== undefined; queue = this.next()) {
      const [key, one] = queue.entries().next().value as [string, Waiting];
      queue.delete(key);
      this.size--;
      await this.write(one);
    }
  }

  /** Once for each connection. */
  private complain(domain: Domain): void {
    if (this.hasComplained) return;
    this.hasComplained = true;
    this.options.log.warn(
      { event: 'bookmark.not-allowed', domain },
      'a server does not let Parlour write the bookmarks of its accounts: it must grant the "iq" permission for pubsub, type "both" (XEP-0356), or rooms.bookmarks be off',
    );
  }

  private async write(one: Waiting): Promise<void> {
    const { log } = this.options;
    const { jid, room } = one;
    const there = await this.ask(jid, 'get', `<items node="${NS.bookmarks}"><item${attributes({ id: room })}/></items>`);
    const items =
      there &&
      childElements(there)
        .flatMap((pubsub) => childElements(pubsub))
        .flatMap((list) => childElements(list));
    const isKnown = there?.attrs['type'] === 'result' && items?.some(({ name, attrs }) => name === 'item' && attrs['id'] === room) === true;
    // What is there is theirs.
    if (isKnown) return;
    const isFree = there?.attrs['type'] === 'result' || (there !== undefined && conditionOf(there) === 'item-not-found');
    const answer = isFree ? await this.ask(jid, 'set', publishing(one)) : there;
    if (answer?.attrs['type'] === 'result')
      log.info({ event: 'bookmark.written', room }, 'a room was written into the bookmarks of somebody');
    else log.warn({ event: 'bookmark.refused', room, condition: answer && conditionOf(answer) }, 'a bookmark could not be written');
  }

  /** What an account's pubsub service answers to a request in its own name; undefined: nothing came, or the server refused to pass it on. */
  private async ask(jid: BareJid, type: 'get' | 'set', inner: string): Promise<Element | undefined> {
    const { link, domain } = this.options;
    const iq = `<iq${attributes({ xmlns: NS.client, type, to: jid, id: 'bookmark' })}><pubsub xmlns="${NS.pubsub}">${inner}</pubsub></iq>`;
    const answer = await link.request({
      from: `${domain}/bookmarks`,
      to: jid,
      type,
      payload: `<privileged_iq xmlns="${NS.privilege}">${iq}</privileged_iq>`,
      deadline: ANSWER_MS,
    });
    if (answer.type !== 'result') return answer.type === 'error' ? answer.stanza : undefined;
    const privilege = child(answer.stanza, 'privilege', NS.privilege);
    const forwarded = privilege && child(privilege, 'forwarded', NS.forward);
    return forwarded && childElements(forwarded).find(({ name }) => name === 'iq');
  }
}

function publishing({ room, name, nick }: Waiting): string {
  const own = nick === null ? '' : `<nick>${escapeText(nick)}</nick>`;
  const conference = `<conference${attributes({ xmlns: NS.bookmarks, name: name === '' ? undefined : name, autojoin: 'true' })}>${own}</conference>`;
  const item = `<item${attributes({ id: room })}>${conference}</item>`;
  return `<publish node="${NS.bookmarks}">${item}</publish><publish-options>${OPTIONS}</publish-options>`;
}
