/** Whether what is said is kept, and so can be shown to those who enter (`muc#roomconfig_enablearchiving`). */
import { inWords } from '../../words';
import { booleanOption, type RoomOptions } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';

const option = booleanOption({ var: 'muc#roomconfig_enablearchiving', label: inWords('labelArchiving'), initial: true });

export const isArchived = (options: RoomOptions): boolean => options.get(option);

export const archive: Feature = { name: 'archive', options: [option] };
