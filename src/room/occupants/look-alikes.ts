/** Nicknames by what they look like: those in use, or those that are reserved. */
import { LateMap } from '../late-map';
import { lookAlikeKeys, looksLike } from '../../xmpp/nick';

/** Most nicknames of one shape that are compared with one that is asked for. Where so many are that alike, no further one is let in. */
const MOST = 50;

export class LookAlikes<T extends { readonly nick: string | null }> {
  /** Two may have come by nicks that look alike before that was refused. */
  private readonly byKey = new LateMap<string, Set<T>>();

  /** `nick`: as it is known here until `remove`. */
  add(nick: string, one: T): void {
    for (const key of lookAlikeKeys(nick)) {
      const alike = this.byKey.get(key);
      if (alike) alike.add(one);
      else this.byKey.set(key, new Set([one]));
    }
  }

  remove(nick: string, one: T): void {
    for (const key of lookAlikeKeys(nick)) {
      const alike = this.byKey.get(key);
      alike?.delete(one);
      if (alike?.size === 0) this.byKey.delete(key);
    }
  }

  /** One of those that count whose nickname looks like this one. */
  find(nick: string, counts: (one: T) => boolean): T | undefined {
    let compared = 0;
    for (const key of lookAlikeKeys(nick)) {
      for (const one of this.byKey.get(key) ?? []) {
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
