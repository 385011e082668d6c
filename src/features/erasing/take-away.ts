/** What rooms keep of an account by themselves, beside its messages, is taken away as it is declared: by erasing a person, and by forgetting an account. */
import { inWords, type Key } from '../../words';
import type { BareJid } from '../../xmpp/fold';
import { setAffiliations } from '../../room/governing/affiliations';
import { forgetVersions } from '../../room/governing/list-versions';
import type { Actor } from '../../room/governing/rights';
import { namesPerson, type Named } from '../../room/contract/declared-rows';
import { emptiesAny, leftOf, type Leave } from './own-leaving';
import { OWN_ROWS, type RowKind } from '../../room/contract/own-rows';
import { remove } from '../../room/occupants/leave';
import { STATUS } from '../../room/occupants/status';
import type { AffiliationRow, OccupantId } from '../../room/contract/rows';
import type { RoomState } from '../../room/state';
import type { Turn } from '../../room/turn';

/** Somebody, as a room knows them now. */
export interface Known extends Named {
  readonly jid: BareJid;
  readonly occupantId: OccupantId;
}

/** Which act it is, and in whose name. */
export interface Leaving {
  readonly leave: Leave;
  readonly service: Actor;
}

/** The sentence for those who see them go. */
const WHY: Readonly<Record<Leave, Extract<Key, 'personErased' | 'accountForgotten'>>> = {
  erasing: 'personErased',
  forgetting: 'accountForgotten',
};

type Take = (room: RoomState, turn: Turn, person: Known, leaving: Leaving) => void;
/** What the declaration says is done elsewhere. */
const elsewhere: Take = () => undefined;

/** How rows of each kind go: a kind that is declared and not here does not compile. In this order, which is what people in the room see. */
const TAKE: Readonly<Record<RowKind, Take>> = {
  people: (room, turn, person, { leave }) => {
    const { row } = room;
    if (!row) return;
    const before = { creator: row.creator, createdAt: row.createdAt, contacts: [], subject: null };
    const { creator } = leftOf(OWN_ROWS.people, leave, before, person) ?? before;
    if (creator !== row.creator) room.writeRoom(turn, { creator });
    // Whichever field of the form names them.
    const options = room.exists ? room.options.without((value) => namesPerson('jid', value, person)) : undefined;
    if (options) room.setOptions(turn, options);
  },
  room: elsewhere,
  occupant: (room, turn, person, { leave }) => {
    const occupant = room.occupants.withId(person.occupantId);
    if (!occupant || leftOf(OWN_ROWS.occupant, leave, occupant, person) !== null) return;
    const reason = inWords(WHY[leave]).in(room.facts.language);
    remove(room, turn, occupant, { affiliation: room.affiliationOf(person.jid), codes: [STATUS.kicked], reason })();
  },
  session: elsewhere,
  affiliation: (room, turn, person, { leave, service }) => {
    const left = (row: AffiliationRow): AffiliationRow | null => leftOf(OWN_ROWS.affiliation, leave, row, person);
    const own = room.affiliationRow(person.jid);
    // The changes that are remembered may name them.
    forgetVersions(room, turn);
    // Also the last owner: a room without one is the service administrators'.
    if (own && left(own) === null) setAffiliations(room, turn, service, [{ jid: person.jid, affiliation: 'none' }])();
    if (!emptiesAny(OWN_ROWS.affiliation, leave)) return;
    for (const row of [...room.affiliationRows()]) {
      const after = left(row);
      if (after !== null && after !== row) room.setAffiliation(turn, row.jid, after);
    }
  },
  stay: (room, turn, { jid }) => {
    turn.write({ table: 'stay', jid, event: 'forgotten', seq: room.seq });
  },
  feature: elsewhere,
  message: elsewhere,
  audit: elsewhere,
};

/** Everything that is not done elsewhere; of a room that ended what its own row says. */
export function takeAway(room: RoomState, turn: Turn, person: Known, leaving: Leaving): void {
  const kinds = room.exists ? (Object.keys(TAKE) as RowKind[]) : (['people'] as const);
  for (const kind of kinds) if (!('elsewhere' in OWN_ROWS[kind][leaving.leave])) TAKE[kind](room, turn, person, leaving);
}
