/** Retracting a person's latest messages in a room, and banning the person, by administrators of the service. */
import { purgeFields, purgeNote, readPurge } from '../features/retraction/purge-form';
import { PURGE } from '../features/retraction/purge-command';
import { administrator } from '../room/contract/audit';
import type { Execute } from '../room/contract/commands';
import type { Clock } from '../service/clock';
import type { Log } from '../log';
import { inWords, type Text } from '../words';
import type { AdHocCommand, Outcome } from './ad-hoc';
import { writtenRoom } from './own-forms';

/** How long the asker waits for the result; clients give up an IQ after about half a minute. */
const PATIENCE_MS = 10_000;

export interface PurgingOptions {
  /** The component's domain. */
  readonly domain: string;
  readonly execute: Execute;
  readonly clock: Clock;
  readonly log: Log;
}

const failed = (text: Text): Outcome => ({ note: { type: 'error', text } });

/** The command. */
export function banningAndRetracting({ domain, execute, clock, log }: PurgingOptions): AdHocCommand {
  return {
    node: PURGE,
    name: inWords('purgeTitle'),
    form: {
      type: 'form',
      formType: PURGE,
      title: inWords('purgeTitle'),
      instructions: inWords('purgeInstructions'),
      fields: [{ var: 'room', type: 'jid-single', label: inWords('purgeRoom'), required: true, values: [] }, ...purgeFields(true)],
    },
    run: async (answers, asker) => {
      const room = writtenRoom(answers.get('room')?.[0], domain);
      if (typeof room !== 'string') return room;
      const purge = readPurge(answers, room);
      if ('problem' in purge) return failed(purge.problem);
      log.info({ event: 'room.retracting', room, by: asker, minutes: purge.minutes, ban: purge.ban }, 'messages are being retracted');
      let cancel = (): void => undefined;
      const late = new Promise<'late'>((resolve) => {
        cancel = clock.after(PATIENCE_MS, () => {
          resolve('late');
        });
      });
      const outcome = await Promise.race([
        execute({ actor: administrator(asker), room, command: { name: 'ban-and-retract', ...purge } }),
        late,
      ]).finally(() => {
        cancel();
      });
      if (outcome === 'late') return { note: { type: 'info', text: inWords('purging') } };
      return outcome.ok ? { note: { type: 'info', text: purgeNote(purge, outcome.retracted ?? 0) } } : failed(outcome.error.text);
    },
  };
}
