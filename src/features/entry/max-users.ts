/** How many people a room takes (`muc#roomconfig_maxusers`; §7.2.9). */
import { stanzaError } from '../../xmpp/stanza-error';
import { BadValue, type Option } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';
import { isAdmin } from '../../room/governing/roles';
import { inWords } from '../../words';

const OFFERED = [10, 20, 30, 50, 100, 200, 500, 1000];

/** null: as many as the service takes. */
const option: Option<number | null> = {
  var: 'muc#roomconfig_maxusers',
  type: 'list-single',
  label: inWords('labelMaxUsers'),
  initial: null,
  parse: (values) => {
    const text = values[0] ?? 'none';
    if (text === 'none' || text === '') return null;
    return /^[1-9]\d{0,8}$/.test(text)
      ? Number(text)
      : new BadValue(inWords('badMaxUsers', { field: 'muc#roomconfig_maxusers', value: text }));
  },
  format: (value) => [value === null ? 'none' : String(value)],
  choices: (value) => {
    const numbers = value === null || OFFERED.includes(value) ? OFFERED : [...OFFERED, value].sort((a, b) => a - b);
    return [
      ...numbers.map((number) => ({ value: String(number), label: String(number) })),
      { value: 'none', label: inWords('choiceNoLimit') },
    ];
  },
  validate: { datatype: 'xs:string', open: true },
};

export const maxUsers: Feature = {
  name: 'max-users',
  options: [option],
  info: ({ occupants }) => [
    { var: 'muc#roominfo_occupants', type: 'text-single', label: inWords('labelOccupants'), values: [String(occupants.count)] },
  ],
  enter: ({ room, affiliation, joinsOwnOccupant, policy }) => {
    // §7.2.9: admins and owners always get in; another session of somebody present is nobody more.
    if (joinsOwnOccupant || isAdmin(affiliation)) return undefined;
    const max = Math.min(room.options.get(option) ?? Infinity, policy.limits.occupants);
    return room.occupants.count >= max ? stanzaError('service-unavailable', inWords('full', { max }), { type: 'wait' }) : undefined;
  },
};
