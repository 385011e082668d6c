/** The addresses of a list but for some: what that costs. */
import { Wires } from '../../src/link/wires';
import { address } from '../../src/xmpp/outgoing';

test('those who are left out are read once, however long the list is', () => {
  const list = Array.from({ length: 1_000 }, (_, i) => address(`u${i}@x.lit/1`));
  let reads = 0;
  const except = new Proxy(list.slice(0, 400), {
    get(those, key, self): unknown {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
      return Reflect.get(those, key, self);
    },
  });
  const wires = new Wires().of(list, except).map((wire) => Buffer.from(wire).toString());
  expect(wires).toEqual(list.slice(400).map(({ jid }) => jid));
  expect(reads).toBeLessThanOrEqual(400);
});
