/** Making a room for somebody, by administrators of the service. */
import { presetField, PRESET_FIELD } from '../room/configuring/presets';
import { administrator } from '../room/contract/audit';
import type { Execute } from '../room/contract/commands';
import { inWords } from '../words';
import { prepareBareJid } from '../xmpp/prepare';
import { short } from '../xmpp/short';
import type { AdHocCommand } from './ad-hoc';
import { address, form, note, OWN, writtenRoom } from './own-forms';

export interface CreatingOptions {
  /** The component's domain. */
  readonly domain: string;
  readonly execute: Execute;
}

/** The command. The room is configured and open at once: its kind is a preset, the rest as the operator has it by default. */
export function creating({ domain, execute }: CreatingOptions): AdHocCommand {
  return {
    node: `${OWN}#create-room`,
    name: inWords('createTitle'),
    form: form('createTitle', 'createInstructions', [
      address('room', 'purgeRoom'),
      address('owner', 'createOwner'),
      { var: 'name', type: 'text-single', label: inWords('labelName'), values: [] },
      presetField(),
    ]),
    async run(answers, asker) {
      const text = (field: string): string => (answers.get(field)?.[0] ?? '').trim();
      const room = writtenRoom(text('room'), domain);
      if (typeof room !== 'string') return room;
      const owner = prepareBareJid(text('owner'));
      if (owner === undefined || !owner.includes('@')) return note('error', 'itemJid', { jid: short(text('owner')) });
      const values = new Map([
        [PRESET_FIELD, answers.get(PRESET_FIELD) ?? []],
        ['muc#roomconfig_roomname', [text('name')]],
      ]);
      const outcome = await execute({ actor: administrator(asker), room, command: { name: 'create', owner, values } });
      return outcome.ok ? note('info', 'roomMade', { room }) : { note: { type: 'error', text: outcome.error.text } };
    },
  };
}
