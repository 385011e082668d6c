/** Rooms that need a password (`muc#roomconfig_passwordprotectedroom`, `…_roomsecret`; §7.2.5). */
import { timingSafeEqual } from 'node:crypto';
import { NS } from '../../xmpp/ns';
import { textOf } from '../../xmpp/xml';
import { stanzaError } from '../../xmpp/stanza-error';
import { isAdmin } from '../../room/governing/roles';
import { booleanOption, textOption, type RoomOptions } from '../../room/contract/options';
import type { Feature } from '../../room/contract/feature';
import { inWords } from '../../words';

const needed = booleanOption({ var: 'muc#roomconfig_passwordprotectedroom', label: inWords('labelPasswordNeeded'), initial: false });
const secret = textOption({
  var: 'muc#roomconfig_roomsecret',
  label: inWords('labelPassword'),
  initial: '',
  max: 1000,
  type: 'text-private',
});

export const isProtected = (options: RoomOptions): boolean => options.get(needed);

/** The password to enter with, or undefined if none is needed. */
export const passwordOf = (options: RoomOptions): string | undefined => (isProtected(options) ? options.get(secret) : undefined);

/** Compares without telling by its duration how much was right. */
function matches(given: string, wanted: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(wanted);
  return a.length === b.length && timingSafeEqual(a, b);
}

const isBlank = (values: readonly string[] | undefined): boolean => (values ?? []).every((value) => value === '');

export const password: Feature = {
  name: 'password',
  options: [needed, secret],
  disco: (options) => [isProtected(options) ? 'muc_passwordprotected' : 'muc_unsecured'],
  // A password without the tick box: clients may leave out what is not ticked, and a room must not stand open that somebody gave a password.
  implied: (values) => new Map(isBlank(values.get(needed.var)) && !isBlank(values.get(secret.var)) ? [[needed.var, ['1']]] : []),
  // §10.1.3: "e.g., because the password for a password-protected room is blank".
  acceptable: (options) =>
    isProtected(options) && options.get(secret) === '' ? stanzaError('not-acceptable', inWords('passwordBlank')) : undefined,
  // A query cannot carry a password: who is in has given it, and who may change it need not.
  read: ({ room, affiliation, present }) =>
    isProtected(room.options) && !present && !isAdmin(affiliation) ? stanzaError('forbidden', inWords('archivePassword')) : undefined,
  enter: ({ room, stanza, affiliation, policy }) => {
    if (!isProtected(room.options)) return undefined;
    // Owners can read it, and their other devices may not know it yet. Admins and members need it (§7.2.5).
    if (affiliation === 'owner' && !policy.rooms.ownersNeedPassword) return undefined;
    const given = stanza.getChild('x', NS.muc)?.getChild('password', NS.muc);
    if (!given) return stanzaError('not-authorized', inWords('passwordNeeded'));
    return matches(textOf(given), room.options.get(secret)) ? undefined : stanzaError('not-authorized', inWords('passwordWrong'));
  },
};
