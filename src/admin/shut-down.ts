/** Shutting down the service (XEP-0133 §4.31, XEP-0045 §11.2): everybody is told and removed, then the program ends. */
import type { Clock } from '../service/clock';
import { administrator, type By } from '../room/contract/audit';
import type { Log } from '../log';
import type { Field } from '../xmpp/forms';
import { NS } from '../xmpp/ns';
import { inWords } from '../words';
import type { AdHocCommand } from './ad-hoc';
import { announceNote, textOf, type Announcer } from './announce';

/** The delays to choose from, in seconds; the second is the default. */
const DELAYS = [0, 30, 60, 120, 180, 300] as const;

export interface ShutDownCommandOptions {
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly log: Log;
  /** Tells everybody in every room, and ends the program. */
  readonly shutDown: (by: By, reason: string | undefined) => Promise<void>;
}

/** The command. It answers before anything happens, so that the asker gets the answer. */
export function shuttingDown({ announcer, clock, log, shutDown }: ShutDownCommandOptions): AdHocCommand {
  let begun = false;
  const delay: Field = {
    var: 'delay',
    type: 'list-single',
    label: inWords('shutDownDelay'),
    values: [String(DELAYS[1])],
    options: DELAYS.map((count) => ({ value: String(count), label: count === 0 ? inWords('atOnce') : inWords('seconds', { count }) })),
  };
  return {
    node: `${NS.admin}#shutdown`,
    name: inWords('shutDownTitle'),
    form: {
      type: 'form',
      formType: NS.admin,
      title: inWords('shutDownTitle'),
      instructions: inWords('shutDownInstructions'),
      fields: [delay, { var: 'announcement', type: 'text-multi', label: inWords('shutDownText'), values: [] }],
    },
    async run(answers, asker) {
      if (begun) return { note: { type: 'error', text: inWords('shutDownBegun') } };
      begun = true;
      const seconds = Number(answers.get('delay')?.[0] ?? DELAYS[1]);
      const text = textOf(answers, 'announcement');
      try {
        const told = text === '' ? null : await announcer.announce(text, asker);
        if (told === undefined) {
          begun = false;
          return announceNote(told);
        }
      } catch (error) {
        begun = false;
        throw error;
      }
      log.info({ event: 'shut-down.started', by: asker, seconds }, 'an administrator shuts the service down');
      clock.after(seconds * 1000, () => {
        shutDown(administrator(asker), text === '' ? undefined : text).catch((error: unknown) => {
          begun = false;
          log.error({ event: 'shut-down.failed', err: error }, 'the service could not be shut down');
        });
      });
      return { note: { type: 'info', text: seconds === 0 ? inWords('shutDownNow') : inWords('shutDownSoon', { seconds }) } };
    },
  };
}
