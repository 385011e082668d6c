/** The commands of the service (XEP-0050): which there are, who may run them, and their sessions. How a request is read and answered stands in xmpp/ad-hoc.ts. */
import type { Random } from '../room/contract/env';
import type { AdHoc, AdHocItem } from '../service/answers/ad-hoc';
import type { Clock } from '../service/clock';
import type { BareJid, FullJid } from '../xmpp/fold';
import { commandXml, takeStep } from '../xmpp/ad-hoc';
import { formXml, tableXml, type Column, type FormOut } from '../xmpp/forms';
import { bareOf } from '../xmpp/jid';
import { stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { escapeText } from '../xmpp/xml';
import { inLanguage, inWords, type Language, type Text } from '../words';
import type { Answers } from '../xmpp/answers';
import { KeptCommandSessions } from './command-sessions';

/** The result of a command: a note, a form of type result, a table, or several of them. A note of type error says that it failed. */
export interface Outcome {
  readonly note?: { readonly type: 'info' | 'warn' | 'error'; readonly text: Text };
  readonly form?: FormOut;
  readonly table?: { readonly columns: readonly Column[]; readonly rows: readonly (readonly Text[])[] };
}

export interface AdHocCommand extends AdHocItem {
  /** The form to fill in before it runs. */
  readonly form?: FormOut;
  /** `asker`: bare JID. Rejects if the store fails. */
  run(answers: Answers, asker: BareJid): Promise<Outcome>;
}

export interface AdHocOptions {
  readonly commands: readonly AdHocCommand[];
  /** Whether this bare JID may run them. */
  readonly mayRun: (jid: BareJid) => boolean;
  readonly clock: Clock;
  readonly random: Random;
}

/** The commands, for the service to offer. */
export function createAdHoc({ commands, mayRun, clock, random }: AdHocOptions): AdHoc {
  const byNode = new Map(commands.map((command) => [command.node, command]));
  const sessions = new KeptCommandSessions(clock, random);

  const find = (node: string, from: FullJid): AdHocCommand | StanzaError | undefined => {
    const command = byNode.get(node);
    return command && !mayRun(bareOf(from)) ? stanzaError('forbidden', inWords('adminsOnlyHere')) : command;
  };

  const run = async (command: AdHocCommand, sessionid: string, answers: Answers, from: FullJid, language: Language): Promise<string> => {
    const { note, form, table } = await command.run(answers, bareOf(from));
    const noteXml = note ? `<note type="${note.type}">${escapeText(inLanguage(note.text, language))}</note>` : '';
    return commandXml(
      command.node,
      sessionid,
      'completed',
      noteXml + (form ? formXml(form, language) : '') + (table ? tableXml(table.columns, table.rows, language) : ''),
      language,
    );
  };

  return {
    list: (from) => (mayRun(bareOf(from)) ? commands : []),
    find,
    async execute(element, from, language) {
      const { node = '' } = element.attrs as Record<string, string | undefined>;
      const command = find(node, from);
      if (!command) return stanzaError('item-not-found', inWords('noCommand'));
      if ('condition' in command) return command;
      const step = takeStep({ element, form: command.form, sessions: sessions.of(from, node), language });
      if (step.kind === 'refuse') return step.error;
      return step.kind === 'answer' ? step.xml : run(command, step.sessionid, step.answers, from, language);
    },
  };
}
