/** What the generator rests on: bytes are counted across any borders of chunks, marks are found, forms are taken from what was sent. */
import { ByteCounter } from '../../bench/byte-counter';
import { KINDS } from '../../bench/kinds';
import { MARK, Marks } from '../../bench/marks';
import { formWith } from '../../bench/template';
import { BODY, messageId, userJid, type Load } from '../../bench/loads';

/** The text in pieces of `size` bytes. */
const pieces = (text: string, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, i) => Buffer.from(text.slice(i * size, (i + 1) * size)));

test.each([1, 2, 3, 7, 64, 1000])('IQs are taken out of deliveries in chunks of %d bytes', (size) => {
  const delivery = '<message id="x"><body>one</body></message>';
  const counter = new ByteCounter();
  const iqs: string[] = [];
  let bytes = 0;
  for (const chunk of pieces(`${delivery}<iq id="1"/>${delivery}<iq id="2"><ping/></iq>${delivery}`, size)) {
    const fed = counter.feed(chunk);
    bytes += fed.bytes;
    iqs.push(...fed.iqs);
  }
  expect(iqs).toEqual(['<iq id="1"/>', '<iq id="2"><ping/></iq>']);
  expect(bytes).toBe(3 * delivery.length);
});

test.each([1, 5, 30, 1000])('each mark is found once in chunks of %d bytes, with blanks before its time', (size) => {
  const marks = new Marks();
  const body = MARK + (performance.now() - 1000).toFixed(3).padStart(BODY.length - MARK.length);
  expect(body).toHaveLength(BODY.length);
  for (const chunk of pieces(`<message><body>${body}</body></message>`.repeat(3), size)) marks.feed(chunk);
  expect(marks.took).toHaveLength(3);
  expect(Math.min(...marks.took)).toBeGreaterThan(999);
});

const LOAD: Load = { name: 'a load', rooms: 2, occupants: 3, target: 0 };

test.each(Object.values(KINDS))('$name: every stanza of a load has one length, its number once, and hearers who are in', (kind) => {
  const lengths = new Set<number>();
  for (let room = 0; room < LOAD.rooms; room++) {
    for (let occupant = kind.first; occupant < LOAD.occupants; occupant++) {
      const stanza = kind.stanza(LOAD, room, occupant, 7);
      lengths.add(stanza.length);
      expect(stanza.split(messageId(7))).toHaveLength(2);
      expect(stanza).toContain(` from="${userJid(room, occupant)}"`);
      const heard = kind.hear(LOAD, room, occupant);
      expect(heard.length).toBeGreaterThan(0);
      expect(heard.every((one) => one >= 0 && one < LOAD.occupants)).toBe(true);
    }
  }
  expect(lengths.size).toBe(1);
});

test('private messages go to somebody else', () => {
  for (let occupant = 1; occupant < LOAD.occupants; occupant++) expect(KINDS.private.hear(LOAD, 0, occupant)).not.toEqual([occupant]);
});

test('a form has a slot for all that differs, and is refused if what was said is not in it', () => {
  const id = 'a'.repeat(22);
  const sample = `<message from="r@x/n" to="u@y/z" type="chat" id="m000000000"><body>hi</body><occupant-id xmlns="o" id="${id}"/></message>`;
  expect(formWith(sample, '<body>hi</body>')).toBe(
    '<message from="{{from}}" to="{{to}}" type="chat" id="{{id}}">{{content}}<occupant-id xmlns="o" id="{{occupant-id}}"/></message>',
  );
  expect(() => formWith(sample, '<body>other</body>')).toThrow('not in this delivery');
});
