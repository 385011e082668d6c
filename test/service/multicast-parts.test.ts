/** One stanza for a room as the stanzas that a multicast service takes. */
import { Splitter, withoutAddresses } from '../../src/service/multicast/parts';
import { address, recipientsOf, type Outgoing } from '../../src/xmpp/outgoing';

const NS = 'http://jabber.org/protocol/address';
const list = (count: number, domain: string, pad = ''): ReturnType<typeof address>[] =>
  Array.from({ length: count }, (_, i) => address(`u${i}@${domain}/${pad}`));
const splitter = new Splitter({ most: 3, sentBytes: 512 * 1024, serves: (jid) => jid.includes('@x.lit') });

test('groups have at most so many addresses, others go directly, and whoever is left out is in none', () => {
  const to = [...list(5, 'x.lit'), ...list(2, 'y.lit')];
  const out = { name: 'message', from: 'r@z', to, rest: '/>', except: [to[0]!, to[6]!] } as const;
  const { direct, grouped } = splitter.parts(out);
  expect(direct && recipientsOf(direct)).toEqual(['u0@y.lit/']);
  expect(grouped.map(recipientsOf)).toEqual([
    ['u1@x.lit/', 'u2@x.lit/'],
    ['u3@x.lit/', 'u4@x.lit/'],
  ]);
  expect(splitter.parts({ ...out, except: to.slice(0, 5) })).toMatchObject({ grouped: [] });
});

test('of those who are left out each is looked up once, whatever the number of groups', () => {
  const to = list(300, 'x.lit');
  let reads = 0;
  const except = new Proxy(to.slice(0, 150), {
    get(those, key, self): unknown {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
      return Reflect.get(those, key, self);
    },
  });
  const { grouped } = splitter.parts({ name: 'message', from: 'r@z', to, rest: '/>', except });
  expect(grouped.flatMap(recipientsOf)).toEqual(to.slice(150).map(({ jid }) => jid));
  expect(reads).toBeLessThanOrEqual(300);
});

test('a list is cut by its bytes too, and of a stanza that is nearly too large each leaves alone', () => {
  const wide = new Splitter({ most: 100, sentBytes: 512 * 1024, serves: () => true });
  const to = list(50, 'x.lit', 'z'.repeat(1_000));
  const sizes = wide.parts({ name: 'message', from: 'r@z', to, rest: '/>' }).grouped.map((part) => recipientsOf(part).length);
  expect(sizes.reduce((sum, one) => sum + one, 0)).toBe(50);
  expect(Math.max(...sizes)).toBeLessThan(33);
  const large = { name: 'message', from: 'r@z', to, rest: `>${'x'.repeat(480 * 1024)}</message>` } as const;
  expect(wide.parts(large).grouped.map((part) => recipientsOf(part).length)).toEqual(Array.from({ length: 50 }, () => 1));
});

test.each([
  ['<body>a</body>', '<body>a</body>'],
  [`<addresses xmlns="${NS}"><address type="bcc" jid="a@b"/></addresses><body>a</body>`, '<body>a</body>'],
  [`<body>a</body><p:addresses xmlns:p="${NS}"/>`, '<body>a</body>'],
  [
    `<x xmlns="y"><addresses xmlns="${NS}"/></x><addresses xmlns="${NS}"><y><z/></y></addresses>`,
    `<x xmlns="y"><addresses xmlns="${NS}"/></x>`,
  ],
  [
    `<x var="${NS}"/><body>${NS} &lt;addresses xmlns="${NS}"&gt;</body>`,
    `<x var="${NS}"/><body>${NS} &lt;addresses xmlns="${NS}"&gt;</body>`,
  ],
])('of %s goes on %s', (inner, left) => {
  const out = (content: string): Outgoing => ({ name: 'message', from: 'r@z', to: 'a@x.lit', rest: ` id="1">${content}</message>` });
  expect(withoutAddresses(out(inner)).rest).toBe(out(left).rest);
});
