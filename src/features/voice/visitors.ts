/** What those without voice may do: whether newcomers are among them, and their nick and status (§5.1.3, §7.6, §14.6 "long nicknames"). */
import { child } from '../../xmpp/xml';
import { stanzaError } from '../../xmpp/stanza-error';
import { booleanOption, type RoomOptions } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';
import { inWords } from '../../words';

const voiceByDefault = booleanOption({
  var: 'muc#roomconfig_membersbydefault',
  label: inWords('labelVoiceByDefault'),
  initial: false,
});
const nickChange = booleanOption({
  var: 'muc#roomconfig_allowvisitornickchange',
  label: inWords('labelVisitorNick'),
  initial: true,
});
const status = booleanOption({
  var: 'muc#roomconfig_allowvisitorstatus',
  label: inWords('labelVisitorStatus'),
  initial: true,
});

/** Whether whoever has no affiliation comes into a moderated room with voice. */
export const hasVoiceByDefault = (options: RoomOptions): boolean => options.get(voiceByDefault);

/** Whether whoever has no voice may send a status text. */
export const mayVisitorsSendStatus = (options: RoomOptions): boolean => options.get(status);

export const visitors: Feature = {
  name: 'visitors',
  options: [voiceByDefault, nickChange, status],
  appear: ({ room, stanza, occupant, nick }) => {
    if (occupant.role !== 'visitor') return undefined;
    if (nick !== undefined && !room.options.get(nickChange)) return stanzaError('forbidden', inWords('visitorNick'));
    if (!room.options.get(status) && child(stanza, 'status', '')) return stanzaError('forbidden', inWords('visitorStatus'));
    return undefined;
  },
};
