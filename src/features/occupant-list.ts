/** Whether strangers see who is in the room by asking for its items (§6.5; private unless the operator or owner says otherwise). */
import { inWords } from '../words';
import { booleanOption, type RoomOptions } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';

const option = booleanOption({ var: 'muc#roomconfig_publiclist', label: inWords('labelPublicList'), initial: false });

export const isOccupantListPublic = (options: RoomOptions): boolean => options.get(option);

export const occupantList: Feature = { name: 'occupant-list', options: [option] };
