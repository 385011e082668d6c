/** The engine of ad-hoc commands (XEP-0050): commands that run at once, or when one form was filled in. */
import type { Random } from '../room/env';
import type { AdHoc, AdHocItem } from '../service/ad-hoc';
import type { Clock } from '../service/clock';
import { ACTIONS, commandRefusal, commandXml, ONE_STEP } from '../xmpp/ad-hoc';
import { formXml, tableXml, type Column, type FormOut } from '../xmpp/forms';
import { bareOf } from '../xmpp/jid';
import { NS } from '../xmpp/ns';
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { child, escapeText, type Element } from '../xmpp/xml';
import { say } from '../words';
import { readAnswers, type Answers } from '../xmpp/answers';
import { Sessions } from './sessions';

/** What came of a command: a note, a form of type result, a table, or several of them. A note of type error says that it failed. */
export interface Outcome {
  readonly note?: { readonly type: 'info' | 'warn' | 'error'; readonly text: string };
  readonly form?: FormOut;
  readonly table?: { readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] };
}

export interface AdHocCommand extends AdHocItem {
  /** To be filled in before it runs. */
  readonly form?: FormOut;
  /** `asker`: bare JID. Rejects if the store fails. */
  run(answers: Answers, asker: string): Promise<Outcome>;
}

export interface AdHocOptions {
  readonly commands: readonly AdHocCommand[];
  /** Whether this bare JID may run them. */
  readonly mayRun: (jid: string) => boolean;
  readonly clock: Clock;
  readonly random: Random;
}

/** The commands, for the service to offer. */
export function createAdHoc({ commands, mayRun, clock, random }: AdHocOptions): AdHoc {
  const byNode = new Map(commands.map((command) => [command.node, command]));
  const sessions = new Sessions(clock, random);

  const find = (node: string, from: string): AdHocCommand | StanzaError | undefined => {
    const command = byNode.get(node);
    return command && !mayRun(bareOf(from)) ? stanzaError('forbidden', say('adminsOnlyHere')) : command;
  };

  const run = async (command: AdHocCommand, sessionid: string, answers: Answers, from: string): Promise<string> => {
    const { note, form, table } = await command.run(answers, bareOf(from));
    const noteXml = note ? `<note type="${note.type}">${escapeText(note.text)}</note>` : '';
    return commandXml(
      command.node,
      sessionid,
      'completed',
      noteXml + (form ? formXml(form) : '') + (table ? tableXml(table.columns, table.rows) : ''),
    );
  };

  const begin = async (command: AdHocCommand, from: string): Promise<string> => {
    if (!command.form) return run(command, sessions.newId(), new Map(), from);
    return commandXml(command.node, sessions.begin(from, command.node), 'executing', ONE_STEP + formXml(command.form));
  };

  const proceed = async (
    command: AdHocCommand,
    sessionid: string,
    action: string,
    element: Element,
    from: string,
  ): Promise<string | StanzaError> => {
    const session = sessions.look(sessionid, from, command.node);
    if (session === 'unknown') return commandRefusal('bad-sessionid', say('commandSession'));
    if (session === 'ended') return commandRefusal('session-expired', say('commandExpired'));
    if (action === 'cancel') {
      sessions.end(sessionid);
      return commandXml(command.node, sessionid, 'canceled', '');
    }
    // There is one step: nothing before it and nothing after.
    if (action === 'prev' || action === 'next') return commandRefusal('bad-action', say('commandActionNow'));
    const answers = readAnswers(child(element, 'x', NS.forms), command.form as FormOut);
    if ('problem' in answers) return commandRefusal('bad-payload', answers.problem);
    // Before it runs, so that it cannot be run twice.
    sessions.end(sessionid);
    return run(command, sessionid, answers, from);
  };

  return {
    list: (from) => (mayRun(bareOf(from)) ? commands : []),
    find,
    async execute(element, from) {
      const { node = '', sessionid, action = 'execute' } = element.attrs as Record<string, string | undefined>;
      const command = find(node, from);
      if (!command) return stanzaError('item-not-found', say('noCommand'));
      if ('condition' in command) return command;
      if (!ACTIONS.has(action)) return commandRefusal('malformed-action', say('commandAction', { action }));
      if (sessionid !== undefined) return proceed(command, sessionid, action, element, from);
      return action === 'execute' ? begin(command, from) : commandRefusal('bad-sessionid', say('commandSession'));
    },
  };
}
