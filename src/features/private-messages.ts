/** Who may send private messages (`muc#roomconfig_allowpm`; §7.5). */
import { stanzaError } from '../xmpp/stanza-error';
import { choiceOption } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';
import { inWords } from '../words';

const option = choiceOption({
  var: 'muc#roomconfig_allowpm',
  label: inWords('labelPrivateMessages'),
  initial: 'anyone',
  choices: [
    { value: 'anyone', label: inWords('choiceAnyone') },
    { value: 'participants', label: inWords('choiceAnyoneWithVoice') },
    { value: 'moderators', label: inWords('choiceModeratorsOnly') },
    { value: 'none', label: inWords('choiceNobody') },
  ],
});

export const privateMessages: Feature = {
  name: 'private-messages',
  options: [option],
  // Read by clients (Conversations) before they offer private messages.
  info: ({ options }) => [{ var: option.var, type: 'list-single', label: option.label, values: option.format(options.get(option)) }],
  whisper: ({ room, occupant }) => {
    const allowed = room.options.get(option);
    const may =
      allowed === 'anyone' ||
      (allowed === 'participants' && occupant.role !== 'visitor') ||
      (allowed === 'moderators' && occupant.role === 'moderator');
    return may ? undefined : stanzaError('forbidden', inWords('pmForbidden'));
  },
};
