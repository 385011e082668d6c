/** The command of administrators that shows the audit trail: who changed what, in which room. */
import { auditCells, auditColumns, auditRowXml } from '../features/commands/audit-table';
import type { Clock } from '../service/clock';
import type { Store } from '../store/store';
import type { Answers } from '../xmpp/answers';
import type { Field } from '../xmpp/forms';
import { fitting } from '../xmpp/list-bytes';
import { prepareBareJid } from '../xmpp/prepare';
import { say, type Key } from '../words';
import type { AdHocCommand } from './ad-hoc';

const NODE = 'urn:parlour:admin#audit';
/** Acts in one answer, which is cut by bytes too: keeps the stanza below servers' limits. */
const MAX_LISTED = 200;
const DAY_MS = 24 * 3600_000;

export interface AuditingOptions {
  readonly store: Pick<Store, 'audit'>;
  readonly clock: Pick<Clock, 'now'>;
}

const field = (name: string, label: Key, values: readonly string[] = []): Field => ({
  var: name,
  type: 'text-single',
  label: say(label),
  values,
});

/** What was filled in; an address in any spelling, everything else as it stands. */
function wanted(answers: Answers, name: string): string | undefined {
  const text = answers.get(name)?.[0]?.trim() ?? '';
  return text === '' ? undefined : text.includes('@') ? (prepareBareJid(text) ?? text) : text;
}

/** The command. */
export function auditing({ store, clock }: AuditingOptions): AdHocCommand {
  return {
    node: NODE,
    name: say('auditTitle'),
    form: {
      type: 'form',
      formType: NODE,
      title: say('auditTitle'),
      instructions: say('auditInstructions'),
      fields: [
        field('room', 'auditRoom'),
        field('actor', 'auditActor'),
        field('object', 'auditObject'),
        { ...field('days', 'auditDays', ['30']), validate: { datatype: 'xs:integer', min: '1', max: '36500' } },
      ],
    },
    async run(answers) {
      const [room, actor, object] = ['room', 'actor', 'object'].map((name) => wanted(answers, name));
      const days = Number(wanted(answers, 'days') ?? '');
      const from = Number.isFinite(days) && days > 0 ? { from: clock.now() - days * DAY_MS } : {};
      const acts = await store.audit({
        ...(room === undefined ? {} : { room }),
        ...(actor === undefined ? {} : { actor }),
        ...(object === undefined ? {} : { object }),
        ...from,
        limit: MAX_LISTED + 1,
      });
      if (acts.length === 0) return { note: { type: 'info', text: say('auditNone') } };
      const rows = fitting(
        acts.slice(0, MAX_LISTED).map((act) => auditCells(act, act.room)),
        auditRowXml,
      );
      const note = { type: 'info', text: say('auditMore', { shown: rows.length }) } as const;
      const table = { columns: auditColumns(true), rows };
      return acts.length > rows.length ? { note, table } : { table };
    },
  };
}
