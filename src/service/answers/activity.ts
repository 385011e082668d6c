/**
 * Room activity indicators (XEP-0437): accounts that sent the service presence with `<rai/>` are told which of their rooms had messages
 * since their last visit, and later, once for each room, when something is said while they are not in it.
 *
 * All in memory: a restart of Parlour ends every subscription. A lost link does not: what happened meanwhile is told when it is back, and
 * then every subscriber is pinged, since those who left could not tell.
 */
import type { Link } from '../../link/link';
import type { Change } from '../../room/contract/rows';
import type { Directory } from '../../store/directory';
import { Shares } from '../../room/shares';
import type { BareJid, Domain, FullJid, RoomJid } from '../../xmpp/fold';
import { bareOf, domainOf } from '../../xmpp/jid';
import { fitting } from '../../xmpp/list-bytes';
import { NS } from '../../xmpp/ns';
import { outgoing } from '../../xmpp/outgoing';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { escapeText } from '../../xmpp/xml';
import { inWords } from '../../words';
import type { Part } from '../life/slot';
import type { Log } from '../../log';
import { RoomsOfOne, type RoomEvent } from './activity-rooms';
import { allRooms } from '../pages';

export interface ActivityOptions {
  readonly domain: string;
  readonly store: Pick<Directory, 'roomsOf' | 'activityOf'>;
  readonly link: Pick<Link, 'send' | 'online'>;
  readonly log: Log;
  /** Whether a domain is the server's own, which may hold any part of the subscriptions. */
  readonly isLocal: (domain: Domain) => boolean;
}

/** Subscriptions of the service, and of one account; of a foreign domain at most as many as are still free. */
const MAX_ALL = 10_000;
const MAX_OF_ACCOUNT = 20;
/** Rooms of one subscriber. */
const MAX_ROOMS = 1_000;
/** Rooms named in one message, which is cut by bytes too: keeps it below servers' limits. */
const MAX_NAMED = 500;

interface Subscription {
  readonly jid: FullJid;
  /** The same in the spelling that messages go to. */
  readonly address: string;
  readonly rooms: RoomsOfOne;
}

export class Activity {
  private readonly byJid = new Map<FullJid, Subscription>();
  private readonly byAccount = new Map<BareJid, Set<Subscription>>();
  /** By room: subscribers that are to be told and have not been yet. Subscriptions whose rooms are still being read are in none. */
  private readonly byRoom = new Map<RoomJid, Set<Subscription>>();
  private readonly beingRead = new Set<Subscription>();
  private readonly shares: Shares;

  constructor(private readonly options: ActivityOptions) {
    this.shares = new Shares(MAX_ALL, options.isLocal);
  }

  /** Full JIDs of the subscribers, as they are spelt. */
  get subscribers(): string[] {
    return [...this.byJid.values()].map(({ address }) => address);
  }

  /**
   * Begins a subscription, anew if there is one. `failed` is called if the rooms cannot be read: there is none then. `address` is the JID as
   * it is spelt.
   */
  subscribe(jid: FullJid, failed: () => void, address: string = jid): StanzaError | undefined {
    this.end(jid);
    const account = this.byAccount.get(bareOf(jid));
    if (!this.shares.has(domainOf(jid)) || (account?.size ?? 0) >= MAX_OF_ACCOUNT)
      return stanzaError('resource-constraint', inWords('activityMany'), { type: 'wait' });
    const subscription: Subscription = {
      jid,
      address,
      rooms: new RoomsOfOne({
        awaits: (room) => {
          add(this.byRoom, room, subscription);
        },
        rests: (room) => {
          remove(this.byRoom, room, subscription);
        },
      }),
    };
    this.byJid.set(jid, subscription);
    this.shares.take(domainOf(jid));
    add(this.byAccount, bareOf(jid), subscription);
    this.beingRead.add(subscription);
    this.read(subscription).catch((error: unknown) => {
      this.options.log.error({ event: 'sessions.unreadable', err: error }, 'the rooms of an activity subscriber could not be read');
      if (this.byJid.get(jid) !== subscription) return;
      this.end(jid);
      failed();
    });
    return undefined;
  }

