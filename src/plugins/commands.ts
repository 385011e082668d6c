/** A plug-in's ad-hoc commands at the room. */
import { commandXml } from '../xmpp/ad-hoc';
import type { FullJid } from '../xmpp/fold';
import { bareOf } from '../xmpp/jid';
import { iqResult, stanzaError, type StanzaError } from '../xmpp/stanza-error';
import { escapeText } from '../xmpp/xml';
import { inWords } from '../words';
import type { RoomAdHocCommand as Command } from '../room/contract/feature';
import { actorOf } from '../room/governing/admin-iq';
import { isAdmin } from '../room/governing/roles';
import { askersLanguage } from '../room/language';
import type { RoomState } from '../room/state';
import { refuseReading } from '../room/talking/archive-readers';
import type { CommandField, AdHocCommand } from './api-hooks';
import { Acts } from './acts';
import { errorOf, failedError, offError } from './checks';
import type { Parts } from './parts';
import { fitting } from './markup-out';

/** The commands as those of a feature. */
export function commandsOf(commands: readonly AdHocCommand[], { own, guard, look }: Parts): readonly Command[] {
  return commands.map((command) => ({
    node: command.node,
    title: { text: command.title },
    refuse: (state, from) => forbidden(command, state, from),
    form: (state, from) => {
      const fields = look('command', bareOf(from), state, (room) => command.fields(room).map(fieldOf)) ?? [];
      const { title, instructions } = command;
      return {
        type: 'form',
        formType: command.formType ?? command.node,
        title,
        ...(instructions === undefined ? {} : { instructions }),
        fields,
      };
    },
    run: ({ room: state, turn, stanza, from }, answers, sessionid) => {
      const room = new Acts(state, turn, own);
      const values = new Map([...answers].filter(([, given]) => given.some((value) => value !== '')));
      const called = guard.call('command', bareOf(from), () => {
        const outcome = command.run(room, values, { jid: bareOf(from) });
        return typeof outcome === 'string' ? fitting(outcome) : errorOf(outcome);
      });
      room.end();
      if (called.is === 'failed') return failedError();
      if (called.is === 'disabled') return offError();
      if (typeof called.value !== 'string') return called.value;
      const note = `<note type="info">${escapeText(called.value)}</note>`;
      turn.say(iqResult(stanza, commandXml(command.node, sessionid, 'completed', note, askersLanguage(state, stanza, from))));
      return undefined;
    },
  }));
}

/** Why this JID may not run it, or undefined. */
function forbidden(command: AdHocCommand, state: RoomState, from: FullJid): StanzaError | undefined {
  const { affiliation, role } = actorOf(state, from);
  switch (command.for) {
    case 'anybody':
      return refuseReading(state, from);
    case 'occupants':
      return state.occupants.session(from) ? undefined : stanzaError('not-acceptable', inWords('notOccupant'));
    case 'moderators':
      return role === 'moderator' || isAdmin(affiliation) ? undefined : stanzaError('forbidden', inWords('moderatorsOnly'));
    case 'admins':
      return isAdmin(affiliation) ? undefined : stanzaError('forbidden', inWords('adminsOnly'));
    case 'owners':
      return affiliation === 'owner' ? undefined : stanzaError('forbidden', inWords('ownersOnly'));
  }
}

function fieldOf({ name, type, label, value, required = false, options }: CommandField) {
  const values = value === undefined ? [] : [value];
  return { var: name, type, label, required, values, ...(options ? { options } : {}) };
}
