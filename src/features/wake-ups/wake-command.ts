/** The command by which anybody who may read a room says what wakes them while they are away (docs/extensions.md). */
import { bareOf } from '../../xmpp/jid';
import { stanzaError } from '../../xmpp/stanza-error';
import { refuseReading } from '../../room/talking/archive-readers';
import { askersLanguage } from '../../room/language';
import { isAffiliated } from '../../room/occupants/stays';
import { endWish, hasPlaceForWish, mostWishes, setWish, WAKE_FIELD, wishOf, type WishedWake } from './wake-wishes';
import { inWords } from '../../words';
import { noteId } from '../archive/known-ids';
import { completed } from '../commands/room-command';
import type { RoomAdHocCommand } from '../../room/contract/feature';
import { askSettings } from './account-settings';
import { OWN_CHOICES } from './wake-option';

/** The node of the command, and the FORM_TYPE of its form. */
const NODE = 'urn:parlour:wake';

export const wakeCommand: RoomAdHocCommand = {
  node: NODE,
  title: 'wakeTitle',
  // A server or component is no person.
  refuse: (room, from) => (from.includes('@') ? refuseReading(room, from) : stanzaError('not-allowed', inWords('wishPerson'))),
  form: (room, from) => ({
    type: 'form',
    formType: NODE,
    title: inWords('wakeTitle'),
    instructions: inWords('wakeInstructions'),
    fields: [
      {
        var: WAKE_FIELD,
        type: 'list-single',
        label: inWords('labelWakeMe'),
        values: [wishOf(room, bareOf(from))?.wake ?? 'default'],
        options: OWN_CHOICES,
      },
    ],
  }),
  run: ({ room, turn, stanza, from }, answers, sessionid) => {
    const jid = bareOf(from);
    // One of the list: the form is checked against it.
    const wake = answers.get(WAKE_FIELD)?.[0] as WishedWake;
    const belongs = isAffiliated(room, jid);
    if (!belongs && (wake === 'default' || wake === 'nothing')) endWish(room, turn, jid);
    else {
      if (!hasPlaceForWish(room, jid, belongs))
        return stanzaError('resource-constraint', inWords('wishesFull', { max: mostWishes(belongs) }), { type: 'wait' });
      setWish(room, turn, jid, wake);
      noteId(room, jid);
      if (wake === 'default') askSettings(room, turn, jid, null);
    }
    turn.say(completed(stanza, NODE, sessionid, inWords('wakeKept'), askersLanguage(room, stanza, from)));
    return undefined;
  },
};
