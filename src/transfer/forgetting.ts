/** Forgets an account that was deleted in every room that knows it, awake or asleep. */
import type { By } from '../room/contract/audit';
import type { Execute } from '../room/contract/commands';
import type { Log } from '../log';
import type { Directory } from '../store/directory';
import type { BareJid } from '../xmpp/fold';
import type { Forgotten } from './contract';
import { knowing } from './export-person';

/** How often a room that refuses is asked. */
const ATTEMPTS = 3;

export interface ForgettingOptions {
  readonly store: Pick<Directory, 'roomsKnowing'>;
  readonly execute: Execute;
  /** Forgets what the service knows of an account beside rooms. */
  readonly forgetAccount: (jid: BareJid) => void;
  readonly log: Log;
}

/** One room after another, so that others have their turns. Throws StoreFailed. */
export async function forget({ store, execute, forgetAccount, log }: ForgettingOptions, jid: BareJid, by: By): Promise<Forgotten> {
  let [rooms, failed] = [0, 0];
  for await (const room of knowing(store, jid)) {
    rooms++;
    for (let attempt = 1; ; attempt++) {
      const outcome = await execute({ actor: by, room, command: { name: 'forget', jid } });
      if (outcome.ok) break;
      if (outcome.error.type === 'wait' && attempt < ATTEMPTS) continue;
      failed++;
      log.error(
        { event: 'account.forget-failed', jid, room, reason: String(outcome.error.text) },
        'an account that was deleted could not be forgotten in a room',
      );
      break;
    }
  }
  forgetAccount(jid);
  log.info({ event: 'account.forgotten', jid, rooms, failed, by: by.name }, 'an account that was deleted was forgotten');
  return { rooms, failed };
}
