/** Changes of affiliation of people who are not there: told to those in the room (§9-10, "MAY send a message from the room") and to them (101, §18.1). */
import { NS } from '../xmpp/ns';
import { outgoing } from '../xmpp/outgoing';
import { escapeText } from '../xmpp/xml';
import { announceAffiliation } from '../room/announce';
import type { Feature } from '../room/feature';
import { statusXml } from '../room/status';

export const absenceNotices: Feature = {
  name: 'absence-notices',
  affiliated: ({ room, turn, jid, after, present, actor, reason }) => {
    // A locked room is not there yet for anybody else (§7.2.10).
    if (present || room.locked) return;
    announceAffiliation(room, turn, jid, after);
    // A domain reads no mail; whoever changes his own affiliation knows it.
    if (!jid.includes('@') || actor.jid === jid) return;
    // §18.1: it MAY have a body. It has none, because clients take that for a person's message: they open a chat with the room's address,
    // which then stands in the way of entering the room (Converse.js 14 cannot follow the invitation any more).
    const why = reason === undefined ? '' : `<reason>${escapeText(reason)}</reason>`;
    const head = `<item affiliation="${after}" role="none"`;
    const item = why === '' ? `${head}/>` : `${head}>${why}</item>`;
    turn.say(
      outgoing('message', room.jid, jid, {}, `<x xmlns="${NS.mucUser}">${item}${statusXml(101, room.env.policy.rooms.conditions)}</x>`),
    );
  },
};
