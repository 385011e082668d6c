/** Lines about the life of rooms: made, configured, destroyed, affiliations and roles changed, as the audit trail has it. */
import type { Log, LogEvent } from '../../log';
import type { AuditRow } from '../../room/contract/audit';
import type { Change } from '../../room/contract/rows';
import type { RoomJid } from '../../xmpp/fold';

/** Things of one act that a line names. */
const SHOWN = 5;

/** Acts that are told, but for those whose own command logs them. */
const EVENTS: Partial<Record<AuditRow['act'], LogEvent>> = {
  create: 'room.created',
  configure: 'room.configured',
  destroy: 'room.destroyed',
  'set-affiliations': 'room.affiliations-changed',
  'set-roles': 'room.roles-changed',
};

const TEXTS: Partial<Record<LogEvent, string>> = {
  'room.created': 'a room was made',
  'room.configured': 'the configuration of a room was changed',
  'room.destroyed': 'a room was destroyed',
  'room.affiliations-changed': 'affiliations were changed',
  'room.roles-changed': 'roles were changed',
  'room.kicked': 'somebody was kicked',
};

/** Logs what of these committed changes governs the room. */
export function logRoomLife(log: Log, room: RoomJid, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.table !== 'audit') continue;
    const { act, by, count, items } = change.row;
    const told = EVENTS[act];
    if (told === undefined) continue;
    const event = told === 'room.roles-changed' && items.some(({ after }) => after === 'none') ? 'room.kicked' : told;
    const of = items
      .slice(0, SHOWN)
      .map(({ object, after }) => (object === '' || act === 'configure' || after === null ? object : `${object}: ${after}`));
    log.info({ event, room, by: by.name ?? by.kind, face: by.face, count, of }, TEXTS[event] ?? event);
  }
}
