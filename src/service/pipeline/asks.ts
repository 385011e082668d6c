/** Typed questions to rooms: they go the way of commands, and so come in order behind what was decided before. */
import type { Ask, Asking, Execute, QueryOutcome } from '../../room/contract/commands';
import type { Query } from '../../room/contract/asking';
import type { By } from '../../room/contract/audit';
import type { Directory, FoundRooms, RoomSearch } from '../../store/directory';
import { inWords } from '../../words';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';

/** Rooms of one answer, at most. */
const MOST_ROOMS = 500;

/** Finds rooms: for those who run the service, who see hidden ones too. */
export type FindRooms = (
  actor: By,
  search: RoomSearch,
) => Promise<({ readonly ok: true } & FoundRooms) | { readonly ok: false; readonly error: StanzaError }>;

/** Finds rooms in the store: what is committed. */
export function findsRooms(store: Pick<Directory, 'findRooms'>): FindRooms {
  return async ({ kind }, search) => {
    if (kind === 'occupant' || kind === 'account') return { ok: false, error: stanzaError('forbidden', inWords('adminsOnlyHere')) };
    return { ok: true, ...(await store.findRooms({ ...search, limit: Math.max(1, Math.min(search.limit, MOST_ROOMS)) })) };
  };
}

/** Asks by the way of `execute`. */
export function asks(execute: Execute): Ask {
  return async <Asked extends Query>({ actor, room, query }: Asking<Asked>) => {
    const asked: Query = query;
    const command = asked.what === 'archive' ? ({ name: 'ask-archive', query: asked } as const) : ({ name: 'ask', query: asked } as const);
    const outcome = await execute({ actor, room, command });
    return outcome as QueryOutcome<Asked>;
  };
}
