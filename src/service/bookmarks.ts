/**
 * Rooms among people's bookmarks (XEP-0402): written in their own name, only where there is no bookmark of the room yet; and read for what they have set for the room
 * (XEP-0492). Only where their server lets us (`privilege.ts`), one account after the other. Rooms keep what is to be written, and ask again for what nobody answered.
 */
import type { Link } from '../link/link';
import type { Log } from '../log';
import type { AccountAnswer, AccountWake, AskSettings, Bookmark } from '../room/contract/machine';
import { isOwnDomain, type BareJid, type Domain, type RoomJid } from '../xmpp/fold';
import { formXml } from '../xmpp/forms';
import { domainOf } from '../xmpp/jid';
import { phoneSetting, type NotificationSetting } from '../xmpp/notification-settings';
import { NS } from '../xmpp/ns';
import { conditionOf } from '../xmpp/stanza-error';
import { attributes, child, childElements, escapeText, type Element } from '../xmpp/xml';
import type { Clock } from './clock';
import { Privilege, type Told } from './privilege';
import { dropFirst } from './wake-ups/accounts';

/** Requests that wait; more are dropped. */
const MOST_WAITING = 10_000;
/** Of one room and account settings are read once in this time, whatever people do; so many of them are remembered. */
const READ_AGAIN_MS = 3_600_000;
const MOST_READ = 20_000;

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

const WAKES: Readonly<Record<NotificationSetting, AccountWake>> = { always: 'all', 'on-mention': 'mentions', never: 'nothing' };

export interface BookmarksOptions {
  readonly link: Pick<Link, 'request' | 'online'>;
  readonly clock: Pick<Clock, 'elapsed' | 'after'>;
  readonly log: Log;
  /** The component's domain. */
  readonly domain: Domain;
  /** Tells a room what came of it. */
  readonly told: (room: RoomJid, answer: AccountAnswer) => void;
}

type Needs = 'reads' | 'writes';
type Waiting = (Bookmark | AskSettings) & { readonly room: RoomJid };

export class Bookmarks {
  private readonly privilege: Privilege;
  /** By what it needs and the domain of the account: what waits for a grant is not in the way of others. Each once, by account and room. */
  private readonly waiting = { reads: new Map<Domain, Map<string, Waiting>>(), writes: new Map<Domain, Map<string, Waiting>>() };
  /** When settings were asked for, by account and room. */
  private readonly read = new Map<string, number>();
  private size = 0;
  private isRunning = false;
  /** What is asked for now, unless it is not wanted any more. */
  private current: Waiting | undefined;
  /** It was told that some server does not let us. */
  private hasComplained = false;

  constructor(private readonly options: BookmarksOptions) {
    this.privilege = new Privilege({ ...options, resumed: () => this.run() });
  }

  /** The connection is gone: the next one has grants of its own. */
  offline(): void {
    this.privilege.offline();
    this.hasComplained = false;
  }

  /** A stanza to the service: true if a server says by it what it lets us do. */
  privileged(stanza: Element): boolean {
    if (!this.privilege.took(stanza)) return false;
    this.run();
    return true;
  }

  /** Somebody is to find a room among their bookmarks, or is not to any more. */
  add(room: RoomJid, bookmark: Bookmark): void {
    const domain = domainOf(bookmark.jid);
    // An account elsewhere has a server that is never asked.
    if (!isOwnDomain(domain)) return;
    const key = keyOf({ ...bookmark, room });
    if (!bookmark.isWanted) {
      if (this.waiting.writes.get(domain)?.delete(key) === true) this.size--;
      if (this.current?.kind === 'bookmark' && keyOf(this.current) === key) this.current = undefined;
      return;
    }
    if (this.options.link.online && !this.privilege.may('writes', domain)) this.complain(domain);
    this.wait('writes', domain, { ...bookmark, room });
  }

  /** What somebody has set for a room matters now. Where the server does not let us read it, nobody is asked. */
  askSettings(room: RoomJid, ask: AskSettings): void {
    const domain = domainOf(ask.jid);
    if (!this.options.link.online || !this.privilege.may('reads', domain)) return;
    const one = { ...ask, room };
    const [key, now] = [keyOf(one), this.options.clock.elapsed()];
    const before = this.read.get(key);
    if (before !== undefined && now - before < READ_AGAIN_MS) return;
    this.read.delete(key);
    this.read.set(key, now);
    dropFirst(this.read, MOST_READ);
    this.wait('reads', domain, one);
  }

  /** Nothing of a room is wanted any more: it is over, or has another address. */
  forget(room: RoomJid): void {
    if (this.current?.room === room) this.current = undefined;
    if (this.size === 0) return;
    for (const queue of [...this.waiting.reads.values(), ...this.waiting.writes.values()])
      for (const [key, one] of queue) if (one.room === room && queue.delete(key)) this.size--;
  }

