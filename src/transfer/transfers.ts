/** Puts export, import and forgetting together for a running service. */
import type { Execute } from '../room/contract/commands';
import type { FeatureSet } from '../room/contract/feature-set';
import type { Log } from '../log';
import type { Clock } from '../service/clock';
import type { MakeRoom } from '../service/life/loader';
import type { Service } from '../service/contract';
import type { Store } from '../store/store';
import { isRoomOf } from '../xmpp/jid';
import type { Domain } from '../xmpp/fold';
import type { Random } from '../room/contract/env';
import type { Transfers } from './contract';
import { exportPerson } from './export-person';
import { exportRoom } from './export-room';
import { forget } from './forgetting';
import type { ImportLimits } from './import-limits';
import { importRoom } from './import-room';

export interface TransferOptions {
  /** The component's domain. */
  readonly domain: Domain;
  readonly store: Store;
  readonly features: Pick<FeatureSet, 'rows'>;
  readonly makeRoom: MakeRoom;
  readonly arrive: Service['arrive'];
  readonly execute: Execute;
  /** Forgets what the service knows of an account beside rooms. */
  readonly forgetAccount: Service['forget'];
  readonly clock: Clock;
  /** Read at each import: they may change while the service runs. */
  readonly limits: ImportLimits;
  readonly random: Random;
  readonly log: Log;
}

/** Everything is read and written beside the rooms that run. */
export function createTransfers(options: TransferOptions): Transfers {
  const { domain, store, features, makeRoom, arrive, clock, random, log } = options;
  const declared = features.rows;
  return {
    exportRoom: (room) => exportRoom(store, declared, room, clock.now()),
    async importRoom(document, where) {
      const outcome = await importRoom(
        {
          store,
          declared,
          domain,
          isHere: (room) => isRoomOf(room, domain),
          tryOut: makeRoom,
          arrive,
          limits: options.limits,
          random,
          now: () => clock.now(),
        },
        document,
        where,
      );
      if (outcome.ok)
        log.info(
          { event: 'room.imported', room: outcome.room, messages: outcome.messages, left: outcome.left, by: where.by.name },
          'a room was brought along',
        );
      return outcome;
    },
    exportPerson: (jid) => exportPerson(store, declared, jid, clock.now()),
    forget: (jid, by) => forget(options, jid, by),
  };
}
