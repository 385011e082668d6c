/** The command by which anybody who may read a room asks to be woken by messages that mention them, without becoming a member. */
import { parseBoolean } from '../../xmpp/forms';
import { commandRefusal } from '../../xmpp/ad-hoc';
import { bareOf } from '../../xmpp/jid';
import { stanzaError } from '../../xmpp/stanza-error';
import type { BareJid } from '../../xmpp/fold';
import type { RoomState } from '../../room/state';
import { refuseReading } from '../../room/talking/archive-readers';
import { askersLanguage } from '../../room/language';
import { inWords } from '../../words';
import { noteId } from '../archive/known-ids';
import { endWish, hasPlaceForWish, mostWishes, setWish } from '../wake-ups/wake-wishes';
import { isAffiliated } from '../../room/occupants/stays';
import { wakeOf } from '../wake-ups/wake-option';
import type { RoomAdHocCommand } from '../../room/contract/feature';
import { completed } from '../commands/room-command';

/** The node of the command, and the FORM_TYPE of its form. */
const NODE = 'urn:parlour:tell-me-of-mentions';
const WANTED = 'tell';

/** Whether somebody is woken by messages that mention them. */
function isTold(room: RoomState, jid: BareJid): boolean {
  const wake = wakeOf(room, jid);
  return wake === 'all' || wake === 'mentions';
}

export const mentionCommand: RoomAdHocCommand = {
  node: NODE,
  title: 'wishTitle',
  // A server or component is no person.
  refuse: (room, from) => (from.includes('@') ? refuseReading(room, from) : stanzaError('not-allowed', inWords('wishPerson'))),
  form: (room, from) => ({
    type: 'form',
    formType: NODE,
    title: inWords('wishTitle'),
    instructions: inWords('wishInstructions'),
    fields: [{ var: WANTED, type: 'boolean', label: inWords('wishField'), values: [isTold(room, bareOf(from)) ? '1' : '0'] }],
  }),
  run: ({ room, turn, stanza, from }, answers, sessionid) => {
    const jid = bareOf(from);
    const given = answers.get(WANTED)?.[0] ?? '';
    const wanted = parseBoolean(given);
    if (wanted === undefined) return commandRefusal('bad-payload', inWords('fieldOption', { field: inWords('wishField'), value: given }));
    const belongs = isAffiliated(room, jid);
    if (wanted && !hasPlaceForWish(room, jid, belongs))
      return stanzaError('resource-constraint', inWords('wishesFull', { max: mostWishes(belongs) }), { type: 'wait' });
    // Of nobody else's wishes anything is kept than what wakes them.
    if (wanted !== isTold(room, jid) && (wanted || belongs)) setWish(room, turn, jid, wanted ? 'mentions' : 'nothing');
    else if (!wanted && !belongs) endWish(room, turn, jid);
    if (wanted) noteId(room, jid);
    turn.say(completed(stanza, NODE, sessionid, inWords(wanted ? 'wishKept' : 'wishEnded'), askersLanguage(room, stanza, from)));
    return undefined;
  },
};
