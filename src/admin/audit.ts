/** The command of administrators that shows the audit trail: who changed what, in which room. */
import { auditCells, auditColumns, auditRowXml } from '../features/commands/audit-table';
import type { RoomJid } from '../xmpp/fold';
import type { Clock } from '../service/clock';
import type { Directory } from '../store/directory';
import type { Answers } from '../xmpp/answers';
import type { Field } from '../xmpp/forms';
import { fitting } from '../xmpp/list-bytes';
import { prepareBareJid } from '../xmpp/prepare';
import { short } from '../xmpp/short';
import { DEFAULT_LANGUAGE, inWords, type Key } from '../words';
import type { AdHocCommand, Outcome } from './ad-hoc';
import { note as noteOf, writtenRoom } from './own-forms';

const NODE = 'urn:parlour:admin#audit';
/** Acts in one answer, which is cut by bytes too: keeps the stanza below servers' limits. */
const MAX_LISTED = 200;
const DAY_MS = 24 * 3600_000;

/** Former addresses that are followed: a room may have been renamed again. */
const MAX_RENAMES = 20;

export interface AuditingOptions {
  /** The component's domain. */
  readonly domain: string;
  readonly store: Pick<Directory, 'audit' | 'hasRoom'>;
  readonly clock: Pick<Clock, 'now'>;
}

const field = (name: string, label: Key, values: readonly string[] = []): Field => ({
  var: name,
  type: 'text-single',
  label: inWords(label),
  values,
});

const filledIn = (answers: Answers, name: string): string => answers.get(name)?.[0]?.trim() ?? '';

/** What was filled in; an address in any spelling, everything else as it stands. */
function wanted(answers: Answers, name: string): string | undefined {
  const text = filledIn(answers, name);
  return text === '' ? undefined : soughtInTrail(text);
}

/** Somebody or something as the trail may have it: an address in the form in which addresses are compared. */
export function soughtInTrail(text: string): string {
  return text.includes('@') ? (prepareBareJid(text) ?? text) : text;
}

/** What is no address, though it has an @. The trail may have it all the same: servers take what none may take today. */
function mistyped(answers: Answers, name: string): Outcome | undefined {
  const text = filledIn(answers, name);
  return text.includes('@') && prepareBareJid(text) === undefined ? noteOf('error', 'itemJid', { jid: short(text) }) : undefined;
}

/** The command. */
export function auditing({ domain, store, clock }: AuditingOptions): AdHocCommand {
  /** The address that a room was given when it had this one, if it is known, and the last of those that followed. */
  const renamed = async (former: RoomJid): Promise<string | undefined> => {
    let present: string | undefined;
    for (let n = 0; n < MAX_RENAMES; n++) {
      const acts = await store.audit({ object: present ?? former, limit: MAX_LISTED });
      const next = acts.find(({ act, items }) => act === 'rename' && items[0]?.before === (present ?? former))?.items[0]?.after;
      if (next == null) break;
      present = next;
    }
    return present;
  };
  /** Why there is nothing to list of a room. */
  const nothingOf = async (room: RoomJid): Promise<Outcome> => {
    const ofRoom = await store.audit({ room, limit: 1 });
    if (ofRoom.length > 0) return noteOf('info', 'auditNone');
    const present = await renamed(room);
    if (present !== undefined) return noteOf('info', 'roomRenamed', { former: room, present });
    return (await store.hasRoom(room)) ? noteOf('info', 'auditNone') : noteOf('error', 'noRoom');
  };
  return {
    node: NODE,
    name: inWords('auditTitle'),
    form: {
      type: 'form',
      formType: NODE,
      title: inWords('auditTitle'),
      instructions: inWords('auditInstructions'),
      fields: [
        field('room', 'auditRoom'),
        field('actor', 'auditActor'),
        field('object', 'auditObject'),
        { ...field('days', 'auditDays', ['30']), validate: { datatype: 'xs:integer', min: '1', max: '36500' } },
      ],
    },
    async run(answers) {
      const room = filledIn(answers, 'room') === '' ? undefined : writtenRoom(filledIn(answers, 'room'), domain);
      if (typeof room === 'object') return room;
      const [actor, object] = ['actor', 'object'].map((name) => wanted(answers, name));
      const days = filledIn(answers, 'days');
      const from = days === '' ? {} : { from: clock.now() - Number(days) * DAY_MS };
      const acts = await store.audit({
        ...(room === undefined ? {} : { room }),
        ...(actor === undefined ? {} : { actor }),
        ...(object === undefined ? {} : { object }),
        ...from,
        limit: MAX_LISTED + 1,
      });
      if (acts.length === 0) {
        const mistake = mistyped(answers, 'actor') ?? mistyped(answers, 'object');
        return mistake ?? (room === undefined ? noteOf('info', 'auditNone') : await nothingOf(room));
      }
      const rows = fitting(
        acts.slice(0, MAX_LISTED).map((act) => auditCells(act, act.room)),
        // What of a row is in some language is short.
        (cells) => auditRowXml(cells, DEFAULT_LANGUAGE),
      );
      const note = { type: 'info', text: inWords('auditMore', { shown: rows.length }) } as const;
      const table = { columns: auditColumns(true), rows };
      return acts.length > rows.length ? { note, table } : { table };
    },
  };
}
