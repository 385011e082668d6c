/** Rooms in which only those with voice may speak (`muc#roomconfig_moderatedroom`; §4.2, §7.4). */
import { stanzaError } from '../../xmpp/stanza-error';
import { booleanOption, type RoomOptions } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';
import { inWords } from '../../words';
import { silencesNewcomers } from '../restraints/newcomers';
import { holdsMessages } from './message-approval';

const option = booleanOption({ var: 'muc#roomconfig_moderatedroom', label: inWords('labelModerated'), initial: false });

export const isModerated = (options: RoomOptions): boolean => options.get(option);

export const moderated: Feature = {
  name: 'moderated',
  options: [option],
  disco: (options) => [isModerated(options) || silencesNewcomers(options) ? 'muc_moderated' : 'muc_unmoderated'],
  // Voice can be revoked in an unmoderated room too: a visitor has none in any room (§8.4). Held messages are looked at elsewhere.
  speak: ({ room, occupant }) =>
    occupant.role === 'visitor' && !(isModerated(room.options) && holdsMessages(room.options))
      ? stanzaError('forbidden', inWords('noVoice'))
      : undefined,
};
