/** Whether those who have reserved a nickname go by it and no other (§7.10, §7.12 "lock down"). */
import { nickKey } from '../../xmpp/nick';
import { stanzaError } from '../../xmpp/stanza-error';
import { booleanOption } from '../../room/contract/options';
import { reservedNick } from '../../room/occupants/reserved-nicks';
import type { Feature } from '../../room/contract/feature';
import { inWords } from '../../words';

const option = booleanOption({
  var: '{urn:parlour:room}locknicks',
  label: inWords('labelLockNicks'),
  initial: false,
});

export const nickLock: Feature = {
  name: 'nick-lock',
  options: [option],
  assignNick: (room, jid) => (room.options.get(option) ? reservedNick(room, jid) : undefined),
  appear: ({ room, occupant, nick }) => {
    if (nick === undefined || !room.options.get(option)) return undefined;
    const reserved = reservedNick(room, occupant.jid);
    // §7.6: "locked down" is `not-acceptable`, cancel.
    return reserved !== undefined && nickKey(reserved) !== nickKey(nick)
      ? stanzaError('not-acceptable', inWords('nickLocked', { nick: reserved }), { type: 'cancel' })
      : undefined;
  },
};
