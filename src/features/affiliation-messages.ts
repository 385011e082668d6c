/** Changes of affiliations as messages of the room, where the operator wants them kept (`archive.events`; those of the configuration: notices.ts). */
import { NS } from '../xmpp/ns';
import { attributes, escapeAttribute, escapeText } from '../xmpp/xml';
import type { AffiliationChange, Feature } from '../room/contract/feature';
import { keepsEvents } from '../room/talking/notices';
import { sayAsRoom } from '../room/talking/speak';

export const events: Feature = {
  name: 'events',
  affiliated: (change) => {
    const { room, turn } = change;
    if (!room.exists || room.locked || !keepsEvents(room)) return;
    sayAsRoom(room, turn, { clientId: null, lang: null, payload: eventXml(change), inHistory: false });
  },
};

/** The person is named by nick: only some may see a real JID (§14.5), but everybody who may enter reads the archive, also later. */
function eventXml({ room, jid, nick, after, actor, reason }: AffiliationChange): string {
  const role = room.occupants.withId(room.idOf(jid))?.role ?? 'none';
  const by = actor.nick === undefined ? '' : `<actor nick="${escapeAttribute(actor.nick)}"/>`;
  const why = reason === undefined ? '' : `<reason>${escapeText(reason)}</reason>`;
  const head = `<item${attributes({ affiliation: after, nick, role })}`;
  const item = by + why === '' ? `${head}/>` : `${head}>${by}${why}</item>`;
  return `<x xmlns="${NS.mucUser}">${item}</x>`;
}
