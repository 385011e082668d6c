/** What is said under a load: messages to the room, changes of status, private messages. Each knows who hears it. */
import { BODY, message, messageId, nick, roomJid, userJid, type Load } from './loads';

export interface Kind {
  readonly name: KindName;
  /** The first occupant who says it: what the owner of a room says may look otherwise. */
  readonly first: number;
  /** The n-th stanza, which has `messageId(n)` once. */
  stanza(load: Load, room: number, occupant: number, n: number): string;
  /** Occupants of the room who get a copy. */
  hear(load: Load, room: number, occupant: number): readonly number[];
  /** Its element. */
  readonly element: 'message' | 'presence';
  /** What each copy has in it. */
  marks(room: number, occupant: number, n: number): readonly string[];
  /** Whether every copy has the same length and the archive keeps each stanza. */
  readonly strict: boolean;
}

export type KindName = 'messages' | 'presence' | 'private';

const everybody = (load: Load): readonly number[] => Array.from({ length: load.occupants }, (_, i) => i);
/** The one who is spoken to: the next occupant, but never the owner. */
const next = (load: Load, occupant: number): number => 1 + (occupant % (load.occupants - 1));

export const KINDS: Readonly<Record<KindName, Kind>> = {
  messages: {
    name: 'messages',
    first: 0,
    stanza: (_load, room, occupant, n) => message(room, occupant, n),
    hear: everybody,
    element: 'message',
    marks: (room, occupant, n) => [` from="${roomJid(room)}/${nick(occupant)}"`, ` id="${messageId(n)}"`, `<body>${BODY}</body>`],
    strict: true,
  },
  presence: {
    name: 'presence',
    first: 1,
    stanza: (_load, room, occupant, n) =>
      `<presence from="${userJid(room, occupant)}" to="${roomJid(room)}/${nick(occupant)}"><show>away</show><status>${messageId(n)}</status></presence>`,
    hear: everybody,
    element: 'presence',
    marks: (room, occupant, n) => [` from="${roomJid(room)}/${nick(occupant)}"`, messageId(n)],
    strict: false,
  },
  private: {
    name: 'private',
    first: 1,
    stanza: (load, room, occupant, n) =>
      `<message from="${userJid(room, occupant)}" to="${roomJid(room)}/${nick(next(load, occupant))}" type="chat" id="${messageId(n)}">` +
      `<body>${BODY}</body><x xmlns="http://jabber.org/protocol/muc#user"/></message>`,
    hear: (load, _room, occupant) => [next(load, occupant)],
    element: 'message',
    marks: (room, occupant, n) => [` from="${roomJid(room)}/${nick(occupant)}"`, ` id="${messageId(n)}"`, `<body>${BODY}</body>`],
    strict: false,
  },
};
