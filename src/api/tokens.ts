/** The tokens in force: made, found by what a request shows, revoked. Only hashes are kept, here and in the database. */
import { createHash } from 'node:crypto';
import { stanzaError } from '../xmpp/stanza-error';
import { isRoomOf } from '../xmpp/jid';
import { prepareBareJid } from '../xmpp/prepare';
import { inWords } from '../words';
import type { StoredToken, TokenStore } from '../store/tokens';
import { mistaken, problemOf } from './problem';

/** Every room, and what is of no room. */
export const EVERYTHING = '*';
/** Tokens there may be. */
const MOST_TOKENS = 1_000;
/** What each begins with, so that people and scanners of leaked secrets know it. */
const PREFIX = 'parlour_';
const BYTES = 32;
/** Of the id of one that posts: its room shows a hash of it to everybody, and who knows it can do nothing with it. */
const POSTER_BYTES = 12;

/** What of a token concerns the room in which it posts. */
interface Posting {
  readonly id: string;
  /** Its address. */
  readonly room: string;
}

/** Whether somebody gets in by it: not while its room has not agreed yet, nor while its room has not freed its name yet. */
type TokenState = 'in-force' | 'being-made' | 'being-revoked';

/** What is told of a token. */
export type TokenView = Omit<StoredToken, 'hash'> & { readonly state: TokenState };

