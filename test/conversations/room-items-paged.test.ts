/** A room's list of occupants in pages, cut by bytes: XEP-0045 §6.5 with XEP-0059. */
import type { Conversation } from '../support/conversation';
import { coven, crone, iq, join, ROOM } from './expected';

const set = (inner: string): string => `<set xmlns="http://jabber.org/protocol/rsm">${inner}</set>`;
const items = (c: Conversation, rsm = ''): string => {
  c.forget();
  iq(c, crone, 'get', 'i', `<query xmlns="http://jabber.org/protocol/disco#items">${rsm}</query>`);
  return c.take().join('');
};

test('§6.5, XEP-0059 §2.1-2.6: the occupants by pages', () => {
  const c = coven(['secondwitch', 'thirdwitch']);
  const [a, b, d] = ['firstwitch', 'secondwitch', 'thirdwitch'].map((nick) => `${ROOM}/${nick}`) as [string, string, string];
  expect(items(c)).not.toContain('<set');
  expect(items(c, set('<max>2</max>'))).toContain(
    `<item jid="${a}"/><item jid="${b}"/>${set(`<first index="0">${a}</first><last>${b}</last><count>3</count>`)}`,
  );
  expect(items(c, set(`<max>2</max><after>${b}</after>`))).toContain(
    `<item jid="${d}"/>${set(`<first index="2">${d}</first><last>${d}</last><count>3</count>`)}`,
  );
  expect(items(c, set('<max>2</max><before/>'))).toContain(set(`<first index="1">${b}</first><last>${d}</last><count>3</count>`));
  expect(items(c, set(`<max>9</max><before>${b}</before>`))).toContain(
    set(`<first index="0">${a}</first><last>${a}</last><count>3</count>`),
  );
  expect(items(c, set('<max>0</max>'))).toContain(set('<count>3</count>'));
  expect(items(c, set(`<after>${ROOM}/nobody</after>`))).toContain('<item-not-found');
});

test('found B11: §6.5 a list of occupants that is too long for one stanza is a page, and the next goes on there', () => {
  const c = coven([], {}, { limits: { nick: 300, occupants: 1000 } });
  // Each of these letters has six bytes where it stands in an attribute.
  for (let i = 0; i < 300; i++) join(c, `w${i}@heath.example/x`, `${i}${'"'.repeat(290)}`);
  const seen = new Set<string>();
  let rsm = '';
  for (let pages = 0; pages < 5; pages++) {
    const answer = items(c, rsm);
    expect(Buffer.byteLength(answer)).toBeLessThan(450_000);
    for (const [, jid = ''] of answer.matchAll(/<item jid="([^"]*)"/g)) seen.add(jid);
    const last = /<last>([^<]*)<\/last>/.exec(answer)?.[1];
    if (last === undefined || seen.size === 301) break;
    rsm = set(`<after>${last}</after>`);
  }
  expect(seen.size).toBe(301);
});
