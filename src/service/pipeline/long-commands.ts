/** Commands that go on over many decisions: each question to the archive belongs to one, and whatever drops the answer settles it. */
import { LONG_COMMANDS } from '../../room/contract/commands';
import type { Decision, Input, ReadArchive } from '../../room/contract/machine';
import { HeldCommand } from './held-command';
import { INTERNAL, refusalError, type Refusal } from '../budget/refusals';

export class LongCommands {
  private readonly owners = new WeakMap<ReadArchive, HeldCommand>();

  /** What the decision asks the archive for is asked for the command that it belongs to. */
  decided(input: Input, { effects }: Decision): void {
    const command = this.ownerOf(input);
    if (!command || !LONG_COMMANDS.has(command.command.name)) return;
    let goesOn = false;
    for (const effect of effects) {
      if (effect.kind !== 'read-archive') continue;
      this.owners.set(effect, command);
      goesOn = true;
    }
    if (!goesOn && !command.hasOutcome) command.refuse(refusalError(INTERNAL));
  }

  /** The input will not be decided any more: the command that it belongs to ends with the reason. */
  abandon(input: Input, why: Refusal): void {
    this.ownerOf(input)?.refuse(refusalError(why));
  }

  private ownerOf(input: Input): HeldCommand | undefined {
    if (input instanceof HeldCommand) return input;
    return input.kind === 'archive' ? this.owners.get(input.effect) : undefined;
  }
}
