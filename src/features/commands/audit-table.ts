/** The audit trail as a table that people read: one line for each act. */
import { formatDateTime } from '../../xmpp/dates';
import type { Column } from '../../xmpp/forms';
import type { Act, AuditRow, By } from '../../room/contract/audit';
import { escapeText } from '../../xmpp/xml';
import { inLanguage, joined, inWords, type Key, type Language, type Text } from '../../words';
import { changeText } from './audit-values';

/** What each act is called. */
const ACTS: Readonly<Record<Act, Key>> = {
  create: 'actCreate',
  configure: 'actConfigure',
  destroy: 'actDestroy',
  rename: 'actRename',
  'set-affiliations': 'actAffiliations',
  'set-roles': 'actRoles',
  'set-subject': 'actSubject',
  'change-nick': 'actNick',
  say: 'actSay',
  'allow-posting': 'actAllowPosting',
  'end-posting': 'actEndPosting',
  moderate: 'actModerate',
  mute: 'actMute',
  unmute: 'actUnmute',
  warn: 'actWarn',
  unwarn: 'actUnwarn',
  hats: 'actHats',
  'set-vcard': 'actVcard',
  purge: 'actPurge',
  'ban-and-retract': 'actBanAndRetract',
  trim: 'actTrim',
  erase: 'actErase',
  'erase-person': 'actErasePerson',
  forget: 'actForget',
  import: 'actImport',
  'answer-registration': 'actAnswerRegistration',
  'answer-message': 'actAnswerMessage',
  'answer-voice': 'actAnswerVoice',
  'shut-down': 'actShutDown',
};

const KINDS: Readonly<Record<By['kind'], Key>> = {
  occupant: 'byOccupant',
  account: 'byAccount',
  administrator: 'byAdministrator',
  operator: 'byOperator',
  token: 'byToken',
  'plug-in': 'byPlugin',
  room: 'byRoom',
};

const FACES: Readonly<Record<By['face'], Key>> = {
  xmpp: 'faceXmpp',
  'ad-hoc': 'faceAdHoc',
  http: 'faceHttp',
  'command-line': 'faceCommandLine',
  'plug-in': 'byPlugin',
  room: 'byRoom',
};

/** Who acted, and by which face. */
function whoText({ kind, name, face, claimed }: By): Text {
  if (name === null) return inWords(KINDS[kind]);
  const more = joined([inWords(KINDS[kind]), inWords(FACES[face]), ...(claimed ? [inWords('byClaimed')] : [])], ', ');
  return joined([name, ' (', more, ')'], '');
}

/** Things of one act that are shown in its line. */
const SHOWN = 5;

const column = (name: string, label: Text): Column => ({ var: name, type: 'text-single', label });

/** The columns; `room`: whether the room is one. */
export function auditColumns(room: boolean): Column[] {
  return [
    column('when', inWords('auditWhen')),
    ...(room ? [column('room', inWords('auditRoom'))] : []),
    column('who', inWords('auditWho')),
    column('act', inWords('auditWhat')),
    column('object', inWords('auditOf')),
    column('change', inWords('auditChange')),
    column('reason', inWords('auditReason')),
  ];
}

/** About what a row is in XML: its texts, and less than 60 bytes for each cell. */
export const auditRowXml = (cells: readonly Text[], language: Language): string =>
  cells.map((cell) => escapeText(inLanguage(cell, language)) + ' '.repeat(60)).join('');

/** The cells of one act; `room`: its room, if that is a column. */
export function auditCells({ at, by, act, count, items }: AuditRow, room?: string): Text[] {
  const shown = items.slice(0, SHOWN);
  const more = count > shown.length ? [inWords('auditAndMore', { count: count - shown.length })] : [];
  const changes = shown.map((item) => changeText(act, item)).filter((change) => change !== '');
  const reasons = [...new Set(shown.map(({ reason }) => reason).filter((reason) => reason !== null))];
  return [
    formatDateTime(at),
    ...(room === undefined ? [] : [room]),
    whoText(by),
    inWords(ACTS[act]),
    joined([...shown.map(({ object }) => object).filter((object) => object !== ''), ...more], '; '),
    joined(changes, '; '),
    reasons.join('; '),
  ];
}
