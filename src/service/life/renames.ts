/**
 * Renaming a room concerns two names. The new one is taken before the room decides, so that nobody makes a room there meanwhile: what comes for it waits, and
 * is for the renamed room, or for none, when the store has said what became of it. It is the same for a room that is brought along.
 */
import type { Command, CommandOutcome, Execution } from '../../room/contract/commands';
import type { RoomRows } from '../../room/contract/rows';
import type { Maintenance } from '../../store/maintenance';
import type { RoomJid } from '../../xmpp/fold';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';
import type { Clock } from '../clock';
import type { Loader } from './loader';
import type { Log } from '../../log';
import { refusalError, STORE_FAILED, TOO_BUSY } from '../budget/refusals';
import type { Slot } from './slot';

export interface RenamesOptions {
  readonly store: Pick<Maintenance, 'erasures'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly loader: Pick<Loader, 'reserve' | 'load' | 'release'>;
  readonly slots: ReadonlyMap<RoomJid, Slot>;
}

export interface RenamesOwner {
  /** A slot for a name that has none. */
  add(room: RoomJid): Slot;
  /** Has a room decide a command; answers when its outcome is certain, or when nobody waits for that any longer. */
  decide(execution: Execution): Promise<CommandOutcome>;
  /** Whether what was refused may yet be committed. */
  unsure(): boolean;
  /** What was refused is committed all the same, perhaps: somebody's deadline may have changed. */
  lookAtDeadlines(): void;
}

type Rename = Extract<Command, { name: 'rename' }>;

/** How long the new name may be in use by nobody in particular: a room that ended is let go when its farewells have arrived. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 200;

const failed = (error: StanzaError): CommandOutcome => ({ ok: false, error });

export class Renames {
  private readonly absences = new Map<RoomJid, (() => void)[]>();
  /** What waits until the store has answered. */
  private whenCertain: (() => void)[] = [];
  private stopped = false;

  constructor(
    private readonly options: RenamesOptions,
    private readonly owner: RenamesOwner,
  ) {}

  /** Runs the command. Never rejects. */
  async run(execution: Execution & { readonly command: Rename }): Promise<CommandOutcome> {
    const { room, command } = execution;
    const { to } = command;
    const { log } = this.options;
    // The room itself says that it has this address.
    if (to === room) return this.owner.decide(execution);
    try {
      const outcome = await this.whileFree(to, () => this.owner.decide(execution));
      if (outcome.ok) log.info({ event: 'room.renamed', room, to, by: execution.actor.name }, 'a room was renamed');
      return outcome;
    } catch (error) {
      log.error({ event: 'room.rename-failed', room, to, err: error }, 'a room could not be renamed');
      return failed(refusalError(STORE_FAILED));
    }
  }

  /**
   * Does something that gives a name to a room while nobody else can have it; what comes for the name waits. Refuses if there is a room of it, or if somebody is
   * being erased. Throws what the store and `work` throw; then the name is free again.
   */
  async whileFree(to: RoomJid, work: () => Promise<CommandOutcome>): Promise<CommandOutcome> {
    const slot = await this.free(to);
    if (!slot) return failed(stanzaError('conflict', inWords('renameTaken', { room: to })));
    if (slot === 'busy') return failed(refusalError(TOO_BUSY));
    let given = false;
    try {
      const refusal = refusalOf(to, await this.options.loader.reserve(slot)) ?? (await this.erasing());
      const outcome = refusal ? failed(refusal) : await work();
      given = outcome.ok;
      return outcome;
    } finally {
      this.letNameGo(slot, given);
      if (given) void this.eraseAgain(to);
    }
  }

  /** The name is in nobody's use any more. */
  absent(room: RoomJid): void {
    const waiting = this.absences.get(room);
    this.absences.delete(room);
    for (const look of waiting ?? []) look();
  }

  /** The store has answered: what became of everything is certain. */
  certain(): void {
    const waiting = this.whenCertain;
    this.whenCertain = [];
    for (const goOn of waiting) goOn();
  }

  /** Whoever waits for a name waits no longer: no timer runs any more. */
  stop(): void {
    this.stopped = true;
    for (const room of [...this.absences.keys()]) this.absent(room);
  }

  /** A slot of its own for the name; undefined: a room has it. */
  private async free(to: RoomJid): Promise<Slot | 'busy' | undefined> {
    const { slots, clock } = this.options;
    const until = clock.elapsed() + PATIENCE_MS;
    for (let there = slots.get(to); there; there = slots.get(to)) {
      if (there.state === 'awake' && there.machine?.exists) return undefined;
      if (this.stopped || clock.elapsed() >= until) return 'busy';
      await this.change(to);
    }
    return this.owner.add(to);
  }

  /** Resolves when the name is in nobody's use, or after a while. */
  private change(to: RoomJid): Promise<void> {
    return new Promise((resolve) => {
      this.absences.set(to, [...(this.absences.get(to) ?? []), resolve]);
      this.options.clock.after(LOOK_MS, resolve);
    });
  }

  /** The name is let go: to the renamed room, or to whoever comes. */
  private letNameGo(slot: Slot, renamed: boolean): void {
    const { loader } = this.options;
    if (renamed) loader.load(slot);
    else if (!this.owner.unsure()) loader.release(slot);
    else {
      this.whenCertain.push(() => {
        loader.load(slot);
        this.owner.lookAtDeadlines();
      });
    }
  }

  /** Erasing somebody goes from room to room by their names, and would miss one that goes to a name before. */
  private async erasing(): Promise<StanzaError | undefined> {
    const people = await this.options.store.erasures();
    return people.length === 0 ? undefined : stanzaError('resource-constraint', inWords('renameErasing'), { type: 'wait' });
  }

  /** One that began meanwhile may have missed it. */
  private async eraseAgain(room: RoomJid): Promise<void> {
    const { store, log } = this.options;
    try {
      for (const { jid, askedBy } of await store.erasures()) {
        const outcome = await this.owner.decide({ actor: askedBy, room, command: { name: 'erase-person', jid } });
        if (!outcome.ok)
          log.error(
            { event: 'erasure.failed', room, person: jid, reason: String(outcome.error.text) },
            'a person could not be erased from a room that got another name',
          );
      }
    } catch (error) {
      log.error(
        { event: 'erasure.failed', room, err: error },
        'whether somebody is being erased from a room that got another name could not be read',
      );
    }
  }
}

/** Why the name cannot be had; a room that is only remembered gives way when it has said everything. */
function refusalOf(to: RoomJid, rows: RoomRows | null): StanzaError | undefined {
  if (rows === null) return undefined;
  if (rows.room.state !== 'destroyed') return stanzaError('conflict', inWords('renameTaken', { room: to }));
  return rows.counters.deliveredRev < rows.counters.rev ? refusalError(TOO_BUSY) : undefined;
}
