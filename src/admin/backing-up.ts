/** Making a backup, and looking which there are, by administrators of the service. It goes into the configured folder: no form takes a path. */
import type { Log } from '../log';
import type { Clock } from '../service/clock';
import { formatDateTime } from '../xmpp/dates';
import type { BareJid } from '../xmpp/fold';
import type { Column } from '../xmpp/forms';
import { fitting } from '../xmpp/list-bytes';
import { outgoing } from '../xmpp/outgoing';
import { escapeText } from '../xmpp/xml';
import { DEFAULT_LANGUAGE, inLanguage, inWords, type Key, type Text } from '../words';
import type { AdHocCommand, Outcome } from './ad-hoc';
import type { Line } from './announce';
import { note, OWN } from './own-forms';

/** A backup that was made, or why none was. */
export type Made = { readonly name: string; readonly rooms: number; readonly messages: number } | { readonly refusal: Text };

/** Those that there are, the latest first, or why they cannot be read. */
export type Listed =
  | readonly { readonly name: string; readonly at: number; readonly kind: 'by-hand' | 'scheduled'; readonly bytes: number }[]
  | { readonly refusal: Text };

export interface BackingUp {
  readonly make: () => Promise<Made>;
  readonly list: () => Listed;
}

export interface BackingUpOptions {
  /** The component's domain. */
  readonly domain: string;
  readonly backups: BackingUp;
  readonly line: Pick<Line, 'send'>;
  readonly log: Log;
  readonly clock: Clock;
}

/** How long the asker waits for the result; clients give up an IQ after about half a minute. */
const PATIENCE_MS = 10_000;

const column = (name: string, label: Key): Column => ({ var: name, type: 'text-single', label: inWords(label) });
const COLUMNS = [
  column('name', 'backupName'),
  column('made', 'backupMade'),
  column('by', 'backupKind'),
  column('bytes', 'backupSize'),
] as const;

function outcomeOf(made: Made): Required<Pick<Outcome, 'note'>> {
  if ('refusal' in made) return { note: { type: 'error', text: made.refusal } };
  return note('info', 'backupDone', made);
}

/** The two commands. */
export function backingUp({ domain, backups, line, clock, log }: BackingUpOptions): AdHocCommand[] {
  /** A headline is dropped if nobody is online; the log has it too, and the list. */
  const tell = (asker: BareJid, made: Made): void => {
    const text = escapeText(inLanguage(outcomeOf(made).note.text, DEFAULT_LANGUAGE));
    line.send(outgoing('message', domain, asker, { type: 'headline' }, `<body>${text}</body>`));
  };
  return [
    {
      node: `${OWN}#backup`,
      name: inWords('backupTitle'),
      async run(_, asker) {
        log.info({ event: 'backup.asked', by: asker }, 'an administrator of the service asks for a backup');
        const whole = backups.make();
        let cancel = (): void => undefined;
        const late = new Promise<undefined>((resolve) => {
          cancel = clock.after(PATIENCE_MS, () => resolve(undefined));
        });
        const made = await Promise.race([whole, late]);
        cancel();
        if (made) return outcomeOf(made);
        void whole.then((over) => tell(asker, over));
        return note('info', 'backupBegun');
      },
    },
    {
      node: `${OWN}#backups`,
      name: inWords('backupsTitle'),
      run() {
        const found = backups.list();
        if ('refusal' in found) return Promise.resolve({ note: { type: 'error', text: found.refusal } });
        if (found.length === 0) return Promise.resolve(note('info', 'backupsNone'));
        const all = found.map(({ name, at, kind, bytes }): readonly Text[] => [
          name,
          formatDateTime(at),
          inWords(kind === 'by-hand' ? 'backupByHand' : 'backupScheduled'),
          String(bytes),
        ]);
        const rows = fitting(all, (row) => row.map((cell) => escapeText(String(cell)) + ' '.repeat(60)).join(''));
        return Promise.resolve({ table: { columns: COLUMNS, rows } });
      },
    },
  ];
}
