/** Typed questions to rooms: they go the way of commands, and so come in order behind what was decided before. */
import type { Ask, Asking, Execute, QueryOutcome } from '../../room/contract/commands';
import type { Query } from '../../room/contract/asking';

/** Asks by the way of `execute`. */
export function asks(execute: Execute): Ask {
  return async <Asked extends Query>({ actor, room, query }: Asking<Asked>) => {
    const asked: Query = query;
    const command = asked.what === 'archive' ? ({ name: 'ask-archive', query: asked } as const) : ({ name: 'ask', query: asked } as const);
    const outcome = await execute({ actor, room, command });
    return outcome as QueryOutcome<Asked>;
  };
}