  private wait(needs: Needs, domain: Domain, one: Waiting): void {
    const queue = this.waiting[needs].get(domain) ?? new Map<string, Waiting>();
    this.waiting[needs].set(domain, queue);
    const key = keyOf(one);
    if (!queue.has(key)) {
      if (this.size >= MOST_WAITING) {
        this.options.log.debug({ event: 'bookmark.dropped', room: one.room }, 'a bookmark was not written or read: too many wait for it');
        return;
      }
      this.size++;
    }
    queue.set(key, one);
    this.run();
  }

  private run(): void {
    if (this.isRunning || !this.next()) return;
    this.isRunning = true;
    this.askAll()
      .catch((error: unknown) => {
        this.options.log.error(
          { event: 'bookmark.failed', err: error },
          'bookmarks could not be written or read: a mistake in the program',
        );
      })
      .finally(() => {
        this.isRunning = false;
        // What came in between.
        this.run();
      });
  }

  /** The first that waits and may be asked for now. */
  private next(): { readonly queue: Map<string, Waiting>; readonly key: string; readonly one: Waiting } | undefined {
    if (!this.options.link.online) return undefined;
    for (const needs of ['writes', 'reads'] as const) {
      for (const [domain, queue] of this.waiting[needs]) {
        const [first] = this.privilege.may(needs, domain) && !this.privilege.isPaused(domain) ? queue : [];
        if (first) return { queue, key: first[0], one: first[1] };
      }
    }
    return undefined;
  }

  private async askAll(): Promise<void> {
    for (let next = this.next(); next !== undefined; next = this.next()) {
      const { queue, key, one } = next;
      queue.delete(key);
      this.size--;
      this.current = one;
      if (one.kind === 'bookmark') await this.write(one);
      else await this.readSettings(one);
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

  private async write(one: Waiting & Bookmark): Promise<void> {
    const { log, told } = this.options;
    const { jid, room } = one;
    const there = await this.get(one);
    // What is there is theirs.
    if (itemIn(there, room)) return told(room, { about: 'bookmark', jid });
    if (this.current !== one) return;
    const answer = isFree(there) ? await this.privilege.ask(jid, 'set', publishing(one)) : there;
    if (answer.by === 'account' && answer.iq.attrs['type'] === 'result') {
      log.info({ event: 'bookmark.written', room }, 'a room was written into the bookmarks of somebody');
      return told(room, { about: 'bookmark', jid });
    }
    const isFinal = answer.by === 'account' && !isForNow(answer.iq);
    log.warn({ event: 'bookmark.refused', room, condition: conditionIn(answer), final: isFinal }, 'a bookmark could not be written');
    if (isFinal) told(room, { about: 'bookmark', jid });
  }

  private async readSettings(one: Waiting & AskSettings): Promise<void> {
    const there = await this.get(one);
    const item = itemIn(there, one.room);
    // What could not be read says nothing.
    if (!item && !isFree(there)) return;
    const conference = item && child(item, 'conference', NS.bookmarks);
    const extensions = conference && child(conference, 'extensions', NS.bookmarks);
    const setting = extensions && phoneSetting(extensions);
    const { kind, jid, belongs, nick } = one;
    this.options.told(one.room, { about: 'settings', asked: { kind, jid, belongs, nick }, wake: setting ? WAKES[setting] : null });
  }

  private get({ jid, room }: { readonly jid: BareJid; readonly room: RoomJid }): Promise<Told> {
    return this.privilege.ask(jid, 'get', `<items node="${NS.bookmarks}"><item${attributes({ id: room })}/></items>`);
  }
}

const keyOf = ({ jid, room }: Waiting): string => `${jid} ${room}`;

/** The bookmark of a room in what an account has answered. */
function itemIn(told: Told, room: RoomJid): Element | undefined {
  if (told.by !== 'account' || told.iq.attrs['type'] !== 'result') return undefined;
  return childElements(told.iq)
    .flatMap((pubsub) => childElements(pubsub))
    .flatMap((list) => childElements(list))
    .find(({ name, attrs }) => name === 'item' && attrs['id'] === room);
}

/** Whether an account has answered that it has none. */
const isFree = (told: Told): boolean =>
  told.by === 'account' && (told.iq.attrs['type'] === 'result' || conditionOf(told.iq) === 'item-not-found');

/** Whether an error may be over by itself (RFC 6120 §8.3.2: `wait`). */
const isForNow = (iq: Element): boolean => childElements(iq).some(({ name, attrs }) => name === 'error' && attrs['type'] === 'wait');

const conditionIn = (told: Told): string | undefined =>
  told.by === 'nobody' ? undefined : conditionOf(told.by === 'account' ? told.iq : told.stanza);

function publishing({ room, name, nick }: Waiting & Bookmark): string {
  const own = nick === null ? '' : `<nick>${escapeText(nick)}</nick>`;
  const conference = `<conference${attributes({ xmlns: NS.bookmarks, name: name === '' ? undefined : name, autojoin: 'true' })}>${own}</conference>`;
  const item = `<item${attributes({ id: room })}>${conference}</item>`;
  return `<publish node="${NS.bookmarks}">${item}</publish><publish-options>${OPTIONS}</publish-options>`;
}
