/** Nicknames by what they look like: those in use, or those that are reserved. */
import { LateMap } from '../late-map';
import { lookAlikeKeys, looksLike } from '../../xmpp/nick';

/** Most nicknames of one shape that are compared with one that is asked for. Where so many are that alike, no further one is let in. */
const MOST = 50;

export class LookAlikes<T extends { readonly nick: string | null }> {
  /** Most stand alone, and take no set. Two may have come by nicks that look alike before that was refused. */
  private readonly byKey = new LateMap<string, T | Set<T>>();

  /** `nick`: as it is known here until `remove`. */
  add(nick: string, one: T): void {
    for (const key of lookAlikeKeys(nick)) {
      const alike = this.byKey.get(key);
      if (alike instanceof Set) alike.add(one);
      else this.byKey.set(key, alike === undefined || alike === one ? one : new Set([alike, one]));
    }
  }

  remove(nick: string, one: T): void {
    for (const key of lookAlikeKeys(nick)) {
      const alike = this.byKey.get(key);
      if (alike instanceof Set) alike.delete(one);
      if (alike === one || (alike instanceof Set && alike.size === 0)) this.byKey.delete(key);
    }
  }

  /** One of those that count whose nickname looks like this one. */
  find(nick: string, counts: (one: T) => boolean): T | undefined {
    let compared = 0;
    for (const key of lookAlikeKeys(nick)) {
      const alike = this.byKey.get(key);
      for (const one of alike === undefined ? [] : alike instanceof Set ? alike : [alike]) {
        if (one.nick === null || !counts(one)) continue;
        compared += 1;
        if (compared > MOST || looksLike(nick, one.nick)) return one;
      }
    }
    return undefined;
  }

  clear(): void {
    this.byKey.clear();
  }
}
