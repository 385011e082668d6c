/** What the service is made with, and what it can be asked to do. */
import type { Link, LinkHandler } from '../link/link';
import type { Ask, CommandOutcome, Execute } from '../room/contract/commands';
import type { FindRooms } from './pipeline/asks';
import type { Random } from '../room/contract/env';
import type { Retention } from '../room/configuring/retention';
import type { Store } from '../store/store';
import type { BareJid, Domain, RoomJid } from '../xmpp/fold';
import type { AdHoc } from './answers/ad-hoc';
import type { Rates } from './budget/rates';
import type { Clock } from './clock';
import type { ServiceInfo } from './answers/discovery';
import type { ServiceLimits } from './budget/limits';
import type { MakeRoom } from './life/loader';
import type { Log } from '../log';
import type { MulticastCounts } from './multicast/contract';
import type { MulticastRules } from './multicast/opening';
import type { Counted } from './counted';
import type { AuditKept } from './retention';
import type { By } from '../room/contract/audit';
import type { WakeForm } from './wake-ups/wake-stanza';

export interface ServiceOptions {
  /** The component's domain. */
  readonly domain: Domain;
  /** The domain of the server's users: of what is scarce it may have any part. Without it every domain may. */
  readonly serverDomain?: Domain;
  readonly store: Store;
  readonly link: Link;
  readonly makeRoom: MakeRoom;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits?: Partial<ServiceLimits>;
  /** What one account may ask in a time, and who may ask without limit; without it everybody does. */
  readonly budget?: { readonly rates: Rates; readonly isTrusted: (account: BareJid) => boolean };
  /** What rooms keep; without it as much as their owners want. */
  readonly retention?: Retention;
  /** How much of the audit trail is kept; everything unless given. */
  readonly auditKept?: AuditKept;
  readonly info: ServiceInfo;
  readonly version: string;
  /** Ad-hoc commands at the service. */
  readonly adHoc?: AdHoc;
  /** In which form accounts are woken, by domain, where the software of their server does not decide. */
  readonly wakeForms?: () => ReadonlyMap<Domain, WakeForm>;
  /** When large rooms speak by a multicast service (XEP-0033); never unless given. */
  readonly multicast?: MulticastRules;
  /** Told of the domain that each stanza came from. */
  readonly seen?: (domain: Domain) => void;
}

/** How the service does at the moment; what is counted rises from the start of the process. */
export interface ServiceStats {
  /** Rooms by state. */
  readonly rooms: Record<string, number>;
  /** Batches that were handed to the store, and those that failed or had a room refused. */
  readonly batches: number;
  readonly failures: number;
  /** Bytes undecided or uncommitted. */
  readonly gathered: number;
  /** Whether the store takes writes. */
  readonly writable: boolean;
  readonly counted: Counted;
  /** Fan-out by a multicast service: whether one is open, rooms that speak by it now, and what is counted. */
  readonly multicast: MulticastCounts & { readonly open: boolean; readonly rooms: number };
  /** Accounts whose rates are kept in mind, stanzas that wait for a token now, and all that had to. */
  readonly accounts: number;
  readonly waits: { readonly now: number; readonly all: number };
}

export interface Service {
  /** What the link is started with. */
  readonly handler: LinkHandler;
  /** Before the link is started. Throws StoreFailed. */
  start(): Promise<void>;
  /** Refuses what comes from now on; resolves when everything decided is committed and handed to the link. */
  stop(): Promise<void>;
  /** Lets nobody in any more and tells everybody in every room that this is the end (§11.2); `stop` follows. */
  shutDown(by: By, reason?: string): Promise<void>;
  /** Runs a command in a room; answers when its outcome is certain. */
  readonly execute: Execute;
  /** Asks a room. */
  readonly query: Ask;
  /** Brings a room along: `work` makes it one in the store while its name is kept free. Throws what the store and `work` throw. */
  readonly arrive: (room: RoomJid, work: () => Promise<CommandOutcome>) => Promise<CommandOutcome>;
  /** Finds rooms, hidden ones too. Throws StoreFailed. */
  readonly findRooms: FindRooms;
  /** Somebody is erased: what is known of their account beside rooms goes. */
  readonly forget: (jid: BareJid) => void;
  /** The operator's rules have changed: what was made from them is made anew. */
  rulesChanged(): void;
  stats(): ServiceStats;
}
