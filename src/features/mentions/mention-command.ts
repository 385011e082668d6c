/** The command by which anybody who may read a room asks to be told of messages that mention them, without becoming a member. */
import { parseBoolean } from '../../xmpp/forms';
import { commandRefusal } from '../../xmpp/ad-hoc';
import { bareOf } from '../../xmpp/jid';
import { stanzaError } from '../../xmpp/stanza-error';
import { refuseReading } from '../../room/talking/archive-readers';
import { askersLanguage } from '../../room/language';
import { say } from '../../words';
import { noteId } from '../archive/known-ids';
import { hasPlaceForWish, hasWish, MAX_WISHES, setWish } from './mention-wishes';
import type { RoomCommand } from '../../room/contract/feature';
import { completed } from '../commands/room-command';

/** The node of the command, and the FORM_TYPE of its form. */
const NODE = 'urn:parlour:tell-me-of-mentions';
const WANTED = 'tell';

export const mentionCommand: RoomCommand = {
  node: NODE,
  title: 'wishTitle',
  // A server or component is no person.
  refuse: (room, from) => (from.includes('@') ? refuseReading(room, from) : stanzaError('not-allowed', say('wishPerson'))),
  form: (room, from) => ({
    type: 'form',
    formType: NODE,
    title: say('wishTitle'),
    instructions: say('wishInstructions'),
    fields: [{ var: WANTED, type: 'boolean', label: say('wishField'), values: [hasWish(room, bareOf(from)) ? '1' : '0'] }],
  }),
  run: ({ room, turn, stanza, from }, answers, sessionid) => {
    const jid = bareOf(from);
    const given = answers.get(WANTED)?.[0] ?? '';
    const wanted = parseBoolean(given);
    if (wanted === undefined) return commandRefusal('bad-payload', say('fieldOption', { field: say('wishField'), value: given }));
    if (wanted && !hasPlaceForWish(room, jid))
      return stanzaError('resource-constraint', say('wishesFull', { max: MAX_WISHES }), { type: 'wait' });
    setWish(room, turn, jid, wanted);
    if (wanted) noteId(room, jid);
    turn.say(completed(stanza, NODE, sessionid, say(wanted ? 'wishKept' : 'wishEnded'), askersLanguage(room, stanza, from)));
    return undefined;
  },
};