  /** Ends the subscription of a full JID, if it has one. */
  end(jid: FullJid): void {
    const subscription = this.byJid.get(jid);
    if (!subscription) return;
    this.byJid.delete(jid);
    this.shares.give(domainOf(jid));
    remove(this.byAccount, bareOf(jid), subscription);
    this.beingRead.delete(subscription);
    subscription.rooms.forget();
  }

  /** Something of a room is committed, and has left. Costs nothing where nobody has subscribed. */
  committed(room: RoomJid, part: Part): void {
    if (this.byJid.size === 0) return;
    const concerns = part.changes !== null || this.byRoom.has(room) || this.beingRead.size > 0;
    if (!concerns) return;
    for (const { writes } of part.decisions) {
      let said = false;
      for (const write of writes) {
        if (write.table === 'message') said = true;
        else this.changed(room, write);
      }
      if (said) this.said(room);
    }
  }

  /** The link is back: what was said meanwhile is told. */
  online(): void {
    for (const subscription of this.byJid.values()) this.tell(subscription);
  }

  private changed(room: RoomJid, change: Change): void {
    if (change.table === 'affiliation') {
      const belongs = change.row !== null && change.row.affiliation !== 'outcast';
      for (const subscription of this.byAccount.get(change.jid) ?? [])
        subscription.rooms.happened({ kind: belongs ? 'belongs' : 'strange', room });
    } else if (change.table === 'session') {
      this.byJid.get(change.jid)?.rooms.happened({ kind: change.row ? 'entered' : 'left', room });
    } else if (change.table === 'rename') {
      for (const subscription of this.byJid.values())
        if (subscription.rooms.concerns(room)) subscription.rooms.happened({ kind: 'renamed', room, to: change.to });
    } else if (change.table === 'clear') {
      // The room ended, or begins: nobody belongs to it.
      for (const subscription of this.byJid.values()) {
        if (!subscription.rooms.concerns(room)) continue;
        subscription.rooms.happened({ kind: 'left', room });
        subscription.rooms.happened({ kind: 'strange', room });
      }
    }
  }

  private said(room: RoomJid): void {
    const event: RoomEvent = { kind: 'said', room };
    for (const subscription of this.beingRead) subscription.rooms.happened(event);
    const told = [...(this.byRoom.get(room) ?? [])];
    for (const subscription of told) subscription.rooms.happened(event);
    for (const subscription of told) this.tell(subscription);
  }

  /** Reads a subscriber's rooms, and tells at once in which of them something was said since their last visit. */
  private async read(subscription: Subscription): Promise<void> {
    const { store } = this.options;
    const { jid, rooms } = subscription;
    const present = await allRooms((after, limit) => store.roomsOf(jid, after, limit));
    const known = await store.activityOf(bareOf(jid), MAX_ROOMS);
    if (this.byJid.get(jid) !== subscription) return;
    this.beingRead.delete(subscription);
    rooms.known(present, known);
    this.tell(subscription);
  }

  /** Tells a subscriber what is new, or leaves it for when the link is back. */
  private tell({ address, rooms: ofOne }: Subscription): void {
    if (!this.options.link.online) return;
    const rooms = ofOne.takeOwed();
    for (let i = 0; i < rooms.length;) {
      const named = fitting(rooms.slice(i, i + MAX_NAMED), activityXml);
      this.options.link.send(
        outgoing('message', this.options.domain, address, {}, `<rai xmlns="${NS.rai}">${named.map(activityXml).join('')}</rai>`),
      );
      i += named.length;
    }
  }
}

const activityXml = (room: RoomJid): string => `<activity>${escapeText(room)}</activity>`;

function add<K>(index: Map<K, Set<Subscription>>, key: K, subscription: Subscription): void {
  const there = index.get(key);
  if (there) there.add(subscription);
  else index.set(key, new Set([subscription]));
}

function remove<K>(index: Map<K, Set<Subscription>>, key: K, subscription: Subscription): void {
  const there = index.get(key);
  there?.delete(subscription);
  if (there?.size === 0) index.delete(key);
}
