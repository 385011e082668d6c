/** Warnings: moderators tell somebody what to leave, and see for a while who was warned of what. Who is not there is told when they come. */
import { formatDateTime } from '../../xmpp/dates';
import { accountKey, type BareJid } from '../../xmpp/fold';
import { storedBare } from '../../xmpp/jid';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords, type Sentence } from '../../words';
import { audit } from '../../room/audit';
import { namedBy } from '../../room/contract/audit';
import type { Feature, Order } from '../../room/contract/feature';
import { endFrom, endRefusal, withEnd } from '../../room/governing/ends';
import { keptReason } from '../../room/governing/reasons';
import { isAdmin } from '../../room/governing/roles';
import { Spells, type Spell } from './spells';
import { byNameOf, tellThem, whomTo } from './who';

const MAX = 1_000;
const DAY_MS = 86_400_000;
/** How long it stands where nobody says, in days. */
const DAYS = 30;

interface Warning extends Spell {
  readonly by: BareJid | null;
  /** Who did it and has no address (`namedBy`). Rows of before there was one have none. */
  readonly byName?: string | null;
  readonly reason: string;
  /** They have been told. */
  readonly told: boolean;
}

const whoseIs = (key: string): BareJid => storedBare(key.slice(0, key.indexOf(' ')));

/** By bare JID and the time, so that one account may have several. */
const warnings = new Spells<Warning, string>(
  {
    name: 'warnings',
    says: 'who was warned by a moderator, when, by whom and of what',
    key: ['jid', 'plain'],
    value: {
      members: { since: 'time', until: 'time', by: 'jid', byName: 'text', reason: 'text', told: 'flag' },
      optional: ['until', 'by', 'byName'],
    },
    travels: ['room', 'person'],
    erasing: 'forgets',
    folding: { latest: { member: 'since' } },
    most: MAX,
    lifetime: { until: 'its end' },
  },
  (key) => accountKey(whoseIs(key)),
);

const warningText = ({ until, reason }: Warning): Sentence => inWords('warned', { reason, time: formatDateTime(until ?? 0) });

/** Tells somebody, or has them told when they come. Returns the refusal, if any. */
export function warn({ room, turn, command, actor }: Order<'warn'>): StanzaError | undefined {
  const whom = whomTo(room, actor, command.target);
  if ('condition' in whom) return whom;
  if (command.reason.trim() === '') return stanzaError('bad-request', inWords('warningReason'));
  const end = command.until === undefined && command.for === undefined ? { for: DAYS * DAY_MS } : command;
  const refusal = endRefusal(end, turn.stamp);
  if (refusal) return refusal;
  const { jid, occupant } = whom;
  const until = endFrom(end, turn.stamp);
  const row: Warning = {
    since: turn.stamp,
    until,
    by: actor.jid,
    byName: namedBy(actor.by),
    reason: keptReason(command.reason),
    told: occupant !== undefined,
  };
  let number = turn.stamp;
  while (warnings.rows.get(room, `${jid} ${number}`)) number += 1;
  warnings.rows.keep(room, turn, `${jid} ${number}`, row);
  audit(room, turn, actor, 'warn', [{ object: jid, after: withEnd('warned', until), reason: row.reason }]);
  if (occupant) tellThem(room, turn, occupant, warningText(row));
  return undefined;
}

/** Takes back all that somebody was warned of. Returns the refusal, if any. */
export function unwarn({ room, turn, command, actor }: Order<'unwarn'>): StanzaError | undefined {
  const whom = whomTo(room, actor, command.target);
  if ('condition' in whom) return whom;
  const keys = [...warnings.rows.keysIn(room, accountKey(whom.jid))];
  if (keys.length === 0) return stanzaError('item-not-found', inWords('notWarned'));
  for (const key of keys) warnings.rows.set(room, turn, key, null);
  audit(room, turn, actor, 'unwarn', [{ object: whom.jid, before: 'warned' }]);
  return undefined;
}

export const warning: Feature = {
  name: 'warnings',
  rows: [warnings.rows.declaration],
  commands: { warn, unwarn },
  entered: (room, turn, occupant) => {
    for (const key of warnings.rows.keysIn(room, accountKey(occupant.jid))) {
      const row = warnings.rows.get(room, key);
      if (!row || row.told) continue;
      warnings.rows.set(room, turn, key, { ...row, told: true });
      tellThem(room, turn, occupant, warningText(row));
    }
  },
  lapse: (room, turn) => {
    for (const [key] of warnings.endsAt(room, turn, turn.stamp)) warnings.rows.set(room, turn, key, null);
  },
  deadline: (room) => warnings.first(room),
  limits: (room, actor) =>
    actor.role !== 'moderator' && !isAdmin(actor.affiliation)
      ? []
      : warnings.holding(room).map(([key, { since, until, by, byName, reason }]) => ({
          kind: 'warning' as const,
          ...{ jid: whoseIs(key), since, until, by, byName: byNameOf({ by, byName }), reason },
        })),
};
