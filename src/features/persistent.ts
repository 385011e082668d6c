/** Whether a room outlives its last occupant (`muc#roomconfig_persistentroom`; §4.2, §7.14). */
import { inWords } from '../words';
import { booleanOption, type RoomOptions } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';

const option = booleanOption({ var: 'muc#roomconfig_persistentroom', label: inWords('labelPersistent'), initial: false });

export const isPersistent = (options: RoomOptions): boolean => options.get(option);

export const persistent: Feature = {
  name: 'persistent',
  options: [option],
  disco: (options) => [isPersistent(options) ? 'muc_persistent' : 'muc_temporary'],
};
