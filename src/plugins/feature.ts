/** A plug-in as a feature of rooms: what it contributes, in the shape that built-in features have, each call behind its guard. */
import type { Feature } from '../room/contract/feature';
import type { RoomState } from '../room/state';
import type { RowsDeclaration } from './api-hooks';
import { additionsOf } from './additions';
import { checksOf } from './checks';
import { commandsOf } from './commands';
import type { Guard } from './guard';
import { iqOf } from './iq';
import type { LoadedPlugin } from './load';
import { bodyOf } from './markup-out';
import { optionOf } from './options';
import { parseContent } from '../xmpp/xml';
import { partsOf, type Parts } from './parts';
import { occupantView, type Own } from './view';

/** How long after a deadline that has passed already the next one is, at least, in milliseconds: one that never moves on would stop everything else. */
const LEAST_WAIT_MS = 1_000;

/** The feature that a plug-in is. */
export function featureOf({ name, hooks }: LoadedPlugin, guard: Guard): Feature {
  const options = new Map(Object.entries(hooks.fields ?? {}).map(([field, spec]) => [field, optionOf(field, spec)]));
  const rows = `plugin:${name}`;
  const declaration = hooks.rows && declarationOf(rows, hooks.rows);
  const own: Own = { name, rows, declaration, options };
  const parts = partsOf(own, guard);
  return {
    name: `plug-in ${name}`,
    options: [...options.values()],
    ...(declaration ? { rows: [declaration] } : {}),
    rowsRead: [rows],
    ...(hooks.reserves ? { reserves: hooks.reserves } : {}),
    ...(hooks.disco ? { disco: () => hooks.disco ?? [] } : {}),
    ...checksOf(hooks, parts),
    ...additionsOf(hooks, parts),
    ...(hooks.iq ? { iq: iqOf(hooks.iq, parts) } : {}),
    ...(hooks.commands ? { adHoc: commandsOf(hooks.commands, parts) } : {}),
    ...reactionsOf({ name, hooks }, parts),
    ...deadlinesOf({ name, hooks }, parts),
  };
}

/** Its rows as rooms know them: whoever is erased is taken out of them. */
function declarationOf(name: string, { says, key, value, most, travels = ['room', 'person'], until }: RowsDeclaration) {
  const lifetime = typeof until === 'string' ? { until } : until;
  return { name, says, key, value, most, travels, erasing: 'forgets', folding: 'present', lifetime } as const;
}

/** What it does when something has happened. */
function reactionsOf({ hooks }: LoadedPlugin, { act, guard }: Parts): Partial<Feature> {
  return {
    ...(hooks.entered && {
      entered: (state, turn, occupant) => {
        act('entered', occupant.jid, state, turn, (room) => hooks.entered?.(room, occupantView(state, occupant)));
      },
    }),
    ...(hooks.left && {
      left: (state, turn, { nick, jid, id }, removed) => {
        act('left', jid, state, turn, (room) => hooks.left?.(room, Object.freeze({ nick, jid, occupantId: id, removed })));
      },
    }),
    ...(hooks.said && {
      said: ({ room: state, turn, occupant, payload, row }) => {
        // What the room itself says is no cause for it to say more.
        if (!occupant) return;
        act('said', occupant.jid, state, turn, (room) => {
          const message = { from: occupantView(state, occupant), id: row?.id, body: bodyOf(parseContent(payload)) };
          hooks.said?.(room, Object.freeze(message));
        });
      },
    }),
    ...(hooks.affiliationChanged && {
      affiliated: ({ room: state, turn, jid, before, after }) => {
        if (!state.exists) return;
        act('affiliationChanged', jid, state, turn, (room) => hooks.affiliationChanged?.(room, Object.freeze({ jid, before, after })));
      },
    }),
    ...(hooks.created && {
      created: (state, turn, jid) => {
        act('created', jid, state, turn, (room) => hooks.created?.(room, Object.freeze({ jid })));
      },
    }),
    ...(hooks.configured && {
      reconfigured: (state, turn) => {
        act('configured', '', state, turn, (room) => hooks.configured?.(room));
      },
    }),
    ...(hooks.destroyed && {
      ended: (state) => {
        guard.call('destroyed', '', () => hooks.destroyed?.(Object.freeze({ jid: state.jid })));
      },
    }),
  };
}

function deadlinesOf({ hooks }: LoadedPlugin, { look, act }: Parts): Partial<Feature> {
  if (!hooks.deadline || !hooks.due) return {};
  const at = (state: RoomState): number | null => {
    const time = look('deadline', '', state, (room) => hooks.deadline?.(room)) ?? null;
    return typeof time === 'number' && Number.isFinite(time) ? Math.floor(time) : null;
  };
  return {
    deadline: (state) => {
      const wanted = at(state);
      if (wanted === null || wanted > state.time) return wanted;
      // One that was put off already stays where it is.
      const planned = state.row?.deadline ?? null;
      return planned !== null && planned > state.time && planned <= state.time + LEAST_WAIT_MS ? planned : state.time + LEAST_WAIT_MS;
    },
    due: (state, turn) => {
      const time = at(state);
      if (time === null || time > state.time) return;
      act('due', '', state, turn, (room) => hooks.due?.(room));
      state.rescheduling = true;
    },
  };
}
