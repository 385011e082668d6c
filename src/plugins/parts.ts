/** How each part of a plug-in calls its hooks: behind the guard, with a view of the room that ends with the call. */
import type { RoomState } from '../room/state';
import type { Turn } from '../room/turn';
import { Acts } from './acts';
import type { RoomActs, RoomView } from './api-room';
import type { Guard } from './guard';
import { View, type Own } from './view';

/** What the parts of a plug-in's feature are made with. */
export interface Parts {
  readonly own: Own;
  readonly guard: Guard;
  /** Calls a hook with a view of the room that ends with it; undefined: it failed, or the plug-in is disabled. */
  readonly look: <T>(hook: string, account: string, state: RoomState, run: (room: RoomView) => T) => T | undefined;
  /** The same where something may be done. */
  readonly act: <T>(hook: string, account: string, state: RoomState, turn: Turn, run: (room: RoomActs) => T) => T | undefined;
}

export function partsOf(own: Own, guard: Guard): Parts {
  const done = <R extends View, T>(hook: string, account: string, room: R, run: (room: R) => T): T | undefined => {
    const called = guard.call(hook, account, () => run(room));
    room.end();
    return called.is === 'done' ? called.value : undefined;
  };
  return {
    own,
    guard,
    look: (hook, account, state, run) => done(hook, account, new View(state, own), run),
    act: (hook, account, state, turn, run) => done(hook, account, new Acts(state, turn, own), run),
  };
}
