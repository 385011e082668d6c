/** The audit trail as a table that people read: one line for each act. */
import { formatDateTime } from '../../xmpp/dates';
import type { Column } from '../../xmpp/forms';
import type { AuditRow } from '../../room/contract/audit';
import { escapeText } from '../../xmpp/xml';
import { inLanguage, joined, say, type Language, type Text } from '../../words';

/** Things of one act that are shown in its line. */
const SHOWN = 5;

const column = (name: string, label: Text): Column => ({ var: name, type: 'text-single', label });

/** The columns; `room`: whether the room is one. */
export function auditColumns(room: boolean): Column[] {
  return [
    column('when', say('auditWhen')),
    ...(room ? [column('room', say('auditRoom'))] : []),
    column('who', say('auditWho')),
    column('act', say('auditWhat')),
    column('object', say('auditOf')),
    column('change', say('auditChange')),
    column('reason', say('auditReason')),
  ];
}

/** About what a row is in XML: its texts, and less than 60 bytes for each cell. */
export const auditRowXml = (cells: readonly Text[], language: Language): string =>
  cells.map((cell) => escapeText(inLanguage(cell, language)) + ' '.repeat(60)).join('');

/** The cells of one act; `room`: its room, if that is a column. */
export function auditCells({ at, by, act, count, items }: AuditRow, room?: string): Text[] {
  const shown = items.slice(0, SHOWN);
  const more = count > shown.length ? [say('auditAndMore', { count: count - shown.length })] : [];
  const changes = shown.map(({ before, after }) => (before === null ? (after ?? '') : `${before} → ${after ?? ''}`));
  const reasons = [...new Set(shown.map(({ reason }) => reason).filter((reason) => reason !== null))];
  const who = by.name === null ? by.kind : `${by.name} (${by.kind}, ${by.face}${by.claimed ? ', claimed' : ''})`;
  return [
    formatDateTime(at),
    ...(room === undefined ? [] : [room]),
    who,
    act,
    joined([...shown.map(({ object }) => object).filter((object) => object !== ''), ...more], '; '),
    changes.filter((change) => change !== '').join('; '),
    reasons.join('; '),
  ];
}
