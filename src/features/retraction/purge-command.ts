/** The command with which moderators retract a person's latest messages in their room, and admins can ban the person too. */
import type { Commands } from '../../room/contract/feature';
import { commandRefusal } from '../../xmpp/ad-hoc';
import { actorOf } from '../../room/governing/admin-iq';
import { beginPurge } from './purge';
import { moderationForbidden } from './retraction-rules';
import { askersLanguage } from '../../room/language';
import { isAdmin } from '../../room/governing/roles';
import { inWords } from '../../words';
import { purgeFields, purgeNote, readPurge } from './purge-form';
import type { RoomAdHocCommand } from '../../room/contract/feature';
import { completed } from '../commands/room-command';

/** The node of the command, and the FORM_TYPE of its form. */
export const PURGE = 'urn:parlour:ban-and-retract';

/** The same by command: it is over in a decision that writes nothing, when all that was retracted is committed, and so it can be told at once. */
export const purgeCommands: Commands = {
  'ban-and-retract': ({ room, turn, command, actorIn, done }) =>
    beginPurge(room, turn, command, {
      actor: actorIn,
      stanza: null,
      finish: (_, outcome) => {
        done(typeof outcome === 'number' ? { ok: true, retracted: outcome } : { ok: false, error: outcome });
        return undefined;
      },
    }),
};

export const purgeCommand: RoomAdHocCommand = {
  node: PURGE,
  title: 'purgeTitle',
  refuse: (room, from) => moderationForbidden(actorOf(room, from)),
  form: (room, from) => {
    const fields = purgeFields(isAdmin(actorOf(room, from).affiliation));
    return { type: 'form', formType: PURGE, title: inWords('purgeTitle'), instructions: inWords('purgeInstructions'), fields };
  },
  run: ({ room, turn, stanza, from }, answers, sessionid) => {
    const purge = readPurge(answers, room.jid);
    if ('problem' in purge) return commandRefusal('bad-payload', purge.problem);
    return beginPurge(room, turn, purge, {
      actor: (then) => actorOf(then, from),
      stanza,
      finish: (later, outcome) => {
        if (typeof outcome !== 'number') return outcome;
        later.say(completed(stanza, PURGE, sessionid, purgeNote(purge, outcome), askersLanguage(room, stanza, from)));
        return undefined;
      },
    });
  },
};
