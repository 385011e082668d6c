/** Tokens of the HTTP API: what is kept of them. */
import type { Millis } from '../room/contract/rows';

export interface StoredToken {
  /** Unique. */
  readonly name: string;
  /** SHA-256 of the token, hexadecimal: the token itself is nowhere. Anything else is the hash of none, so that nobody gets in by it. */
  readonly hash: string;
  readonly scope: 'post' | 'read' | 'moderate' | 'administer';
  /** Addresses of rooms, in which `*` stands for any text; `*` alone: the whole service. */
  readonly rooms: string;
  readonly createdAt: Millis;
  /** The name of who made it. */
  readonly createdBy: string;
  /** Of scope `post`: what the room knows of it, and the nickname under which it posts; else null. */
  readonly id: string | null;
  readonly postAs: string | null;
}

/** Callers rely on this: what was answered is on the disk. */
export interface TokenStore {
  /** False: there is one of this name already; it stays. Throws StoreFailed. */
  addToken(token: StoredToken): Promise<boolean>;
  /** Gives the one of this hash another. False: there is none. Throws StoreFailed. */
  rehashToken(hash: string, next: string): Promise<boolean>;
  /** False: there is none of this name. Throws StoreFailed. */
  dropToken(name: string): Promise<boolean>;
  /** All of them, by name. */
  tokens(): Promise<StoredToken[]>;
}
