/** Nicknames (RFC 8266): which are acceptable, and when two of them are the same. What is shown is the nick as it was asked for. */
import { foldCompatible, isFreeform } from './precis';

/** `blank`: nothing to see in it. `malformed`: a character outside the FreeformClass, such as a control or an invisible one. */
export type NickProblem = 'blank' | 'too-long' | 'malformed';

/** A nick is the resource of an occupant JID, and shares its limit (RFC 7622 §3.4). */
const MAX_BYTES = 1023;
const SIMPLE = /^[a-z0-9._-]*$/;

/** What is wrong with a nickname, or undefined. The limit is in Unicode code points. */
export function checkNick(nick: string, maxCodePoints: number): NickProblem | undefined {
  if (/^\p{White_Space}*$/u.test(nick)) return 'blank';
  if (Buffer.byteLength(nick, 'utf8') > MAX_BYTES || [...nick].length > maxCodePoints) return 'too-long';
  return isFreeform(nick) ? undefined : 'malformed';
}

/**
 * The key by which nicknames are compared (RFC 8266 §2.4): equal for nicks that differ in case, width or spaces only.
 * Never shown and never sent. The key of a key is the key.
 */
export function nickKey(nick: string): string {
  if (SIMPLE.test(nick)) return nick;
  return foldCompatible(nick)
    .replace(/\p{Zs}+/gu, ' ')
    .replace(/^ | $/g, '');
}
