/** Handles the inputs of a room whose decisions were not committed: refuses them in order, or applies them again after the reload. */
import type { Input, Machine } from '../../room/contract/machine';
import { isQuery } from '../../room/contract/queries';
import type { Link } from '../../link/link';
import type { Outgoing } from '../../xmpp/outgoing';
import { AwaitedCommand } from '../pipeline/awaited-command';
import { abandonCommand } from '../pipeline/long-commands';
import type { Log } from '../../log';
import { isRefusable, refusalError, refuseInput, type Refusal } from '../budget/refusals';
import type { Slot } from './slot';

/** Inputs that cannot be refused. */
type Repeated = Exclude<Input, { readonly kind: 'command' | 'messages' | 'say-again' }>;

/** Commits that an input which cannot be refused may fail with before it is given up. */
const TRIES = 5;

export class Recovery {
  constructor(
    private readonly link: Pick<Link, 'send'>,
    private readonly log: Log,
    /** A leave or a bounce was given up: who is there is to be verified. */
    private readonly reverify: () => void,
  ) {}

  /**
   * Refuses what can be refused and returns what is to be applied again, in order. Archive answers and saying again are left out:
   * the reload finds out by itself what must be said and who is still entering. While nothing can be saved (`writable`), queries are
   * repeated on the saved state: a client that pings itself would take an error to mean that it left (XEP-0410 §3.3).
   */
  refuse(slot: Slot, inputs: readonly Input[], whyOf: (input: Input) => Refusal, writable: boolean): Input[] {
    const machine = slot.machine as Machine;
    return inputs.filter((input) => {
      if (!writable && isQuery(input)) return true;
      if (input instanceof AwaitedCommand) input.refuse(refusalError(whyOf(input)));
      else if (isRefusable(input)) {
        const why = whyOf(input);
        for (const out of this.errors(machine, slot, input, why)) this.link.send(out);
      } else if (input.kind !== 'messages' && input.kind !== 'say-again' && input.kind !== 'command')
        return this.mayTryAgain(slot, input, whyOf(input));
      return false;
    });
  }

  /** If the room throws while it refuses, the service refuses in its name. */
  private errors(machine: Machine, slot: Slot, input: Input, why: Refusal): readonly Outgoing[] {
    try {
      return machine.refuse(input, why.condition, why.text);
    } catch (error) {
      this.log.error({ event: 'room.refusal-failed', room: slot.jid, kind: input.kind, err: error }, 'a room threw while refusing');
      return refuseInput(slot.jid, input, why);
    }
  }

  private mayTryAgain(slot: Slot, input: Repeated, why: Refusal): boolean {
    // After each reload the same archive query is repeated: failures are counted on the first.
    const goesOn = input.kind === 'archive' ? (input.effect.first ?? input.effect) : input;
    const tries = (goesOn.failures ?? 0) + 1;
    goesOn.failures = tries;
    if (tries < TRIES) return true;
    this.log.error(
      { event: 'room.input-lost', room: slot.jid, kind: input.kind, tries },
      'an input that cannot be refused could never be saved',
    );
    abandonCommand(input, why);
    this.reverify();
    return false;
  }
}
