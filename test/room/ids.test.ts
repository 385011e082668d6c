/** Identifiers: stable for one account in one room, in the order of time, and never the same. */
import { randomBytes } from 'node:crypto';
import { messageId, occupantId, stampOf } from '../../src/room/talking/ids';
import { asBare } from '../support/jids';

const random = { bytes: (count: number): Buffer => randomBytes(count) };

test('an occupant-id is the same for one account and room, and another for any other', () => {
  const secret = { secret: 'ab'.repeat(32) };
  expect(occupantId(secret, asBare('a@s.lit'))).toBe(occupantId(secret, asBare('a@s.lit')));
  expect(occupantId(secret, asBare('a@s.lit'))).not.toBe(occupantId(secret, asBare('b@s.lit')));
  expect(occupantId(secret, asBare('a@s.lit'))).not.toBe(occupantId({ secret: 'cd'.repeat(32) }, asBare('a@s.lit')));
  expect(occupantId(secret, asBare('a@s.lit'))).toMatch(/^[\w-]{22}$/);
});

test('a room that was brought along from Prosody gives the ids that it gave there (XEP-0421 §3)', () => {
  const room = { secret: 'ab'.repeat(32), idScheme: 'prosody', idSalt: '5b7d2c1e-salt' } as const;
  // What `echo -n 5b7d2c1e-salt | openssl dgst -sha256 -hmac a@s.lit -binary | base64` says.
  expect(occupantId(room, asBare('a@s.lit'))).toBe('QYtMA9qaR5rtW3cpAnz/i74otqKLdKvkSUBpRyOyibE=');
  expect(occupantId({ ...room, idSalt: 'other' }, asBare('a@s.lit'))).not.toBe('QYtMA9qaR5rtW3cpAnz/i74otqKLdKvkSUBpRyOyibE=');
});

test('a message id carries its time', () => {
  for (const stamp of [0, 1, 63, 64, 1_700_000_000_000, 2 ** 48 - 1]) expect(stampOf(messageId(stamp, random))).toBe(stamp);
});

test('message ids sort as text by their time', () => {
  const stamps = [0, 1, 9, 10, 63, 64, 4095, 4096, 1_700_000_000_000, 1_700_000_000_001, 1_800_000_000_000, 2 ** 48 - 1];
  const ids = stamps.map((stamp) => messageId(stamp, random));
  expect([...ids].sort()).toEqual(ids);
});

test('message ids of one instant differ, and are safe in attributes and URLs', () => {
  const ids = Array.from({ length: 5000 }, () => messageId(1_700_000_000_000, random));
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[\w-]{22}$/);
});

test.each(['', 'x', 'a'.repeat(21), 'a'.repeat(23), '!'.repeat(22), 'ä'.repeat(22)])('"%s" is none of ours', (id) => {
  expect(stampOf(id)).toBeUndefined();
});
