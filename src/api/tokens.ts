/** The tokens in force: made, found by what a request shows, revoked. Only hashes are kept, here and in the database. */
import { createHash } from 'node:crypto';
import { stanzaError } from '../xmpp/stanza-error';
import { isRoomOf } from '../xmpp/jid';
import { prepareBareJid } from '../xmpp/prepare';
import { say } from '../words';
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
export interface Posting {
  readonly id: string;
  /** Its address. */
  readonly room: string;
}

/** What is told of a token. */
export type TokenView = Omit<StoredToken, 'hash'>;

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const viewOf = ({ name, scope, rooms, createdAt, createdBy, id, postAs }: StoredToken): TokenView => ({
  ...{ name, scope, rooms, createdAt, createdBy },
  id,
  postAs,
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
  /** By name: those whose revoking failed while their room was told. */
  private readonly failed = new Map<string, StoredToken>();

  constructor(
    private readonly store: TokenStore,
    private readonly domain: string,
  ) {}

  /** Reads what there is. Throws StoreFailed. */
  async load(): Promise<void> {
    for (const token of await this.store.tokens()) this.byHash.set(token.hash, token);
  }

  /** The token that is shown, if it is one. */
  find(shown: string): TokenView | undefined {
    const token = this.byHash.get(hashOf(shown));
    return token && viewOf(token);
  }

  list(): TokenView[] {
    return [...this.byHash.values()].map(viewOf).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Makes one: the text is told here, and never again. `random`: `BYTES` of them. Throws Problem, StoreFailed. */
  async create(
    wanted: Pick<StoredToken, 'name' | 'scope' | 'rooms'> & { readonly postAs?: string },
    by: string,
    now: number,
    random: (count: number) => Uint8Array,
  ): Promise<TokenView & { readonly token: string }> {
    if (this.byHash.size >= MOST_TOKENS) throw problemOf(stanzaError('resource-constraint', say('apiTokensFull', { max: MOST_TOKENS })));
    const token = PREFIX + Buffer.from(random(BYTES)).toString('base64url');
    const { name, scope, postAs = null } = wanted;
    if ((scope === 'post') !== (postAs !== null)) throw mistaken('apiPostAs');
    const rooms = readPattern(wanted.rooms, this.domain);
    if (scope === 'post' && rooms.includes('*')) throw mistaken('apiPostRoom');
    const id = scope === 'post' ? Buffer.from(random(POSTER_BYTES)).toString('hex') : null;
    const stored: StoredToken = { name, scope, rooms, hash: hashOf(token), createdAt: now, createdBy: by, id, postAs };
    if (!(await this.store.addToken(stored))) throw problemOf(stanzaError('conflict', say('apiTokenTaken', { name })));
    this.byHash.set(stored.hash, stored);
    return { ...viewOf(stored), token };
  }

  /** From now on nobody gets in by it. `free`: has its room free the name of one that posts, and throws if that is not certain. Throws Problem, StoreFailed. */
  async revoke(name: string, free: (posting: Posting) => Promise<void>): Promise<void> {
    // Out of memory first: a token that is to be revoked is no good while the database fails, until the next start.
    const held = [...this.byHash.values()].find((token) => token.name === name) ?? this.failed.get(name);
    if (held) {
      this.byHash.delete(held.hash);
      this.failed.set(name, held);
      if (held.id !== null) await free({ id: held.id, room: held.rooms });
      this.failed.delete(name);
    }
    if (!(await this.store.dropToken(name)) && !held) throw problemOf(stanzaError('item-not-found', say('apiNoToken', { name })));
  }
}
