/** Erasing somebody from a room, and forgetting an account that was deleted, by whoever runs the service. */
import { stanzaError } from '../../xmpp/stanza-error';
import type { Feature } from '../../room/contract/feature';
import { inWords } from '../../words';
import { erasePerson, erasureRows } from './erase-person';
import { forgetAccount } from './forget-account';

export const erasing: Feature = {
  name: 'erasing',
  rows: erasureRows,
  commands: {
    'erase-person': ({ room, turn, command, actor, done }) => {
      if (actor.jid !== null) return stanzaError('forbidden', inWords('adminsOnlyHere'));
      erasePerson(room, turn, command.jid, actor, (outcome) => {
        done(typeof outcome === 'number' ? { ok: true, erased: outcome } : { ok: false, error: outcome });
      });
      return undefined;
    },
    forget: ({ room, turn, command, actor }) => {
      if (actor.jid !== null) return stanzaError('forbidden', inWords('adminsOnlyHere'));
      forgetAccount(room, turn, command.jid, actor);
      return undefined;
    },
  },
};
