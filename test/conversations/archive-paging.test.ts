/** Pages of an archive: XEP-0313 §4.3, and each rule of XEP-0059 as far as an archive has it. */
import type { ConversationOptions } from '../support/conversation';
import { coven, crone, hag, hecate, refusal, ROOM } from './expected';
import { answerTo, ask, fin, result, says, type Answer } from './archive-stanzas';

const refuses = (condition: string, type = 'cancel'): string => refusal('iq', ROOM, hag, 'q', type, condition);
const max = (count: number, more = ''): string => `<max>${count}</max>${more}`;
const after = (id: string | undefined): string => `<after>${id ?? ''}</after>`;
const before = (id: string | undefined): string => `<before>${id ?? ''}</before>`;

/** Ten messages, m0 to m9. */
function ten(options: ConversationOptions = {}): { c: ReturnType<typeof coven>; ids: string[]; page: (set: string) => Answer } {
  const c = coven(['thirdwitch'], {}, options);
  const ids = says(c, crone, ...Array.from({ length: 10 }, (_, i) => `m${i}`));
  return { c, ids, page: (set) => answerTo(c, hag, { page: set }) };
}

describe('XEP-0059 §2.1, XEP-0313 §4.3.1 how many', () => {
  test('XEP-0059 §2.1 Examples 1-2, XEP-0313 §4.3.1 Examples 18-19 no more than wanted, and that there are more', () => {
    const { c, ids } = ten();
    ask(c, hag, { page: max(2) });
    c.expect(
      ...[0, 1].map((i) => result(hag, { nick: 'firstwitch', id: ids[i] as string, payload: `<body>m${i}</body>`, clientId: `c${i}` })),
      fin(hag, { first: ids[0], index: 0, last: ids[1], count: 10 }),
    );
  });

  test('fifty when nobody says how many', () => {
    const c = coven();
    says(c, crone, ...Array.from({ length: 51 }, (_, i) => `m${i}`));
    const { bodies, complete, count } = answerTo(c, crone);
    expect([bodies.length, bodies.at(-1), complete, count]).toEqual([50, 'm49', false, 51]);
    expect(answerTo(c, crone, { page: '' }).bodies).toHaveLength(50);
    expect(answerTo(c, crone, { page: max(51) })).toMatchObject({ complete: true, count: 51 });
  });

  test('no more than the operator lets be sent, whatever is wanted', () => {
    const { page } = ten({ limits: { archivePage: 4 } });
    expect(page(max(1000))).toMatchObject({ bodies: ['m0', 'm1', 'm2', 'm3'], complete: false });
    expect(page('')).toMatchObject({ bodies: ['m0', 'm1', 'm2', 'm3'], complete: false });
    expect(page(max(1000, before('')))).toMatchObject({ bodies: ['m6', 'm7', 'm8', 'm9'], complete: false });
  });

  test.each(['-1', 'ten', '1.5', ''])('<max>%s</max> is no number: bad-request', (text) => {
    const { c } = ten();
    ask(c, hag, { page: `<max>${text}</max>` });
    c.expect(refuses('bad-request', 'modify'));
  });
});

