/** Bans that are perhaps not meant: of who administers the service, and of the domain of its own people. They are done for who says that they are. */
import { inLanguage, joined, inWords } from '../words';
import type { BareJid } from '../xmpp/fold';
import { domainOf } from '../xmpp/jid';
import type { ApiParts } from './parts';
import { Problem } from './problem';
import type { Call } from './route';
import { EVERYTHING } from './tokens';

/** Throws Problem `unconfirmed` with a sentence for each doubt, unless the request says that it is meant. */
export function noDoubt(
  jids: readonly BareJid[],
  confirmed: boolean | undefined,
  { rooms, language }: Pick<Call, 'rooms' | 'language'>,
  { admins, serverDomain }: Pick<ApiParts, 'admins' | 'serverDomain'>,
): void {
  if (confirmed === true) return;
  // Who administers the service is not for tokens of some rooms to know.
  const known = rooms === EVERYTHING ? admins : [];
  const own = new Set<string>([...known.map(domainOf), serverDomain]);
  const doubts = jids.flatMap((jid) => {
    if (known.includes(jid)) return [inWords('banAdmin', { jid })];
    return own.has(jid) ? [inWords('banOwnDomain', { jid })] : [];
  });
  if (doubts.length === 0) return;
  throw new Problem('unconfirmed', joined([...doubts, inWords('apiConfirm')]), { doubts: doubts.map((one) => inLanguage(one, language)) });
}
