/** Who asks: by a token, or over the socket, whose file permissions are the lock. */
import type { IncomingHttpHeaders } from 'node:http';
import type { By } from '../room/contract/audit';
import type { RoomJid } from '../xmpp/fold';
import { inWords } from '../words';
import { CLIENT_HEADER, COMMAND_LINE, LOGIN_HEADER } from './headers';
import { Problem } from './problem';
import { suffices, type TokenScope } from './scopes';
import { EVERYTHING, matches, type Tokens } from './tokens';

export interface Asker {
  readonly actor: By;
  readonly scope: TokenScope;
  /** Of a token that posts: what its room knows it by. */
  readonly poster: string | null;
  /** The pattern of a token. */
  readonly rooms: string;
  /** What its requests are counted by, and kept answers known by: another for a token that was made anew under the name. null: over the socket, nobody counts. */
  readonly token: string | null;
}

/** Whoever asks what anybody may know. */
export const NOBODY: Asker = { actor: { kind: 'token', name: null, face: 'http' }, scope: 'read', poster: null, rooms: '', token: null };

const MAX_LOGIN = 64;

/** Throws Problem if nobody is let in. `local`: it came over the socket. */
export function askerOf(headers: IncomingHttpHeaders, local: boolean, tokens: Tokens): Asker {
  const shown = headers.authorization;
  if (shown === undefined) {
    if (!local) throw new Problem('unauthorized', inWords('apiUnauthorized'));
    return { actor: operator(headers), scope: 'administer', poster: null, rooms: EVERYTHING, token: null };
  }
  const [, bearer] = /^Bearer +([\w-]{1,200})$/i.exec(shown) ?? [];
  const token = bearer === undefined ? undefined : tokens.find(bearer);
  if (!token) throw new Problem('unauthorized', inWords('apiUnknownToken'));
  const { name, scope, rooms, id: poster, createdAt } = token;
  // Who moderates has the rights that an admin of the room would have, and no more.
  const rank = scope === 'moderate' ? { rank: 'admin' as const } : {};
  return { actor: { kind: 'token', name, face: 'http', ...rank }, scope, poster, rooms, token: `${name} ${createdAt}` };
}

function operator(headers: IncomingHttpHeaders): By {
  const login =
    [headers[LOGIN_HEADER]]
      .flat()[0]
      ?.replace(/[^\w.@-]/g, '')
      .slice(0, MAX_LOGIN) ?? '';
  const face = headers[CLIENT_HEADER] === COMMAND_LINE ? 'command-line' : 'http';
  return { kind: 'operator', name: login === '' ? 'socket' : login, face, claimed: true };
}

/** Throws Problem unless this asker may use a route of this scope, of this room (null: of the whole service). */
export function admit({ scope, rooms }: Asker, needed: TokenScope, room: RoomJid | null): void {
  if (!suffices(scope, needed)) throw new Problem('out-of-scope', inWords('apiScope', { has: scope, needed }), { needed, has: scope });
  if (rooms !== EVERYTHING && (room === null || !matches(rooms, room)))
    throw new Problem('out-of-scope', inWords('apiElsewhere', { rooms }), { rooms });
}
