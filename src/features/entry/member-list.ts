/** Who may read the lists of members, admins and owners where JIDs are no secret (`muc#roomconfig_getmemberlist`; §7.11, §9.5). */
import { inWords } from '../../words';
import { NS } from '../../xmpp/ns';
import { choicesOption, type RoomOptions } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';
import type { Role } from '../../room/governing/roles';

const option = choicesOption({
  var: 'muc#roomconfig_getmemberlist',
  label: inWords('labelMemberList'),
  initial: ['moderator', 'participant', 'visitor'],
  choices: [
    { value: 'moderator', label: inWords('choiceModerators') },
    { value: 'participant', label: inWords('choiceParticipants') },
    { value: 'visitor', label: inWords('choiceVisitors') },
  ],
});

export const listReaders = (options: RoomOptions): ReadonlySet<Role> => new Set(options.get(option));

export const memberList: Feature = {
  name: 'member-list',
  options: [option],
  // Lists are given out by pages (docs/extensions.md).
  disco: () => [NS.lists],
};
