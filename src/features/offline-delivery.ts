/** What is said goes to the accounts of registered people who asked for it and are not there, as it goes to those who are. */
import { bareOf } from '../xmpp/jid';
import type { Condition } from '../xmpp/stanza-error';
import type { Feature } from '../room/contract/feature';
import { absentAccounts, forgetAbsent, offlineAccounts, offlineCount, setOffline, wantsOffline } from '../room/talking/offline-delivery';
import { isRetraction } from '../room/retracting/retraction-xml';
import { isArchived } from './archive/archive';

/** Errors that may pass. After any other nothing more is sent: many servers take no groupchat message for an account. */
const PASSING = new Set<Condition>(['internal-server-error', 'remote-server-timeout', 'resource-constraint', 'undefined-condition']);

export const offlineDelivery: Feature = {
  name: 'offline-delivery',
  rows: [offlineAccounts],
  // Do not send no-store messages to offline accounts.
  listens: isArchived,
  said: ({ room, turn, out, row }) => {
    // That something is taken back is told also where it is not history (when much of somebody's is): the account has what was said.
    if (offlineCount(room) === 0 || !row || !(row.inHistory || isRetraction(row.payload))) return;
    const to = absentAccounts(room);
    if (to.length > 0) turn.say({ ...out, to, kind: 'reply' });
  },
  bounced: (room, turn, { jid, nick, condition }) => {
    if (nick === undefined || !wantsOffline(room, bareOf(jid))) return false;
    if (!PASSING.has(condition)) setOffline(room, turn, bareOf(jid), false);
    return true;
  },
  entered: (room, _turn, { jid }) => {
    if (wantsOffline(room, jid)) forgetAbsent(room);
  },
  left: (room, _turn, { jid }) => {
    if (wantsOffline(room, jid)) forgetAbsent(room);
  },
  affiliated: ({ room, turn, jid, after }) => {
    if (after === 'none' || after === 'outcast') setOffline(room, turn, jid, false);
    // A domain's affiliation is that of its people.
    forgetAbsent(room);
  },
  reconfigured: (room) => {
    forgetAbsent(room);
  },
};
