/** Who else has the domain of the component (issue Operators, 4). */
import { LoopBack, sharedDomain } from '../../src/link/loop-back';
import { parse } from '../support/conversation';
import { toXml } from '../../src/xmpp/outgoing';

const DOMAIN = 'rooms.x.lit';

/** `passes`: which of them the server gives back. */
function bench(passes: (i: number) => boolean, read = true) {
  const xml: string[] = [];
  let number = 0;
  const loop: LoopBack = new LoopBack({
    domain: DOMAIN,
    secret: () => `s${++number}`,
    wait: 20,
    read: async () => {
      xml.forEach((text, i) => passes(i) && loop.took(parse(text)));
      return read;
    },
    send: (out) => void xml.push(toXml(out, out.to as string)),
  });
  return { loop, xml };
}

test('all come back: nobody else has the domain', async () => {
  const { loop, xml } = bench(() => true);
  const looped = await loop.look();
  expect(looped).toEqual({ sent: 10, came: 10 });
  expect(sharedDomain(looped, DOMAIN)).toBeUndefined();
  // RFC 6120 §8.3.1: nobody answers an error. Servers that share by addresses see as many as there are.
  for (const text of xml) expect(text).toContain('type="error"');
  expect(new Set(xml.map((text) => / to="([^"]*)"/.exec(text)?.[1])).size).toBe(10);
  expect(new Set(xml.map((text) => / from="([^"]*)"/.exec(text)?.[1])).size).toBe(10);
});

test.each([
  [2, (i: number) => i < 2],
  [9, (i: number) => i !== 4],
  [0, () => false],
])('%i come back: it is said what to change', async (came, passes) => {
  const looped = await bench(passes).loop.look();
  expect(looped).toEqual({ sent: 10, came });
  expect(sharedDomain(looped, DOMAIN)).toMatch(new RegExp(`^${came} of 10 stanzas .* mod_muc: host: "rooms\\.x\\.lit"`));
});

test('a connection that is lost says nothing, and what is no probe goes on', async () => {
  const { loop, xml } = bench(() => false, false);
  expect(await loop.look()).toEqual({ sent: 10, came: 10 });
  expect(loop.took(parse(xml[0] as string))).toBe(false);
  const stanzas: string[] = [];
  const handler = loop.before({
    stanza: (stanza) => void stanzas.push(stanza.name),
    online: () => undefined,
    offline: () => undefined,
    drained: () => undefined,
  });
  handler.stanza(parse('<message from="a@x.lit" to="b@rooms.x.lit" id="s1"/>'), 9);
  expect(stanzas).toEqual(['message']);
});

test('somebody else cannot pass for one, nor one twice', async () => {
  const { loop, xml } = bench((i) => i > 0);
  const looking = loop.look();
  expect(loop.took(parse('<message from="a@x.lit" to="b@rooms.x.lit" id="guess"/>'))).toBe(false);
  expect(loop.took(parse(xml[0] as string))).toBe(true);
  expect(loop.took(parse(xml[0] as string))).toBe(false);
  expect(await looking).toEqual({ sent: 10, came: 10 });
});
