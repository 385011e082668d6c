/** Whether people find the room by searching (`{urn:parlour:room}search`; XEP-0433, XEP-0055): only where the owner wants it, and only a public room. */
import { inWords } from '../words';
import { booleanOption, type RoomOptions } from '../room/contract/options';
import type { Channel } from '../room/contract/channel';
import type { Feature } from '../room/contract/feature';
import { cutBytes } from '../room/governing/reasons';

const option = booleanOption({ var: '{urn:parlour:room}search', label: inWords('labelSearchable'), initial: false });

/** Bytes of a description that searches look through and show: the operator may let it be 65,536 characters, and a search looks at thousands of rooms. */
const MAX_DESCRIPTION_BYTES = 4_000;

/** What search shows of a room of these options, as JSON; null: it is not to be found. `shown` is asked only if it is. */
export const channelOf = (options: RoomOptions, shown: () => Channel): string | null =>
  options.get(option) ? JSON.stringify(bounded(shown())) : null;

const bounded = (channel: Channel): Channel => ({ ...channel, description: cutBytes(channel.description, MAX_DESCRIPTION_BYTES) });

export const search: Feature = { name: 'search', options: [option] };
