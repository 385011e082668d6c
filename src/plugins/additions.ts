/** What a plug-in adds to presence and messages, by who gets it. */
import { parseContent } from '../xmpp/xml';
import { NOTHING_ADDED, type Additions, type MessageAdditions } from '../room/contract/additions';
import type { Feature } from '../room/contract/feature';
import type { Audience, RoomHooks } from './api-hooks';
import type { Parts } from './parts';
import { bodyOf, finished, shownMessage } from './markup-out';
import { occupantView } from './view';

const BY_AFFILIATION: ReadonlySet<Audience> = new Set<Audience>(['members', 'admins', 'owners']);

/** The additions as hooks of a feature. */
export function additionsOf({ addToPresence, addToMessages }: RoomHooks, { look }: Parts): Partial<Feature> {
  return {
    ...(addToPresence && {
      addsByAffiliation: addToPresence.some(({ audience }) => BY_AFFILIATION.has(audience)),
      addToPresence: (state, occupant) =>
        look('addToPresence', occupant.jid, state, (room) => {
          const view = occupantView(state, occupant);
          const added: Record<keyof Additions, string> = { ...NOTHING_ADDED };
          for (const addition of addToPresence) {
            const element = addition.add(view, room);
            if (element) added[addition.audience] += finished(element);
          }
          return added;
        }),
    }),
    ...(addToMessages && {
      addToMessage: (state, occupant, payload) =>
        look('addToMessages', occupant.jid, state, (room) => {
          const message = Object.freeze({
            room,
            from: occupantView(state, occupant),
            body: bodyOf(parseContent(payload)),
            stanza: shownMessage(payload),
          });
          const added: Record<keyof MessageAdditions, string> = { ...NOTHING_ADDED };
          for (const addition of addToMessages) {
            const element = addition.add(message);
            if (element) added[addition.audience] += finished(element);
          }
          return added;
        }),
    }),
  };
}
