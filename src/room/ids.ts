/** Identifiers a room gives: occupant-ids (XEP-0421) and the ids of archived messages (XEP-0359). */
import { createHmac } from 'node:crypto';
import type { Random } from './env';
import type { Millis } from './rows';

/** Digits of base 64 in ascending character order, so that ids sort as text by time. */
const ORDERED = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
/** Every two of them. */
const PAIRS = Array.from({ length: 64 * 64 }, (_, i) => `${ORDERED[i >> 6]}${ORDERED[i & 63]}`);

/**
 * HMAC-SHA-256 of the bare JID with the room's secret, cut to 128 bits: 22 characters. Every byte of an id is paid for
 * in the server's parser once per recipient, and 128 bits are as many as the purpose needs.
 */
export function occupantId(secret: string, bareJid: string): string {
  return seal(secret, bareJid);
}

/** A seal that only who knows the room's secret can make, for what a client is to bring back. */
export function seal(secret: string, text: string): string {
  return createHmac('sha256', Buffer.from(secret, 'hex')).update(text).digest().subarray(0, 16).toString('base64url');
}

/** The digits of the latest time asked for: under load many messages share a millisecond. */
let latest = { stamp: -1, digits: '' };

/** 48 bits of time as eight digits. */
function timeDigits(stamp: Millis): string {
  if (latest.stamp === stamp) return latest.digits;
  let digits = '';
  for (let rest = stamp, i = 0; i < 8; i++) {
    digits = (ORDERED[rest % 64] as string) + digits;
    rest = Math.floor(rest / 64);
  }
  latest = { stamp, digits };
  return digits;
}

/** A message id: 48 bits of time and 84 of randomness in 22 characters that sort by time and cannot be guessed. */
export function messageId(stamp: Millis, random: Random): string {
  let out = timeDigits(stamp);
  const bytes = random.bytes(14);
  for (let i = 0; i < 14; i += 2) out += PAIRS[(((bytes[i] as number) & 63) << 6) | ((bytes[i + 1] as number) & 63)];
  return out;
}

/** The time a message id carries, in milliseconds, or undefined if it is not one of ours. */
export function stampOf(id: string): Millis | undefined {
  if (id.length !== 22) return undefined;
  let stamp = 0;
  for (let i = 0; i < 8; i++) {
    const digit = ORDERED.indexOf(id[i] as string);
    if (digit < 0) return undefined;
    stamp = stamp * 64 + digit;
  }
  return stamp;
}
