/** A service with everything around it in the test's hands: clock, link, store, rooms. */
import type { Domain, RoomJid } from '../../src/xmpp/fold';
import { randomBytes } from 'node:crypto';
import type { LogFields } from '../../src/log';
import type { AdHoc } from '../../src/service/answers/ad-hoc';
import type { Random } from '../../src/room/contract/env';
import type { AuditKept } from '../../src/service/retention';
import type { ServiceLimits } from '../../src/service/budget/limits';
import type { Service } from '../../src/service/contract';
import { createService } from '../../src/service/service';
import type { MulticastRules } from '../../src/service/multicast/opening';
import type { Machine } from '../../src/room/contract/machine';
import type { RoomRows } from '../../src/room/contract/rows';
import { parse } from '../support/conversation';
import { ratesOf, type RateLimits } from '../../src/service/budget/rates';
import { MemoryStore, type MemoryDisk } from '../support/memory-store';
import { FakeClock, settle } from './fake-clock';
import { FakeLink } from './fake-link';
import { FakeRoom } from './fake-room';
import { asDomain, asFull, asRoom } from '../support/jids';

export const DOMAIN = asDomain('rooms.x.lit');
export const ROOM = asRoom(`a@${DOMAIN}`);
export const ANN = 'ann@x.lit/1';
export const BOB = asFull('bob@x.lit/1');
export const CAT = 'cat@x.lit/1';

export interface Rig {
  readonly service: Service;
  readonly store: MemoryStore;
  readonly link: FakeLink;
  readonly clock: FakeClock;
  /** What rooms decided. */
  readonly journal: string[];
  /** What was logged at warn and error. */
  readonly complaints: string[];
  /** What was logged at info. */
  readonly lines: LogFields[];
  /** Hands stanzas in, in one event. */
  readonly feed: (...stanzas: string[]) => void;
  /** The same, and lets everything happen. */
  readonly play: (...stanzas: string[]) => Promise<string[]>;
  readonly offline: () => void;
  readonly online: () => Promise<void>;
}

export interface RigOptions {
  /** Another link than the usual one, and what rooms do with a multicast service. */
  readonly link?: FakeLink;
  readonly multicast?: MulticastRules;
  readonly limits?: Partial<ServiceLimits>;
  readonly disk?: MemoryDisk;
  /** False: the link is not there yet. */
  readonly attached?: boolean;
  readonly random?: Random;
  /** The rates of the configuration; without them there are none. */
  readonly rates?: Partial<RateLimits>;
  readonly trusted?: readonly string[];
  /** The domain of the server's users: of what is scarce it may have any part. Without it every domain may. */
  readonly serverDomain?: Domain;
  /** Made from what the service stands on, as the composition root does it. */
  readonly adHoc?: (parts: { store: MemoryStore; link: FakeLink; clock: FakeClock; service: () => Service }) => AdHoc;
  readonly auditKept?: AuditKept;
  readonly makeRoom?: (jid: RoomJid, rows: RoomRows | null) => Machine;
}

/** No rate. */
const NONE: RateLimits = {
  messagesPerSecond: null,
  presencePerSecond: null,
  nickChangesPerSecond: null,
  entriesPerSecond: null,
  invitationsPerMinute: null,
  requestsPerSecond: null,
  archiveQueriesPerSecond: null,
  roomsPerHour: null,
};
/** As the configuration has them by itself. */
export const DEFAULT_RATES: RateLimits = {
  messagesPerSecond: 10,
  presencePerSecond: 5,
  nickChangesPerSecond: 1,
  entriesPerSecond: 5,
  invitationsPerMinute: 10,
  requestsPerSecond: 20,
  archiveQueriesPerSecond: 5,
  roomsPerHour: 60,
};

export async function rig(options: RigOptions = {}): Promise<Rig> {
  const store = new MemoryStore(options.disk);
  const link = options.link ?? new FakeLink();
  const clock = new FakeClock();
  const journal: string[] = [];
  const complaints: string[] = [];
  const lines: LogFields[] = [];
  const complain = (_fields: object, message: string): void => {
    complaints.push(message);
  };
  const service: Service = createService({
    domain: DOMAIN,
    store,
    link,
    clock,
    random: options.random ?? { bytes: (count) => randomBytes(count) },
    ...(options.serverDomain === undefined ? {} : { serverDomain: options.serverDomain }),
    makeRoom: options.makeRoom ?? ((jid, rows) => new FakeRoom(jid, rows, journal)),
    log: { debug: () => undefined, info: (fields) => void lines.push(fields), warn: complain, error: complain },
    limits: options.limits ?? {},
    info: { name: 'Rooms', description: 'For talking', contact: { abuse: ['mailto:abuse@x.lit'], admin: [] } },
    version: '1.2.3',
    ...(options.multicast ? { multicast: options.multicast } : {}),
    ...(options.auditKept ? { auditKept: options.auditKept } : {}),
    ...(options.rates
      ? {
          budget: {
            rates: ratesOf({ ...NONE, ...options.rates }),
            isTrusted: (account: string) => (options.trusted ?? []).some((one) => one === account || account.endsWith(`@${one}`)),
          },
        }
      : {}),
    ...(options.adHoc ? { adHoc: options.adHoc({ store, link, clock, service: () => service }) } : {}),
  });
  await service.start();
  const feed = (...stanzas: string[]): void => {
    for (const text of stanzas) service.handler.stanza(parse(text), text.length);
  };
  const result: Rig = {
    service,
    store,
    link,
    clock,
    journal,
    complaints,
    lines,
    feed,
    async play(...stanzas) {
      feed(...stanzas);
      await settle();
      return link.take();
    },
    offline() {
      link.online = false;
      for (const answer of link.held?.splice(0) ?? []) answer(false);
      service.handler.offline('the test took it away');
    },
    async online() {
      link.online = true;
      service.handler.online();
      await settle();
    },
  };
  link.online = false;
  if (options.attached !== false) await result.online();
  return result;
}

export const join = (from: string, nick: string, room: string = ROOM): string => `<presence from="${from}" to="${room}/${nick}"/>`;
export const leave = (from: string, nick: string, room: string = ROOM): string =>
  `<presence from="${from}" to="${room}/${nick}" type="unavailable"/>`;
export const say = (from: string, body: string, room: string = ROOM): string =>
  `<message from="${from}" to="${room}" type="groupchat" id="${body.slice(0, 40)}"><body>${body}</body></message>`;
export const iq = (from: string, asked: string, id: string, to: string = ROOM, type = 'get'): string =>
  `<iq from="${from}" to="${to}" type="${type}" id="${id}"><${asked} xmlns="urn:test"/></iq>`;
