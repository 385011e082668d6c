/** Rooms that only members may enter (`muc#roomconfig_membersonly`; §7.2.6). */
import { stanzaError } from '../../xmpp/stanza-error';
import { booleanOption, type RoomOptions } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';
import { inWords } from '../../words';
import { registrationFor } from '../registration/registering';

const option = booleanOption({ var: 'muc#roomconfig_membersonly', label: inWords('labelMembersOnly'), initial: false });

export const isMembersOnly = (options: RoomOptions): boolean => options.get(option);

const SENTENCES = { open: 'membersOnlyRegister', waits: 'membersOnlyWaits', closed: 'membersOnly' } as const;

export const membersOnly: Feature = {
  name: 'members-only',
  options: [option],
  disco: (options) => [isMembersOnly(options) ? 'muc_membersonly' : 'muc_open'],
  read: ({ room, affiliation }) =>
    room.facts.membersOnly && affiliation === 'none' ? stanzaError('forbidden', inWords('archiveMembers')) : undefined,
  enter: ({ room, affiliation, jid }) =>
    room.facts.membersOnly && affiliation === 'none'
      ? stanzaError('registration-required', inWords(SENTENCES[registrationFor(room, jid)]))
      : undefined,
};
