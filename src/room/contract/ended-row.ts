/** What is left of a room's row when the room is over, or has gone to another name. */
import type { Millis, RoomRow } from './rows';

/** What is remembered of a room that is over (§10.9), and until when. */
export interface Remains {
  readonly json: string;
  readonly until: Millis;
}

/** What changes in the row of a room that ends. `seq`: of its latest message; `null`: nothing is remembered. */
export function endedRow(seq: number, remains: Remains | null): Partial<RoomRow> {
  return {
    state: 'destroyed',
    listed: false,
    channel: null,
    options: '{}',
    name: '',
    subject: null,
    deadline: remains?.until ?? null,
    tombstone: remains?.json ?? null,
    keepDays: null,
    keepMessages: null,
    archiveFrom: seq,
  };
}

/** The row of the old name of a room that is called otherwise from `at` on. `secret`: a new one, since seals and ids of the one mean nothing to the other. */
export function formerRow(row: RoomRow, ended: Partial<RoomRow>, secret: string, at: Millis): RoomRow {
  const left: { -readonly [Name in keyof RoomRow]: RoomRow[Name] } = { ...row, ...ended, secret, createdAt: at };
  // Nor do ids that it has from elsewhere.
  delete left.idScheme;
  delete left.idSalt;
  return left;
}
