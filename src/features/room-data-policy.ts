/** What happens to people's data in this room (XEP-0504): the operator's statement, with what this room keeps. */
import { dataPolicyForm, roomHours, type DataPolicy } from './data-policy';
import type { Feature } from '../room/contract/feature';
import type { Retention } from '../room/configuring/retention';

export function dataPolicyFeature(policy: DataPolicy, retention: Retention): Feature {
  return {
    name: 'data-policy',
    forms: ({ row, facts, seq }, language) => {
      if (!row) return [];
      const keepsNothing = !facts.archived && seq <= row.archiveFrom;
      return [dataPolicyForm(policy, keepsNothing ? '0' : roomHours(row, retention), language)];
    },
  };
}
