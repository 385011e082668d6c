/** Whether clients are told what has changed in the lists of affiliations (`{urn:parlour:room}listversions`; XEP-0463). Off by default: docs/extensions.md says why. */
import { NS } from '../xmpp/ns';
import { inWords } from '../words';
import { booleanOption, type RoomOptions } from '../room/contract/options';
import type { Feature } from '../room/contract/feature';
import { forgetVersions, hasVersions, listVersionRows } from '../room/governing/list-versions';

const option = booleanOption({ var: '{urn:parlour:room}listversions', label: inWords('labelListVersions'), initial: false });

export const areListsVersioned = (options: RoomOptions): boolean => options.get(option);

export const listVersions: Feature = {
  name: 'list-versions',
  options: [option],
  rows: [listVersionRows],
  disco: (_options, room) => (hasVersions(room) ? [NS.listVersions] : []),
  reconfigured: (room, turn) => {
    // What changes while nobody is told is in no version.
    if (!room.facts.listVersions) forgetVersions(room, turn);
  },
};
