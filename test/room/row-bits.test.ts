/** Bits of rows: what every message asks for shares no bit with what nearly every room keeps, so that a message of such a room looks into no map. */
import { createFeatures } from '../../src/features/index';
import { bitOf, bitsOf } from '../../src/room/contract/feature-values';
import { LIMITS } from './limits';

/** Rows of a room whose people are members and ask for nothing. */
const USUAL = [
  'wake-wishes',
  'wake-away',
  'wake-rung',
  'visited',
  'last-visits',
  'message-activity',
  'stays',
  'kept-roles',
  'reserved-nicks',
];

const features = createFeatures(LIMITS);

test('what is asked of every message is told apart from what rooms usually keep', () => {
  expect(USUAL.filter((name) => !features.rows.has(name))).toEqual([]);
  const usual = bitsOf(USUAL);
  // The others ask only where the room is configured so (`judges`).
  const asked = features.speak.filter(({ judges }) => !judges).flatMap(({ rows = [] }) => rows.map(({ name }) => name));
  expect(asked).toContain('mutes');
  expect(asked.filter((name) => (bitOf(name) & usual) !== 0)).toEqual([]);
  expect(features.lapsingBits & usual).toBe(0);
});

test('each name has one bit, within what a number holds without a detour', () => {
  for (const name of [...features.rows.keys(), '', 'ü', 'x'.repeat(1_000)]) {
    const bit = bitOf(name);
    expect(bit).toBeGreaterThan(0);
    expect(bit & (bit - 1)).toBe(0);
  }
  expect(bitsOf(features.rows.keys())).toBeGreaterThan(0);
});
