/** Commands that go on over many decisions: each question to the archive belongs to one, and whatever drops the answer settles it. */
import { LONG_COMMANDS } from '../../room/contract/commands';
import type { Decision, Input } from '../../room/contract/machine';
import { AwaitedCommand } from './awaited-command';
import { INTERNAL, refusalError, type Refusal } from '../budget/refusals';

/** What the decision asks the archive for is asked for the command that it belongs to. */
export function commandDecided(input: Input, { effects }: Decision): void {
  const command = ownerOf(input);
  if (!command || !LONG_COMMANDS.has(command.command.name)) return;
  let goesOn = false;
  for (const effect of effects) {
    if (effect.kind !== 'read-archive') continue;
    effect.owner = command;
    goesOn = true;
  }
  if (!goesOn && !command.hasOutcome) command.refuse(refusalError(INTERNAL));
}

/** The input will not be decided any more: the command that it belongs to ends with the reason. */
export function abandonCommand(input: Input, why: Refusal): void {
  ownerOf(input)?.refuse(refusalError(why));
}

function ownerOf(input: Input): AwaitedCommand | undefined {
  const owner = input.kind === 'archive' ? input.effect.owner : input;
  return owner instanceof AwaitedCommand ? owner : undefined;
}
