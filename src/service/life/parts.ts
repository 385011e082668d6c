/** The parts that run rooms, put together: who has whom, and what each calls back. `rooms.ts` does with them what comes. */
import type { Domain, FullJid, RoomJid } from '../../xmpp/fold';
import type { AskSettings, Bookmark, Input, WakeUp } from '../../room/contract/machine';
import type { CommandOutcome, Execution } from '../../room/contract/commands';
import type { Link } from '../../link/link';
import type { Store } from '../../store/store';
import { bareOf, domainOf } from '../../xmpp/jid';
import { ArchiveQueries } from '../pipeline/archive-queries';
import type { Part } from './slot';
import type { Budget } from '../budget/budget';
import { Charging } from '../budget/charging';
import { CatchUp, type CatchUpOwner } from './catch-up';
import type { Clock } from '../clock';
import { Deadlines } from './deadlines';
import { Deciding } from './deciding';
import { Delivery } from './delivery';
import { Door } from '../budget/door';
import { Holding } from './holding';
import { Idle } from './idle';
import type { ServiceLimits } from '../budget/limits';
import { Loader, type LoaderOwner, type MakeRoom } from './loader';
import { Loads } from './loads';
import type { Log } from '../../log';
import { abandonCommand } from '../pipeline/long-commands';
import type { Moment } from '../moment';
import { PendingChecks } from '../../room/pending-checks';
import { Pipeline, type PipelineOwner } from '../pipeline/pipeline';
import { Pressure } from '../budget/pressure';
import { Reads } from '../pipeline/reads';
import { Recovery } from './recovery';
import { TOO_BUSY } from '../budget/refusals';
import { Relays } from '../presence/relays';
import { Renames } from './renames';
import type { Route } from './route';
import { SleepingLeaves } from './sleeping-leaves';
import type { Slot } from './slot';
import { WaitingRoom } from './waiting';

export interface RoomsOptions {
  /** What one account may ask in a time; without it as much as it likes. */
  readonly budget?: Budget;
  /** Whether a domain is the server's own: its accounts are exempt from shares by domain. */
  readonly isLocal: (domain: Domain) => boolean;
  readonly store: Store;
  readonly link: Link;
  /** By which way a room with so many occupants speaks from now on; 0: it is let go. */
  readonly routeOf: (room: RoomJid, occupants: number) => Route;
  /** Resolves when all that rooms said has left, or the connection is lost. */
  readonly said: () => Promise<unknown>;
  readonly makeRoom: MakeRoom;
  readonly clock: Clock;
  readonly moment: Moment;
  readonly log: Log;
  readonly limits: ServiceLimits;
  /** Something that removes people was lost: verify who is there. */
  readonly reverify: () => void;
  /** A room has somebody woken who is away. */
  readonly wake: (room: RoomJid, effect: WakeUp) => void;
  /** A room is to stand among somebody's bookmarks. */
  readonly bookmark: (room: RoomJid, effect: Bookmark) => void;
  /** What somebody has set for a room in their account matters now. */
  readonly askSettings: (room: RoomJid, effect: AskSettings) => void;
  /** Nothing that a room has asked of accounts is wanted any more. */
  readonly asksNobody: (room: RoomJid) => void;
  /** Something of a room is committed, and what it says has been handed to the link. */
  readonly committed: (room: RoomJid, part: Part) => void;
}

/** What the parts are. */
export interface RoomsParts {
  readonly pressure: Pressure;
  readonly pipeline: Pipeline;
  readonly delivery: Delivery;
  readonly deadlines: Deadlines;
  readonly loader: Loader;
  readonly leaves: SleepingLeaves;
  readonly waiting: WaitingRoom;
  readonly deciding: Deciding;
  readonly holding: Holding;
  readonly catchUp: CatchUp;
  readonly reads: Reads;
  readonly queries: ArchiveQueries;
  readonly relays: Relays;
  readonly idle: Idle;
  readonly door: Door;
  readonly recovery: Recovery;
  readonly renames: Renames;
  readonly checks: PendingChecks<Slot>;
  readonly charging: Charging | undefined;
}

/** What they do with rooms (`Rooms`). */
interface RoomsBack {
  readonly slots: Map<RoomJid, Slot>;
  /** One input for one room, `bytes` of its size on the wire. */
  input(room: RoomJid, input: Input, bytes: number): void;
  /** Loads a room for somebody. */
  open(room: RoomJid, who?: FullJid): Slot;
  /** A slot for a room that is not in memory. */
  add(room: RoomJid): Slot;
  /** Runs a command in a room. */
  decide(execution: Execution): Promise<CommandOutcome>;
  /** A room threw. */
  fail(slot: Slot): void;
  /** Something that a room may have waited for is certain. */
  look(slot: Slot): void;
  /** A room that is idle may go. */
  letGo(slot: Slot): void;
  /** What was held for a room may go on. */
  letGoOn(slot: Slot): void;
  /** A read of a room's own history is answered. */
  historyRead(slot: Slot, input: Input): void;
  /** What a quiet room only waited to hear of is to be written. */
  writeDelivered(slot: Slot): void;
}

