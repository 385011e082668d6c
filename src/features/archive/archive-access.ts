/** Who may read older messages: everyone who may enter, affiliated people, or everyone but only those from while they belonged. */
import { choiceOption, type RoomOptions } from '../../room/contract/options';
import { isAffiliated, keptStays, noteStay } from '../../room/occupants/stays';
import type { Facts } from '../../room/contract/facts';
import type { Feature } from '../../room/contract/feature';
import { stanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';

const option = choiceOption({
  var: '{urn:parlour:room}archiveaccess',
  label: inWords('labelArchiveAccess'),
  initial: 'entrants',
  choices: [
    { value: 'entrants', label: inWords('choiceEntrants') },
    { value: 'members', label: inWords('choiceBelonging') },
    { value: 'stays', label: inWords('choiceStays') },
  ],
});

export const archiveAccessOf = (options: RoomOptions): Facts['archiveAccess'] => options.get(option);

export const archiveAccess: Feature = {
  name: 'archive-access',
  rows: [keptStays],
  options: [option],
  info: ({ options }) => [{ var: option.var, type: 'list-single', label: option.label, values: [options.get(option)] }],
  read: ({ room, affiliation }) =>
    room.facts.archiveAccess === 'members' && affiliation === 'none' ? stanzaError('forbidden', inWords('archiveMembers')) : undefined,
  // Affiliated people belonged before they entered, and belong after they left.
  entered: (room, turn, { jid }) => {
    if (!isAffiliated(room, jid)) noteStay(room, turn, jid);
  },
  left: (room, turn, { jid }) => {
    if (!isAffiliated(room, jid)) noteStay(room, turn, jid);
  },
  affiliated: ({ room, turn, jid }) => {
    noteStay(room, turn, jid);
  },
};
