/** Identifiers a room gives: occupant-ids (XEP-0421) and the ids of archived messages (XEP-0359). */
import { createHmac } from 'node:crypto';
import type { Random } from '../contract/env';
import type { Millis, OccupantId, RoomRow, StanzaId } from '../contract/rows';

/** Digits of base 64 in ascending character order, so that ids sort as text by time. */
const ORDERED = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
/** Every two of them. */
const PAIRS = Array.from({ length: 64 * 64 }, (_, i) => `${ORDERED[i >> 6]}${ORDERED[i & 63]}`);

/** What of a room's row its occupant-ids are made of. */
export type IdMaker = Pick<RoomRow, 'secret' | 'idScheme' | 'idSalt'>;

/**
 * HMAC-SHA-256 of the bare JID with the room's secret, cut to 128 bits: 22 characters. Every byte of an id is paid for
 * in the server's parser once per recipient, and 128 bits are as many as the purpose needs. A room that was brought along from another server goes on
 * making the ids that it had there (XEP-0421 §3: they should stay the same).
 */
export function occupantId(room: IdMaker, bareJid: string): OccupantId {
  // Prosody: the salt under the JID as the key, in base64.
  if (room.idScheme === 'prosody')
    return createHmac('sha256', bareJid)
      .update(room.idSalt ?? '')
      .digest('base64') as OccupantId;
  return seal(room.secret, bareJid) as OccupantId;
}

/** An occupant-id as it was stored, or as somebody writes it: it may be nobody's. */
export const writtenOccupantId = (text: string): OccupantId => text as OccupantId;

/** A room's secret: 256 bits, hexadecimal. */
export function newSecret(random: Random): string {
  return Buffer.from(random.bytes(32)).toString('hex');
}

/** A seal that only who knows the room's secret can make, for what a client is to bring back. */
export function seal(secret: string, text: string): string {
  return createHmac('sha256', Buffer.from(secret, 'hex')).update(text).digest().subarray(0, 16).toString('base64url');
}

/** What two digits count to, and the first six of the latest time asked for: they last for four seconds. */
const PAIR = 64 * 64;
let latest = { time: -1, digits: '' };

/** 48 bits of time as eight digits. */
function timeDigits(stamp: Millis): string {
  const time = Math.floor(stamp / PAIR);
  if (latest.time !== time) {
    let digits = '';
    for (let rest = time, i = 0; i < 3; i++) {
      digits = (PAIRS[rest % PAIR] as string) + digits;
      rest = Math.floor(rest / PAIR);
    }
    latest = { time, digits };
  }
  return latest.digits + (PAIRS[stamp % PAIR] as string);
}

/** A message id: 48 bits of time and 84 of randomness in 22 characters that sort by time and cannot be guessed. */
export function messageId(stamp: Millis, random: Random): StanzaId {
  const bytes = random.bytes(14);
  // Texts below 13 characters are put together at once; longer ones are trees that must be made flat.
  return (timeDigits(stamp) +
    pairAt(bytes, 0) +
    pairAt(bytes, 2) +
    (pairAt(bytes, 4) + pairAt(bytes, 6) + pairAt(bytes, 8) + pairAt(bytes, 10) + pairAt(bytes, 12))) as StanzaId;
}

/** Two digits from the low six bits of two bytes. */
function pairAt(bytes: Uint8Array, at: number): string {
  return PAIRS[(((bytes[at] as number) & 63) << 6) | ((bytes[at + 1] as number) & 63)] as string;
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
