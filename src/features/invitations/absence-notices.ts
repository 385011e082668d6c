/** Changes of affiliation of people who are not there: told to those in the room (§9-10, "MAY send a message from the room") and to them (101, §18.1). */
import { NS } from '../../xmpp/ns';
import { absentItem, announceAffiliation } from '../../room/governing/show-change';
import type { Feature } from '../../room/contract/feature';
import { leaveNotice } from '../../room/talking/notice-queue';
import { saidReason } from '../../room/governing/reasons';
import { STATUS, statusXml } from '../../room/occupants/status';

export const absenceNotices: Feature = {
  name: 'absence-notices',
  affiliated: ({ room, turn, jid, after, present, actor, lists, ...change }) => {
    // A locked room is not there yet for anybody else (§7.2.10).
    if (present || room.locked) return;
    const reason = change.reason && saidReason(change.reason);
    announceAffiliation(room, turn, { jid, affiliation: after, reason }, lists);
    // A domain reads no messages; people who change their own affiliation know it.
    if (!jid.includes('@') || actor.jid === jid) return;
    // §18.1: it MAY have a body. It has none, because clients take that for a person's message: they open a chat with the room's address,
    // which then stands in the way of entering the room (Converse.js 14 cannot follow the invitation any more).
    const inner = absentItem({ jid, affiliation: after, reason }) + statusXml(STATUS.affiliationChanged, room.env.policy.rooms.conditions);
    const rest = `><x xmlns="${NS.mucUser}">${inner}</x></message>`;
    leaveNotice(room, turn, { to: [jid], rest, cause: { kind: 'affiliation', jid, affiliation: after } });
  },
};
