/** Names under which programs post without being in the room, each by a token of the API: kept for them as reserved nicknames are for people. */
import { foldBare, type BareJid, type RoomJid } from '../../xmpp/fold';
import { looksLike, nickKey, type Nick } from '../../xmpp/nick';
import { featureRows } from '../contract/feature-rows';
import type { OccupantId } from '../contract/rows';
import type { RoomState } from '../state';
import type { Turn } from '../turn';

/** Programs that may post in one room: each nickname that somebody asks for is compared with theirs. */
export const MOST_POSTERS = 20;

/** A program that may post. */
export interface Poster {
  /** Of its token. */
  readonly id: string;
  readonly nick: Nick;
  /** Stands where messages have the account of who said them. Nobody has an account at such a domain (RFC 6761 §6.4). */
  readonly jid: BareJid;
  /** Made as those of people are (XEP-0421), of the token's id. */
  readonly occupantId: OccupantId;
}

interface PosterRow {
  readonly nick: Nick;
  /** What the token is called. */
  readonly token: string;
  /** The token is for this address alone: of a room that has another since, it opens nothing. */
  readonly room: RoomJid;
}

/** By the token's id. */
const rows = featureRows<PosterRow>({
  name: 'posters',
  says: 'under which names programs may post in it, each by a token of the API',
  key: ['plain'],
  // The name of a program is no person's.
  value: { members: { nick: 'plain', token: 'plain', room: 'former-room' } },
  travels: [],
  erasing: 'forgets',
  folding: 'present',
  most: MOST_POSTERS,
  lifetime: { until: 'the token is revoked, or the room ends or is renamed' },
});

export const posters = rows.declaration;

const jidOf = (id: string): BareJid => foldBare(`${id}@token.invalid`);

function valid(room: RoomState, id: string): Poster | undefined {
  const row = rows.get(room, id);
  if (row?.room !== room.jid) return undefined;
  const jid = jidOf(id);
  return { id, nick: row.nick, jid, occupantId: room.idOf(jid) };
}

/** The program that a token stands for, if it may post here. */
export const posterOf = (room: RoomState, id: string): Poster | undefined => valid(room, id);

/** The one that satisfies this, if any does. */
function find(room: RoomState, fits: (nick: string) => boolean): Poster | undefined {
  if (rows.count(room) === 0) return undefined;
  const id = rows.keys(room).find((one) => rows.get(room, one)?.room === room.jid && fits(rows.get(room, one)?.nick as string));
  return id === undefined ? undefined : valid(room, id);
}

/** The program with this name, in any spelling. */
export const posterNamed = (room: RoomState, nick: string): Poster | undefined => find(room, (one) => nickKey(one) === nickKey(nick));

/** One whose name looks like this one. */
export const posterAlike = (room: RoomState, nick: string): Poster | undefined => find(room, (one) => looksLike(nick, one));

export const posterCount = (room: RoomState): number => rows.count(room);

/** A program may post from now on, under a name that was not refused. */
export function addPoster(room: RoomState, turn: Turn, id: string, { nick, token }: { readonly nick: Nick; readonly token: string }): void {
  rows.set(room, turn, id, { nick, token, room: room.jid });
}

/** The room is to have another address, for which none of the tokens is: nothing could remove their rows there. */
export function dropPosters(room: RoomState, turn: Turn): void {
  for (const id of rows.keys(room)) rows.set(room, turn, id, null);
}

/** Its name is free. Returns the name, if it had one. */
export function dropPoster(room: RoomState, turn: Turn, id: string): string | undefined {
  const nick = rows.get(room, id)?.nick;
  rows.set(room, turn, id, null);
  return nick;
}
