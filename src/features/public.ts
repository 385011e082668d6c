/** Whether the service's room list shows a room (`muc#roomconfig_publicroom`; §4.2, §6.3). */
import { inWords } from '../words';
import { booleanOption, type RoomOptions } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';

const option = booleanOption({ var: 'muc#roomconfig_publicroom', label: inWords('labelPublic'), initial: true });

export const isPublic = (options: RoomOptions): boolean => options.get(option);

export const publicRoom: Feature = {
  name: 'public',
  options: [option],
  disco: (options) => [isPublic(options) ? 'muc_public' : 'muc_hidden'],
};
