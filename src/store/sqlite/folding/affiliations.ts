/** Which affiliation an account has that a room knew in several spellings. Pure. */
import { foldBare } from '../../../xmpp/fold';
import type { Affiliation } from '../../../room/governing/roles';

/** A row of the table `affiliation`, apart from its room. */
export interface Listed {
  readonly jid: string;
  readonly affiliation: Exclude<Affiliation, 'none'>;
  readonly nick: string | null;
  readonly reason: string | null;
  readonly set_by: string | null;
  readonly set_by_name: string | null;
  readonly set_at: number;
  readonly expires_at: number | null;
  readonly afterwards: string | null;
}

/** Where neither act is the later one: a ban outranks membership, and never those who run the room. */
const RANK = { owner: 3, admin: 2, outcast: 1, member: 0 };

export interface Merged {
  readonly rows: readonly Listed[];
  /** What the operator is told by name. */
  readonly told: readonly string[];
}

/** The room's list with one row for each account, under its folded address. `room` is named in what is told. */
export function mergeAffiliations(room: string, rows: readonly Listed[]): Merged {
  const accounts = new Map<string, Listed[]>();
  for (const row of rows) accounts.set(foldBare(row.jid), [...(accounts.get(foldBare(row.jid)) ?? []), row]);
  const told: string[] = [];
  const merged = new Map<string, Listed>();
  for (const [jid, same] of accounts) merged.set(jid, winnerOf(room, jid, same, told));

  const owners = rows.filter(({ affiliation }) => affiliation === 'owner');
  if (owners.length > 0 && ![...merged.values()].some(({ affiliation }) => affiliation === 'owner')) {
    const last = owners.reduce((one, other) => (other.set_at > one.set_at ? other : one));
    const jid = foldBare(last.jid);
    merged.set(jid, { ...(merged.get(jid) as Listed), affiliation: 'owner', reason: null, expires_at: null, afterwards: null });
    told.push(`${room}: ${jid} stays owner, since the room would have none.`);
  }
  return { rows: [...merged.values()], told };
}

/** The row of one account: that of the later act, or the higher if one of them has no time (0), with a nickname that another had. */
function winnerOf(room: string, jid: string, same: readonly Listed[], told: string[]): Listed {
  const timed = same.every(({ set_at }) => set_at > 0);
  const [winner, ...others] = [...same].sort((a, b) => (timed ? b.set_at - a.set_at : 0) || RANK[b.affiliation] - RANK[a.affiliation]) as [
    Listed,
    ...Listed[],
  ];
  const folded = { ...winner, jid, set_by: winner.set_by === null ? null : foldBare(winner.set_by) };
  if (others.length === 0) return folded;
  const all = [winner, ...others];
  const kinds = new Set(all.map(({ affiliation }) => affiliation));
  told.push(
    `${room}: ${all.map((row) => `${row.jid} (${row.affiliation})`).join(' and ')} are one account, ${winner.affiliation} from now on.`,
  );
  if (kinds.has('outcast') && (kinds.has('owner') || kinds.has('admin'))) {
    told.push(
      `${room}: ${jid} was banned in one spelling and ran the room in another. Look whether ${winner.affiliation} is what was meant.`,
    );
  }
  // A banned account reserves nothing.
  const nick = winner.affiliation === 'outcast' ? winner.nick : (all.find((row) => row.nick !== null)?.nick ?? null);
  return { ...folded, nick };
}
