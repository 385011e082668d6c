/** Whether requests to occupants are passed on to their clients (§17.4); vCards and avatars always are. */
import { inWords } from '../words';
import { booleanOption, type RoomOptions } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';

const option = booleanOption({
  var: 'muc#roomconfig_allowqueryusers',
  label: inWords('labelRequests'),
  initial: true,
});

export const passesRequestsOn = (options: RoomOptions): boolean => options.get(option);

export const requests: Feature = { name: 'requests', options: [option] };
