/** The room in which a token posts: it lets it, frees its name, and is asked again where that failed. */
import { BY_ITSELF, type By } from '../room/contract/audit';
import { carriedOut } from './asked';
import type { ApiParts } from './parts';
import { Problem } from './problem';
import type { PostingRoom } from './tokens';
import { writtenRoom } from './written-room';

/** Milliseconds until those that could not be revoked are tried again. */
const AGAIN_MS = 30_000;

/** What a room is asked for a token of this name. A room that does not know it has no name to free. Both throw Problem. */
export function postingRoom(actor: By, parts: Pick<ApiParts, 'domain' | 'execute'>, token: string): PostingRoom {
  return {
    async allow({ id, room }, nick) {
      await carriedOut({ actor, room: writtenRoom(room, parts.domain) }, parts, { name: 'allow-posting', id, nick, token });
    },
    async free({ id, room }) {
      try {
        await carriedOut({ actor, room: writtenRoom(room, parts.domain) }, parts, { name: 'end-posting', id, token });
      } catch (error) {
        if (!(error instanceof Problem && ['item-not-found', 'gone'].includes(error.code))) throw error;
      }
    },
  };
}

/** Tries to revoke those that are to go, at once and then twice a minute. */
export class Revoking {
  private timer: NodeJS.Timeout | undefined;
  private trying: Promise<void> = Promise.resolve();
  private over = false;

  constructor(private readonly parts: ApiParts) {}

  begin(): void {
    this.trying = this.again();
  }

  /** Waits for the token that is being revoked; the others are left to the next start. */
  async stop(): Promise<void> {
    this.over = true;
    clearTimeout(this.timer);
    await this.trying;
  }

  /** Never rejects. */
  async again(): Promise<void> {
    const { tokens, log } = this.parts;
    const failed: { token: string; why: string }[] = [];
    for (const token of tokens.leaving()) {
      if (this.over) break;
      await tokens.revoke(token, postingRoom(BY_ITSELF, this.parts, token).free).then(
        () => log.info({ event: 'api.token-revoked', token, by: null }, 'a token was revoked'),
        (error: unknown) => failed.push({ token, why: String(error) }),
      );
    }
    // One line for all of them: there may be a thousand, and a database that fails.
    if (failed.length > 0)
      log.warn(
        { event: 'api.token-revoking', ...failed[0], count: failed.length },
        'tokens that are to go are not revoked to their end yet; they let nobody in, and it is tried again',
      );
    if (this.over) return;
    this.timer = setTimeout(() => this.begin(), AGAIN_MS);
    this.timer.unref();
  }
}
