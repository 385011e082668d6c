/** Who may change the subject (`muc#roomconfig_changesubject`; §8.1). */
import { stanzaError } from '../xmpp/stanza-error';
import { booleanOption } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';
import { inWords } from '../words';

const option = booleanOption({ var: 'muc#roomconfig_changesubject', label: inWords('labelChangeSubject'), initial: false });

export const subject: Feature = {
  name: 'subject',
  options: [option],
  info: (room) => [
    {
      var: 'muc#roominfo_subject',
      type: 'text-single',
      label: inWords('labelSubject'),
      values: room.subject?.text ? [room.subject.text] : [],
    },
    {
      var: 'muc#roominfo_subjectmod',
      type: 'boolean',
      label: inWords('labelChangeSubject'),
      values: option.format(room.options.get(option)),
    },
    // §6.4 Example 10, and the name that the example had before, which Gajim and others read.
    ...[option.var, 'muc#roominfo_changesubject'].map((name) => ({
      var: name,
      type: 'boolean' as const,
      label: option.label,
      values: option.format(room.options.get(option)),
    })),
  ],
  changeSubject: ({ room, occupant }) => {
    if (occupant.role === 'moderator') return undefined;
    return occupant.role === 'participant' && room.options.get(option) ? undefined : stanzaError('forbidden', inWords('subjectForbidden'));
  },
};
