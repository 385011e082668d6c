/** What takes no memory while it is empty does otherwise what a map and a set do. */
import fc from '../support/property';
import { LateMap, LateSet } from '../../src/room/late-map';

const step = fc.record({ act: fc.constantFrom('put', 'delete', 'clear'), key: fc.nat(5), value: fc.nat(9) });

test('a late map is a map, and a late set a set: whatever is put in, taken out and cleared', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const [map, late, set, lateSet] = [
        new Map<number, number>(),
        new LateMap<number, number>(),
        new Set<number>(),
        new LateSet<number>(),
      ];
      for (const { act, key, value } of steps) {
        if (act === 'put') {
          map.set(key, value);
          late.set(key, value);
          set.add(key);
          lateSet.add(key);
        } else if (act === 'delete') {
          expect(late.delete(key)).toBe(map.delete(key));
          expect(lateSet.delete(key)).toBe(set.delete(key));
        } else for (const one of [map, late, set, lateSet]) one.clear();
        expect([late.size, late.get(key), late.has(key)]).toEqual([map.size, map.get(key), map.has(key)]);
        expect([...late.keys()]).toEqual([...map.keys()]);
        expect([...late.values()]).toEqual([...map.values()]);
        expect([...late]).toEqual([...map]);
        expect([lateSet.size, lateSet.has(key), ...lateSet]).toEqual([set.size, set.has(key), ...set]);
      }
    }),
  );
});

test('all that is in goes through a loop that takes it out, and what is put in meanwhile is there', () => {
  const set = new LateSet<number>();
  for (const one of [1, 2, 3]) set.add(one);
  const seen: number[] = [];
  for (const one of set) {
    seen.push(one);
    set.delete(one);
  }
  set.add(4);
  expect([seen, [...set]]).toEqual([[1, 2, 3], [4]]);
});