/**
 * Makes the parts. Nothing starts yet.
 *
 * @param owner what pipeline, loader and catching up call.
 */
export function makeParts(options: RoomsOptions, owner: PipelineOwner & LoaderOwner & CatchUpOwner, back: RoomsBack): RoomsParts {
  const { store, link, clock, moment, log, limits, makeRoom, budget, isLocal } = options;
  const { retryMs, confirmMs, persistMs } = limits;
  const later = (room: RoomJid, input: Input): void => {
    back.input(room, input, 0);
  };
  const pressure: Pressure = new Pressure({ link, clock, log, bound: limits.gathered, pauseMs: limits.pauseMs }, () => {
    door.update();
  });
  const loads = new Loads(link, limits.unsentBytes);
  const pipeline: Pipeline = new Pipeline({ store, link, clock, log, retryMs, pressure }, owner);
  const door: Door = new Door(link, pressure, loads, pipeline, log);
  const recovery: Recovery = new Recovery(link, log, options.reverify);
  const delivery: Delivery = new Delivery({ clock, confirmMs, persistMs }, pipeline, {
    writeDelivered: (slot) => {
      back.writeDelivered(slot);
    },
    certain: (slot) => {
      back.look(slot);
    },
  });
  const deadlines: Deadlines = new Deadlines({ store, clock, log, retryMs }, (room) => {
    later(room, { kind: 'timer' });
  });
  const groupOf = (jid: FullJid): string => (isLocal(domainOf(jid)) ? bareOf(jid) : domainOf(jid));
  const loader: Loader = new Loader({ store, makeRoom, clock, log, bound: limits.loads, groupOf, retryMs }, owner);
  const leaves: SleepingLeaves = new SleepingLeaves({
    store,
    clock,
    log,
    retryMs,
    groupOf,
    leave: (room, input, bytes) => {
      holding.take(back.slots.get(room) ?? back.open(room, input.from), input, bytes);
    },
  });
  const renames: Renames = new Renames(
    { store, clock, log, loader, slots: back.slots },
    {
      add: (jid) => back.add(jid),
      decide: (execution) => back.decide(execution),
      unsure: () => pipeline.unsure,
      lookAtDeadlines: () => {
        deadlines.lookAgain();
      },
    },
  );
  const waiting: WaitingRoom = new WaitingRoom(limits, clock, log, pressure, {
    refuse: (slot, input, why) => {
      door.refuse(slot, slot.jid, input, why);
    },
    lost: (input) => {
      abandonCommand(input, TOO_BUSY);
      options.reverify();
    },
  });
  const charging: Charging | undefined =
    budget &&
    new Charging(budget, {
      input: (room, input, size) => {
        back.input(room, input, size);
      },
      refuse: (room, input, why) => {
        door.refuse(back.slots.get(room), room, input, why);
      },
      elapsed: () => moment.now,
    });
  const checks: PendingChecks<Slot> = new PendingChecks({
    after: (ms, run) => clock.after(ms, run),
    waits: (bytes) => {
      if (bytes > 0) pressure.add(bytes);
      else pressure.remove(-bytes);
    },
    goOn: (slot: Slot, input, bytes) => {
      holding.take(slot, input, bytes);
    },
    tooMuch: (slot, input) => {
      door.refuse(slot, slot.jid, input, TOO_BUSY);
    },
  });
  const deciding: Deciding = new Deciding(
    { clock, moment, log, pipeline, door, charging, checks },
    {
      threw: (slot) => {
        back.fail(slot);
      },
      look: (slot) => {
        back.look(slot);
      },
      wakes: (room) => {
        clock.after(0, () => {
          later(room, { kind: 'timer' });
        });
      },
    },
  );
  const holding: Holding = new Holding({ clock, loads, door, waiting, deciding, pipeline }, (slot) => {
    back.letGoOn(slot);
  });
  const catchUp: CatchUp = new CatchUp(clock, retryMs, owner);
  const reads: Reads = new Reads({ store, clock, log, retryMs, link, loads }, (slot, input) => {
    if (input.effect.purpose === 'say-again' && slot.state === 'catching-up') catchUp.answered(slot, input);
    else if (input.effect.purpose === 'history') back.historyRead(slot, input);
  });
  const queries: ArchiveQueries = new ArchiveQueries({ store, clock, log, pressure, isLocal }, later);
  const relays: Relays = new Relays(link, limits.relayMs, later, isLocal);
  const idle: Idle = new Idle(clock, limits, back.slots, (slot) => {
    back.letGo(slot);
  });
  return {
    pressure,
    pipeline,
    delivery,
    deadlines,
    loader,
    leaves,
    waiting,
    deciding,
    holding,
    catchUp,
    reads,
    queries,
    relays,
    idle,
    door,
    recovery,
    renames,
    checks,
    charging,
  };
}
