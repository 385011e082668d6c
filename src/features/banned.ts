/** Outcasts do not get in (§7.2.7). */
import { stanzaError } from '../xmpp/stanza-error';
import type { Feature } from '../room/feature';
import { say } from '../words';

export const banned: Feature = {
  name: 'banned',
  read: ({ affiliation }) => (affiliation === 'outcast' ? stanzaError('forbidden', say('banned')) : undefined),
  enter: ({ affiliation }) => (affiliation === 'outcast' ? stanzaError('forbidden', say('banned')) : undefined),
};
