/** Who sees real JIDs (`muc#roomconfig_whois`; §4.2, §7.2.3-7.2.4, §10.2.1). */
import { inWords } from '../words';
import { choiceOption, type RoomOptions } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';
import { STATUS } from '../room/occupants/status';

const option = choiceOption({
  var: 'muc#roomconfig_whois',
  label: inWords('labelWhois'),
  initial: 'moderators',
  choices: [
    { value: 'moderators', label: inWords('choiceModeratorsOnly') },
    { value: 'anyone', label: inWords('choiceAnyone') },
  ],
});

/** Non-anonymous: everybody sees them. Else semi-anonymous. */
export const isNonAnonymous = (options: RoomOptions): boolean => options.get(option) === 'anyone';

export const whois: Feature = {
  name: 'whois',
  options: [option],
  disco: (options) => [isNonAnonymous(options) ? 'muc_nonanonymous' : 'muc_semianonymous'],
  entryCodes: (options) => (isNonAnonymous(options) ? [STATUS.realJidPublic] : []),
  configured: (_before, after) => [isNonAnonymous(after) ? STATUS.nonAnonymous : STATUS.semiAnonymous],
};
