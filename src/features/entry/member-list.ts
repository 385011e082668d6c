/** Who may read the lists of members, admins and owners where JIDs are no secret (`muc#roomconfig_getmemberlist`; §7.11, §9.5). */
import { NS } from '../../xmpp/ns';
import { choicesOption, type RoomOptions } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';
import type { Role } from '../../room/governing/roles';

const option = choicesOption({
  var: 'muc#roomconfig_getmemberlist',
  label: 'Roles that may read the list of members, if the room is non-anonymous',
  initial: ['moderator', 'participant', 'visitor'],
  choices: [
    { value: 'moderator', label: 'Moderators' },
    { value: 'participant', label: 'Participants' },
    { value: 'visitor', label: 'Visitors' },
  ],
});

export const listReaders = (options: RoomOptions): ReadonlySet<Role> => new Set(options.get(option));

export const memberList: Feature = {
  name: 'member-list',
  options: [option],
  // Lists are given out by pages (docs/extensions.md).
  disco: () => [NS.lists],
};
