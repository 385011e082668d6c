/** Renaming a room, by administrators of the service. */
import { administrator } from '../room/contract/audit';
import type { Execute } from '../room/contract/commands';
import { inWords } from '../words';
import type { AdHocCommand } from './ad-hoc';
import { address, form, note, OWN, writtenRoom } from './own-forms';

export interface RenamingOptions {
  /** The component's domain. */
  readonly domain: string;
  readonly execute: Execute;
}

/** The command. Whoever runs rooms logs that it was done. */
export function renaming({ domain, execute }: RenamingOptions): AdHocCommand {
  return {
    node: `${OWN}#rename-room`,
    name: inWords('renameTitle'),
    form: form('renameTitle', 'renameInstructions', [
      address('room', 'purgeRoom'),
      address('to', 'renameTo'),
      { var: 'reason', type: 'text-single', label: inWords('purgeReason'), values: [] },
    ]),
    async run(answers, asker) {
      const text = (field: string): string => (answers.get(field)?.[0] ?? '').trim();
      const room = writtenRoom(text('room'), domain);
      if (typeof room !== 'string') return room;
      const to = writtenRoom(text('to'), domain);
      if (typeof to !== 'string') return to;
      const reason = text('reason');
      const command = { name: 'rename', to, ...(reason === '' ? {} : { reason }) } as const;
      const outcome = await execute({ actor: administrator(asker), room, command });
      return outcome.ok
        ? note('info', 'roomRenamed', { former: room, present: to })
        : { note: { type: 'error', text: outcome.error.text } };
    },
  };
}