describe('XEP-0059 §2.2 forwards', () => {
  test('XEP-0059 §2.2 Examples 3-6, XEP-0313 §4.3.2 Examples 20 and 22 page by page to the end', () => {
    const { ids, page } = ten();
    const [, , , d, , , , h, , j] = ids;
    expect(page(max(4))).toEqual({
      bodies: ['m0', 'm1', 'm2', 'm3'],
      ids: ids.slice(0, 4),
      complete: false,
      first: ids[0],
      index: 0,
      last: d,
      count: 10,
    });
    expect(page(max(4, after(d)))).toEqual({
      ...{ bodies: ['m4', 'm5', 'm6', 'm7'], ids: ids.slice(4, 8), complete: false },
      ...{ first: ids[4], index: 4, last: h, count: 10 },
    });
    expect(page(max(4, after(h)))).toEqual({
      ...{ bodies: ['m8', 'm9'], ids: ids.slice(8), complete: true },
      ...{ first: ids[8], index: 8, last: j, count: 10 },
    });
  });

  test('XEP-0059 §2.2 Example 7 an empty page has neither first nor last', () => {
    const { c, ids } = ten();
    ask(c, hag, { page: max(4, after(ids[9])) });
    c.expect(fin(hag, { complete: true, count: 10 }));
  });

  test('a page that ends with the archive is complete, one short of it is not', () => {
    const { ids, page } = ten();
    expect(page(max(5, after(ids[4]))).complete).toBe(true);
    expect(page(max(5, after(ids[3]))).complete).toBe(false);
    expect(page(max(10)).complete).toBe(true);
    expect(page(max(9)).complete).toBe(false);
  });

  test('an empty <after/> names nothing: the first page', () => {
    const { page } = ten();
    expect(page(max(2, after(''))).bodies).toEqual(['m0', 'm1']);
  });

  test('what is said between two pages comes on a later one, and nothing twice', () => {
    const { c, page } = ten();
    const seen = page(max(6));
    says(c, crone, 'new');
    const rest = page(max(6, after(seen.last)));
    expect([...seen.bodies, ...rest.bodies]).toEqual([...Array.from({ length: 10 }, (_, i) => `m${i}`), 'new']);
    expect(rest).toMatchObject({ complete: true, index: 6, count: 11 });
  });
});

describe('XEP-0059 §2.3, §2.5 backwards', () => {
  test('XEP-0059 §2.3 Examples 8-9 and 11, XEP-0313 §4.3.3 Example 23 from the last page to the first, each oldest first', () => {
    const { ids, page } = ten();
    expect(page(max(4, before('')))).toEqual({
      ...{ bodies: ['m6', 'm7', 'm8', 'm9'], ids: ids.slice(6), complete: false },
      ...{ first: ids[6], last: ids[9], count: 10 },
    });
    expect(page(max(4, before(ids[6])))).toMatchObject({ bodies: ['m2', 'm3', 'm4', 'm5'], complete: false, count: 10 });
    expect(page(max(4, before(ids[2])))).toMatchObject({ bodies: ['m0', 'm1'], complete: true, count: 10 });
    expect(page(max(4, before(ids[0])))).toEqual({ bodies: [], ids: [], complete: true, count: 10 });
  });

  test('without the position, which slixmpp would take for a sign that nothing is left', () => {
    const { ids, page } = ten();
    for (const set of [before(''), before(ids[6]), after(ids[0]) + before('')]) expect(page(max(4, set)).index).toBeUndefined();
  });

  test('XEP-0313 §9 both: what lies between is paged backwards', () => {
    const { ids, page } = ten();
    expect(page(max(2, after(ids[2]) + before(ids[7])))).toMatchObject({ bodies: ['m5', 'm6'], complete: false });
    expect(page(max(4, after(ids[2]) + before(ids[7])))).toMatchObject({ bodies: ['m3', 'm4', 'm5', 'm6'], complete: true });
  });

  test('XEP-0313 §9 before-id does not page backwards', () => {
    const { c, ids } = ten();
    const fields = { 'before-id': ids[7] as string };
    expect(answerTo(c, hag, { fields, page: max(3) })).toMatchObject({ bodies: ['m0', 'm1', 'm2'], complete: false, count: 7 });
    expect(answerTo(c, hag, { fields, page: max(3, before('')) })).toMatchObject({ bodies: ['m4', 'm5', 'm6'], complete: false, count: 7 });
  });
});

describe('XEP-0313 §4.3.4 flipped pages', () => {
  test('XEP-0313 §4.3.4 Example 24 the same page, sent newest first; first and last stay what they are', () => {
    const { c, ids } = ten();
    const page = max(4, after(ids[3]));
    const straight = answerTo(c, hag, { page });
    const flipped = answerTo(c, hag, { page, flip: true });
    expect(flipped).toEqual({ ...straight, bodies: [...straight.bodies].reverse(), ids: [...straight.ids].reverse() });
    expect(flipped.bodies).toEqual(['m7', 'm6', 'm5', 'm4']);
    expect(answerTo(c, hag, { page: max(3, before('')), flip: true })).toMatchObject({
      bodies: ['m9', 'm8', 'm7'],
      first: ids[7],
      last: ids[9],
    });
  });
});

