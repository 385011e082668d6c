/** A command from another face than XMPP: the room tells its outcome while deciding; the asker hears it after the commit. */
import { LONG_COMMANDS, type Command, type CommandOutcome } from '../../room/contract/commands';
import type { By } from '../../room/contract/audit';
import type { CommandInput } from '../../room/contract/machine';
import { stanzaError, type StanzaError } from '../../xmpp/stanza-error';
import { inWords } from '../../words';

export class AwaitedCommand implements CommandInput {
  readonly kind = 'command';
  private outcome: CommandOutcome | undefined;
  private settled = false;
  private answered = false;

  constructor(
    readonly command: Command,
    readonly by: By,
    private readonly tell: (outcome: CommandOutcome) => void,
  ) {}

  /** Whether it is over, or will be when what was decided is certain. */
  get hasOutcome(): boolean {
    return this.outcome !== undefined || this.answered;
  }

  /** Called by the room: while it decides, or later of what goes on, when it is certain by itself. */
  readonly done = (outcome: CommandOutcome): void => {
    this.outcome = outcome;
    if (this.settled) this.answer(outcome);
  };

  /** What was decided is certain now. */
  settle(): void {
    this.settled = true;
    if (!this.outcome && LONG_COMMANDS.has(this.command.name)) return;
    this.answer(this.outcome ?? { ok: false, error: stanzaError('internal-server-error', inWords('internal')) });
  }

  /** Nothing came of it. */
  refuse(error: StanzaError): void {
    this.answer({ ok: false, error });
  }

  /** Its asker hears of it once. */
  private answer(outcome: CommandOutcome): void {
    if (this.answered) return;
    this.answered = true;
    this.tell(outcome);
  }
}
