/** Texts of a client whose length is looked at before they are read, kept or repeated (rule 6: lengths come before everything else). */
import { parseDateTime } from '../../src/xmpp/dates';
import { isLongerThan } from '../../src/xmpp/lengths';
import { coven, crone, hag, hecate, join, ROOM } from './expected';
import { NS } from '../../src/xmpp/ns';

const LONG = 200_000;
const form = (field: string, ...values: readonly string[]): string =>
  `<query xmlns="${NS.mucOwner}"><x xmlns="jabber:x:data" type="submit"><field var="FORM_TYPE"><value>${NS.mucRoomConfig}</value></field>` +
  `<field var="${field}">${values.map((value) => `<value>${value}</value>`).join('')}</field></x></query>`;
const submit = (field: string, ...values: readonly string[]): string[] => {
  const c = coven();
  c.send(`<iq from="${crone}" to="${ROOM}" type="set" id="form">${form(field, ...values)}</iq>`);
  return c.take();
};

// A language tag of that length was kept, and told to everybody who asked what the room is.
test.each([
  ['muc#roomconfig_lang', `en${'-abcdefgh'.repeat(LONG / 9)}`],
  ['muc#roomconfig_pubsub', `xmpp:${'a'.repeat(LONG)}`],
  ['{urn:parlour:room}logs', `https://${'a'.repeat(LONG)}`],
  ['muc#roomconfig_roomname', 'a'.repeat(LONG)],
  ['muc#roomconfig_roomsecret', '\u{1F600}'.repeat(1_001)],
])('found F16, same kind: %s of that length is refused, not kept', (field, value) => {
  const said = submit(field, value);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain('<not-acceptable');
  expect((said[0] as string).length).toBeLessThan(5_000);
});

test('found F16, same kind: ten thousand contact addresses are refused, which everybody who asks would be told', () => {
  expect(submit('{urn:parlour:room}contactjid', ...Array.from({ length: 10_000 }, (_, i) => `a${i}@x.lit`))[0]).toContain(
    '<not-acceptable',
  );
  const few = submit('{urn:parlour:room}contactjid', ...Array.from({ length: 50 }, (_, i) => `a${i % 49}@x.lit`));
  expect(few.some((xml) => xml.includes('type="result"'))).toBe(true);
});

test('found F16, same kind: what is no language tag by its length is passed on to nobody, in message, private message and presence', () => {
  const c = coven(['secondwitch', 'thirdwitch']);
  const lang = `xml:lang="${'x'.repeat(LONG)}"`;
  c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="a" ${lang}><body>hi</body></message>`);
  c.send(`<message from="${hag}" to="${ROOM}/secondwitch" type="chat" id="b" ${lang}><body>hi</body></message>`);
  c.send(`<presence from="${hag}" to="${ROOM}/thirdwitch" ${lang}>${'<status>away</status>'.repeat(20)}</presence>`);
  const said = c.take();
  expect(said.filter((xml) => xml.includes('<body>hi</body>')).length).toBeGreaterThanOrEqual(3);
  expect(said.filter((xml) => xml.includes('<status>away</status>')).length).toBeGreaterThanOrEqual(3);
  expect(said.filter((xml) => xml.length > 5_000)).toEqual([]);
  c.send(`<message from="${hag}" to="${ROOM}" type="groupchat" id="a" xml:lang="de-CH"><body>hi</body></message>`);
  expect(c.take().every((xml) => xml.includes('xml:lang="de-CH"'))).toBe(true);
  join(c, hecate, 'hecate');
  expect(c.take().filter((xml) => xml.length > 5_000)).toEqual([]);
});

test('found F16, same kind: a date with 200,000 digits after the point is none', () => {
  const c = coven();
  const field = (name: string, value: string): string => `<field var="${name}"><value>${value}</value></field>`;
  const query = `<query xmlns="${NS.mam}"><x xmlns="jabber:x:data" type="submit">${field('FORM_TYPE', NS.mam)}${field('start', `2010-06-07T00:00:00.${'1'.repeat(LONG)}Z`)}</x></query>`;
  c.send(`<iq from="${crone}" to="${ROOM}" type="set" id="mam">${query}</iq>`);
  expect(c.take()[0]).toContain('<bad-request');
  expect(parseDateTime(`2010-06-07T00:00:00.${'1'.repeat(70)}Z`)).toBe(Date.UTC(2010, 5, 7, 0, 0, 0, 111));
});

test('a text is counted in code points, and not at all if it is far too long', () => {
  expect(isLongerThan('\u{1F600}'.repeat(10), 10)).toBe(false);
  expect(isLongerThan('\u{1F600}'.repeat(11), 10)).toBe(true);
  expect(isLongerThan('a'.repeat(10), 10)).toBe(false);
  expect(isLongerThan('a'.repeat(11), 10)).toBe(true);
});
