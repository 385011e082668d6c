/** Who may send private messages (`muc#roomconfig_allowpm`; §7.5). */
import { stanzaError } from '../xmpp/stanza-error';
import { choiceOption } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';
import { say } from '../words';

const option = choiceOption({
  var: 'muc#roomconfig_allowpm',
  label: say('labelPrivateMessages'),
  initial: 'anyone',
  choices: [
    { value: 'anyone', label: say('choiceAnyone') },
    { value: 'participants', label: say('choiceAnyoneWithVoice') },
    { value: 'moderators', label: say('choiceModeratorsOnly') },
    { value: 'none', label: say('choiceNobody') },
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
    return may ? undefined : stanzaError('forbidden', say('pmForbidden'));
  },
};
