/**
 * What serves one component domain: its link, its rooms, and the service that runs them, over what the process has once (`main.ts`): store, rules, plug-ins.
 * Nothing of it is module state, so a process can have one for each of its domains; what else that takes stands in docs/architecture.md ("Several domains").
 */
import type { BackingUp } from './admin/backing-up';
import { createAdminCommands } from './admin/commands';
import { Erasures } from './admin/erasures';
import { tellErasure } from './admin/erasing';
import type { Config } from './config';
import type { Link } from './link/link';
import { linkLimitsOf } from './link/options';
import { createLink } from './link/supervisor';
import type { ProgramLog } from './log';
import type { GuardState } from './plugins/guard';
import type { Live } from './reload';
import type { Random } from './room/contract/env';
import { createRoomFactory } from './room/room';
import { systemClock } from './service/clock';
import type { MakeRoom } from './service/life/loader';
import type { SeenDomains } from './service/presence/seen-domains';
import type { Service } from './service/contract';
import { createService } from './service/service';
import type { Store } from './store/store';
import type { Traces } from './traces';
import type { Domain } from './xmpp/fold';

/** What all domains of a process share. */
export interface Shared {
  readonly store: Store;
  /** The operator's rules, which change when the configuration is read again. */
  readonly live: Live;
  /** Domains that stanzas came from. */
  readonly seen: SeenDomains;
  readonly backups: BackingUp;
  readonly plugins: { readonly states: readonly GuardState[] };
  readonly limits: Config['limits'];
  readonly random: Random;
  readonly log: ProgramLog;
  readonly version: string;
  /** Undefined: none are wanted. */
  readonly traces: Traces | undefined;
  /** An administrator wants the end. */
  readonly end: () => void;
}

/** One domain, and the server at which it is. */
export interface DomainOptions {
  readonly domain: Domain;
  readonly server: Config['server'];
  readonly multicast: Config['multicast'];
}

export interface DomainServed {
  readonly link: Link;
  readonly service: Service;
  readonly makeRoom: MakeRoom;
  readonly erasures: Erasures;
}

/** Puts it together. Nothing is started. */
export function serveDomain({ domain, server, multicast }: DomainOptions, shared: Shared): DomainServed {
  const { store, live, seen, backups, plugins, limits, random, log, version, traces, end } = shared;
  const linkLimits = linkLimitsOf(limits);
  const { host, port, secret } = server;
  const link = createLink({
    host,
    port,
    secret,
    domain,
    serverDomain: server.domain,
    limits: linkLimits,
    log: log.child({ part: 'link' }),
  });
  const rooms = createRoomFactory(live.env);
  const makeRoom = traces ? traces.watchRooms(rooms) : rooms;
  const erasures = new Erasures({
    store,
    clock: systemClock,
    log: log.child({ part: 'admin' }),
    execute: (execution) => service.execute(execution),
    forget: (jid) => service.forget(jid),
    tell: tellErasure(domain, link),
  });
  const service: Service = createService({
    domain,
    serverDomain: server.domain,
    store,
    link,
    makeRoom,
    clock: systemClock,
    random,
    log: log.child({ part: 'service' }),
    limits: {
      gathered: limits.pendingBytes,
      awake: limits.awakeRooms,
      unreachableMs: limits.unreachableHours * 3600_000,
      // The link tells when a room is below half of it.
      unsentBytes: linkLimits.roomBytes,
      sentBytes: linkLimits.sentBytes,
    },
    budget: {
      rates: live.rates,
      isTrusted: (account) => live.isTrusted(account),
    },
    multicast,
    retention: live.retention,
    wakeForms: () => live.wakeForms,
    auditKept: live.auditKept,
    seen: (from) => seen.note(from),
    info: live.info,
    version,
    adHoc: createAdminCommands({
      domain,
      isServiceAdmin: (jid) => live.env.policy.isServiceAdmin(jid),
      store,
      plugins: () => plugins.states,
      line: link,
      erasures,
      backups,
      execute: (execution) => service.execute(execution),
      clock: systemClock,
      random,
      log: log.child({ part: 'admin' }),
      shutDown: async (by, reason) => {
        await service.shutDown(by, reason);
        end();
      },
    }),
  });
  return { link, service, makeRoom, erasures };
}
