/** How many messages a joiner gets at most (`muc#maxhistoryfetch`; §7.2.13-7.2.14). */
import { inWords } from '../../words';
import { BadValue, type Option, type RoomOptions } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';
import type { RoomLimits } from '../../room/contract/env';

const option: Option<number> = {
  var: 'muc#maxhistoryfetch',
  type: 'text-single',
  label: inWords('labelHistory'),
  initial: 20,
  parse: (values) => {
    const text = values[0] ?? '';
    return /^\d{1,9}$/.test(text) ? Number(text) : new BadValue(inWords('badHistory', { field: 'muc#maxhistoryfetch', value: text }));
  },
  format: (value) => [String(value)],
  validate: { datatype: 'xs:integer', min: '0' },
};

/** The room's own number, within the operator's bound. */
export function historyLimit(options: RoomOptions, limits: RoomLimits): number {
  return Math.min(options.get(option), limits.history);
}

export const history: Feature = {
  name: 'history',
  options: [option],
  info: (room) => [
    {
      var: 'muc#maxhistoryfetch',
      type: 'text-single',
      label: inWords('labelHistory'),
      values: [String(historyLimit(room.options, room.env.policy.limits))],
    },
  ],
};
