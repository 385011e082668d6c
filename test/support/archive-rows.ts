/** What changes of archived messages and of stays do to rows in memory. */
import type { Change, MessageRow } from '../../src/room/rows';
import type { Stay } from './archive-page';

type Retraction = Extract<Change, { table: 'retraction' }>;
type StayChange = Extract<Change, { table: 'stay' }>;

export function retracted(row: MessageRow, { payload, person }: Retraction): MessageRow {
  return person === 'kept' ? { ...row, payload } : { ...row, payload, sender: null, nick: null, clientId: null };
}

export function withStay(stays: readonly Stay[], { jid, event, seq }: StayChange): Stay[] {
  if (event === 'forgotten') return stays.filter((stay) => stay.jid !== jid);
  const open = stays.find((stay) => stay.jid === jid && stay.end === null);
  if (event === 'ends') return stays.map((stay) => (stay === open ? { ...stay, end: seq } : stay));
  if (open) return [...stays];
  return [...stays.filter((stay) => stay.jid !== jid || stay.begin !== seq), { jid, begin: seq, end: null }];
}
