/** The loads of the benchmark and the addresses in them, all of one width so that every delivery of a load has one length. */

export interface Load {
  readonly name: string;
  readonly rooms: number;
  /** Occupants in each room, one session each. */
  readonly occupants: number;
  /** The share of the baseline's deliveries/s at which the architecture is right. */
  readonly target: number;
}

/** How figures name a load: rooms and occupants of each. */
export const idOf = ({ rooms, occupants }: Load): string => `${rooms}x${occupants}`;

export const LOADS: readonly Load[] = [
  { name: '1 room of 1,000', rooms: 1, occupants: 1_000, target: 0.8 },
  { name: '100 rooms of 20', rooms: 100, occupants: 20, target: 0.35 },
  { name: '1,000 rooms of 10', rooms: 1_000, occupants: 10, target: 0.25 },
];

export const SERVER_DOMAIN = 'bench.example';
export const COMPONENT_DOMAIN = 'rooms.bench.example';
export const SECRET = 'bench';

/** 80 bytes, nothing in it that needs escaping. */
export const BODY = 'The quick brown fox jumps over the lazy dog, again and again, until the day ends';

function wide(index: number): string {
  return String(index).padStart(4, '0');
}

export function roomJid(room: number): string {
  return `room${wide(room)}@${COMPONENT_DOMAIN}`;
}

export function nick(occupant: number): string {
  return `nick${wide(occupant)}`;
}

/** Full JID of an occupant's one session; no account is in two rooms. */
export function userJid(room: number, occupant: number): string {
  return `user${wide(room)}-${wide(occupant)}@${SERVER_DOMAIN}/phone`;
}

/** The client's id of the n-th message, of fixed width. */
export function messageId(n: number): string {
  return `m${String(n).padStart(9, '0')}`;
}

/** The n-th message of the run as a client's server hands it to the component. */
export function message(room: number, occupant: number, n: number): string {
  return (
    `<message from="${userJid(room, occupant)}" to="${roomJid(room)}" type="groupchat" id="${messageId(n)}">` +
    `<body>${BODY}</body></message>`
  );
}
