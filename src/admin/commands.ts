/** The commands that administrators of the service have, in the order in which clients list them. */
import type { BareJid, Domain } from '../xmpp/fold';
import type { Execute } from '../room/contract/commands';
import type { Random } from '../room/contract/env';
import type { AdHoc } from '../service/answers/ad-hoc';
import type { Clock } from '../service/clock';
import type { Log } from '../log';
import type { Directory } from '../store/directory';
import { createAdHoc } from './ad-hoc';
import { auditing } from './audit';
import { backingUp, type BackingUp } from './backing-up';
import type { By } from '../room/contract/audit';
import { announcement, Announcer, type Line } from './announce';
import { banningAndRetracting } from './ban-and-retract';
import { erasing } from './erasing';
import type { Erasures } from './erasures';
import { creating } from './creating';
import { counts, peopleCount, peopleList, type PluginNumbers } from './numbers';
import { renaming } from './renaming';
import { shuttingDown } from './shut-down';

export interface AdminOptions {
  /** The component's domain. */
  readonly domain: Domain;
  readonly isServiceAdmin: (bareJid: BareJid) => boolean;
  readonly store: Pick<Directory, 'audit' | 'counts' | 'hasRoom' | 'people' | 'sessionsAfter'>;
  readonly line: Line;
  readonly erasures: Erasures;
  readonly execute: Execute;
  readonly backups: BackingUp;
  /** How the plug-ins do; without it there are none. */
  readonly plugins?: () => readonly PluginNumbers[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Tells everybody in every room that this is the end, and ends the program. */
  readonly shutDown: (by: By, reason: string | undefined) => Promise<void>;
}

/** Ad-hoc commands at the service, for its administrators only. */
export function createAdminCommands(options: AdminOptions): AdHoc {
  const { domain, store, clock, random, log, shutDown } = options;
  const announcer = new Announcer(options);
  return createAdHoc({
    commands: [
      peopleCount(store),
      peopleList(store),
      counts(store, options.plugins ?? (() => [])),
      auditing({ domain, store, clock }),
      announcement(announcer),
      banningAndRetracting(options),
      creating(options),
      renaming(options),
      ...erasing(options),
      ...backingUp(options),
      shuttingDown({ announcer, clock, log, shutDown }),
    ],
    mayRun: options.isServiceAdmin,
    clock,
    random,
  });
}
