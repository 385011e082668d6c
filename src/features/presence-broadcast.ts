/** Whose presence the others see (`muc#roomconfig_presencebroadcast`; §7.2.2), and whether absent affiliated people are shown (102, 103). */
import { inWords } from '../words';
import { choicesOption, type RoomOptions } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';
import type { Role } from '../room/governing/roles';
import { STATUS } from '../room/occupants/status';

const option = choicesOption({
  var: 'muc#roomconfig_presencebroadcast',
  label: inWords('labelBroadcast'),
  initial: ['moderator', 'participant', 'visitor'],
  choices: [
    { value: 'moderator', label: inWords('choiceModerators') },
    { value: 'participant', label: inWords('choiceParticipants') },
    { value: 'visitor', label: inWords('choiceVisitors') },
    { value: 'none', label: inWords('choiceAbsent') },
  ],
});

/** The roles that are seen. */
export const broadcastRoles = (options: RoomOptions): ReadonlySet<Role> =>
  new Set(options.get(option).filter((role): role is Exclude<typeof role, 'none'> => role !== 'none'));

export const showsAbsent = (options: RoomOptions): boolean => options.get(option).includes('none');

export const presenceBroadcast: Feature = {
  name: 'presence-broadcast',
  options: [option],
  configured: (before, after) => {
    const roles = (options: Parameters<typeof broadcastRoles>[0]): string => [...broadcastRoles(options)].join();
    const other = roles(before) === roles(after) ? [] : [STATUS.configurationChanged];
    return showsAbsent(before) === showsAbsent(after) ? other : [...other, showsAbsent(after) ? STATUS.absentShown : STATUS.absentNotShown];
  },
};