describe('XEP-0059 §2.4, §2.6, §2.7', () => {
  test.each(['after', 'before'])(
    'XEP-0059 §2.4 Example 10, XEP-0313 §4.3.2 Example 21 %s a message that is not there: item-not-found',
    (which) => {
      const { c } = ten();
      ask(c, hag, { page: max(10, `<${which}>never-was</${which}>`) });
      c.expect(refuses('item-not-found'));
    },
  );

  test('a message may be named that the filter leaves out', () => {
    const { c, ids } = ten();
    says(c, hag, 'mine');
    const fields = { with: `${ROOM}/thirdwitch` };
    expect(answerTo(c, hag, { fields, page: max(10, after(ids[4])) })).toMatchObject({ bodies: ['mine'], index: 0, count: 1 });
    expect(answerTo(c, hag, { fields, page: max(10, before(ids[4])) })).toMatchObject({ bodies: [], complete: true, count: 1 });
  });

  test('XEP-0059 §2.6 Examples 12 and 14 by index: feature-not-implemented', () => {
    const { c } = ten();
    ask(c, hag, { page: max(10, '<index>3</index>') });
    c.expect(refuses('feature-not-implemented'));
  });

  test('an index and an item together mean nothing: bad-request', () => {
    const { c, ids } = ten();
    ask(c, hag, { page: max(10, `<index>3</index>${after(ids[0])}`) });
    c.expect(refuses('bad-request', 'modify'));
  });

  test('XEP-0059 §2.7 Examples 15-16 the number alone, also of what a filter leaves', () => {
    const { c } = ten();
    ask(c, hag, { page: max(0) });
    c.expect(fin(hag, { count: 10 }));
    says(c, hag, 'mine');
    ask(c, hag, { page: max(0), fields: { with: `${ROOM}/thirdwitch` } });
    c.expect(fin(hag, { count: 1 }));
    ask(c, hag, { page: max(0), fields: { search: 'nothing' } });
    c.expect(fin(hag, { complete: true, count: 0 }));
  });
});

describe('size', () => {
  test('XEP-0313 §3.2 a message that would be too large by its wrapping goes without its content, and pages stay as they are', () => {
    const c = coven(['thirdwitch'], {}, { limits: { stanzaBytes: 10_000 } });
    const ids = says(c, hag, 'small', 'x'.repeat(9_500), 'ü'.repeat(4_000), 'small too');
    ask(c, hecate);
    const [first, second, third, fourth, end] = c.take() as [string, string, string, string, string];
    expect(first).toContain('<body>small</body>');
    expect(second).not.toContain('<body');
    expect(second).toContain(`<stanza-id xmlns="urn:xmpp:sid:0" id="${ids[1] as string}"`);
    expect(third).toContain('<body>ü');
    expect(fourth).toContain('small too');
    for (const stanza of [first, second, third, fourth]) expect(Buffer.byteLength(stanza)).toBeLessThanOrEqual(10_000);
    expect(end).toContain('complete="true"');
  });

  test('an answer of more than a megabyte is cut, at the end at which one goes on', () => {
    const c = coven();
    const letters = ['a', 'b', 'c', 'd', 'e', 'f'];
    const ids = says(c, crone, ...letters.map((letter) => letter.repeat(200_000)));
    const read = (page: string): { letters: string[]; complete?: boolean; index?: number; first?: string | undefined } => {
      const { bodies, complete, index, first } = answerTo(c, crone, { page });
      return {
        letters: bodies.map((body) => body.slice(0, 1)),
        ...(complete === undefined ? {} : { complete }),
        ...(index === undefined ? {} : { index }),
        first,
      };
    };
    expect(read(max(10))).toEqual({ letters: ['a', 'b', 'c', 'd', 'e'], complete: false, index: 0, first: ids[0] });
    expect(read(max(10, after(ids[4])))).toEqual({ letters: ['f'], complete: true, index: 5, first: ids[5] });
    expect(read(max(10, before('')))).toEqual({ letters: ['b', 'c', 'd', 'e', 'f'], complete: false, first: ids[1] });
    expect(read(max(10, before(ids[1])))).toEqual({ letters: ['a'], complete: true, first: ids[0] });
  });
});