/** The room of a token that posts. Both throw if it is not certain that it was done. */
export interface PostingRoom {
  readonly allow: (posting: Posting, nick: string) => Promise<void>;
  /** Frees the name, if it has it. */
  readonly free: (posting: Posting) => Promise<void>;
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
/** Before the hash of one that lets nobody in: no hash begins so. */
const VOID = 'void ';

const viewOf = ({ name, scope, rooms, createdAt, createdBy, id, postAs }: StoredToken, state: TokenState = 'in-force'): TokenView => ({
  ...{ name, scope, rooms, createdAt, createdBy },
  ...{ id, postAs, state },
});

/** Whether a room's address is one of those that a pattern means: `*` stands for any text. Takes time in proportion to both. */
export function matches(pattern: string, room: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === room;
  if (!room.startsWith(first) || !room.endsWith(last) || room.length < first.length + last.length) return false;
  let at = first.length;
  const end = room.length - last.length;
  for (const part of rest) {
    const found = room.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** A pattern as it is kept: addresses of rooms of this domain, in the form in which rooms are compared. Throws Problem. */
function readPattern(raw: string, domain: string): string {
  const text = raw.trim();
  if (text === EVERYTHING) return text;
  // Nothing that folds may stand in the place of an asterisk: no letter does, and `x` stays what it is.
  const whole = text.includes('@') ? text : `${text}@${domain}`;
  const [head = '', ...tail] = whole.split('*');
  const prepared = prepareBareJid(whole.replaceAll('*', 'x'));
  if (prepared === undefined || head.startsWith('@') || !isRoomOf(prepared, domain))
    throw mistaken('apiPattern', { pattern: text, domain });
  return tail.length === 0 ? prepared : keptStars(whole, domain);
}

/** The parts between asterisks, each folded by itself. */
function keptStars(whole: string, domain: string): string {
  const local = whole.slice(0, whole.lastIndexOf('@'));
  const parts = local.split('*').map((part) => {
    if (part === '') return '';
    const prepared = prepareBareJid(`${part}@${domain}`);
    if (prepared === undefined) throw mistaken('apiPattern', { pattern: whole, domain });
    return prepared.slice(0, prepared.lastIndexOf('@'));
  });
  return `${parts.join('*')}@${domain}`;
}

export class Tokens {
  private readonly byHash = new Map<string, StoredToken>();
  /** By name: those whose room has not agreed yet. */
  private readonly making = new Map<string, StoredToken>();
  /** By name: those that are to go, until their room and the database have let them go. */
  private readonly revoking = new Map<string, StoredToken>();

  constructor(
    private readonly store: TokenStore,
    private readonly domain: string,
  ) {}

  /** Reads what there is. One that was not made or revoked to its end before the last stop is to go. Throws StoreFailed. */
  async load(): Promise<void> {
    for (const token of await this.store.tokens()) {
      if (token.hash.startsWith(VOID)) this.revoking.set(token.name, token);
      else this.byHash.set(token.hash, token);
    }
  }

  /** The token that is shown, if it is one. */
  find(shown: string): TokenView | undefined {
    const token = this.byHash.get(hashOf(shown));
    return token && viewOf(token);
  }

  list(): TokenView[] {
    return [
      ...[...this.byHash.values()].map((token) => viewOf(token)),
      ...[...this.making.values()].map((token) => viewOf(token, 'being-made')),
      ...[...this.revoking.values()].map((token) => viewOf(token, 'being-revoked')),
    ].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /**
   * Makes one: the text is told here, and never again. `random`: `BYTES` of them. One that posts lets nobody in before its room has agreed, also if the program ends meanwhile; if that
   * fails it is to go, and the reason is thrown. Throws Problem, StoreFailed.
   */
  async create(
    wanted: Pick<StoredToken, 'name' | 'scope' | 'rooms'> & { readonly postAs?: string },
    by: string,
    now: number,
    random: (count: number) => Uint8Array,
    room: PostingRoom,
  ): Promise<TokenView & { readonly token: string }> {
    if (this.byHash.size + this.making.size + this.revoking.size >= MOST_TOKENS)
      throw problemOf(stanzaError('resource-constraint', inWords('apiTokensFull', { max: MOST_TOKENS })));
    const token = PREFIX + Buffer.from(random(BYTES)).toString('base64url');
    const { name, scope, postAs = null } = wanted;
    if ((scope === 'post') !== (postAs !== null)) throw mistaken('apiPostAs');
    const rooms = readPattern(wanted.rooms, this.domain);
    if (scope === 'post' && rooms.includes('*')) throw mistaken('apiPostRoom');
    const id = scope === 'post' ? Buffer.from(random(POSTER_BYTES)).toString('hex') : null;
    const stored: StoredToken = { name, scope, rooms, hash: hashOf(token), createdAt: now, createdBy: by, id, postAs };
    const first = id === null ? stored : { ...stored, hash: VOID + stored.hash };
    if (!(await this.store.addToken(first))) throw problemOf(stanzaError('conflict', inWords('apiTokenTaken', { name })));
    if (id !== null && postAs !== null) await this.agreed(first, stored, { ...room, allow: () => room.allow({ id, room: rooms }, postAs) });
    this.byHash.set(stored.hash, stored);
    return { ...viewOf(stored), token };
  }

  /** Has its room agree, and then lets it in. If that fails it is to go. Throws what failed first. */
  private async agreed(
    first: StoredToken,
    stored: StoredToken,
    room: Pick<PostingRoom, 'free'> & { readonly allow: () => Promise<void> },
  ): Promise<void> {
    const { name } = stored;
    this.making.set(name, first);
    try {
      await room.allow();
      // Somebody has revoked it meanwhile.
      if (!this.making.has(name) || !(await this.store.rehashToken(first.hash, stored.hash)))
        throw problemOf(stanzaError('conflict', inWords('apiNoToken', { name })));
    } catch (error) {
      this.making.delete(name);
      this.revoking.set(name, first);
      // The room has said no, or may still say yes. If this fails too it stays in the list, and `Revoking` tells why; who asked is told what failed first.
      await this.revoke(name, room.free).catch(() => undefined);
      throw error;
    }
    this.making.delete(name);
  }

  /**
   * From now on nobody gets in by it, also if this fails: then it is in the list, and `Revoking` tries again. `free`: has its room free the name of one that posts, and throws if that is not
   * certain. Throws Problem, StoreFailed.
   */
  async revoke(name: string, free: PostingRoom['free']): Promise<void> {
    // Out of memory first: a token that is to be revoked is no good while the database fails.
    const held = [...this.byHash.values()].find((token) => token.name === name) ?? this.making.get(name) ?? this.revoking.get(name);
    if (held) {
      this.byHash.delete(held.hash);
      this.making.delete(name);
      this.revoking.set(name, held);
      if (held.id !== null) {
        // No good after a restart either, while its room is asked.
        if (!held.hash.startsWith(VOID)) await this.store.rehashToken(held.hash, VOID + held.hash);
        await free({ id: held.id, room: held.rooms });
      }
    }
    const isDropped = await this.store.dropToken(name);
    this.revoking.delete(name);
    if (!isDropped && !held) throw problemOf(stanzaError('item-not-found', inWords('apiNoToken', { name })));
  }

  /** The names of those that are to go. */
  leaving(): string[] {
    return [...this.revoking.keys()];
  }
}
