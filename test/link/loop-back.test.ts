/** Who else has the domain of the component (issue Operators, 4). */
import { DomainWatch, LoopBack, sharedDomain, type LoopedBack } from '../../src/link/loop-back';
import { parse } from '../support/conversation';
import { toXml } from '../../src/xmpp/outgoing';

const DOMAIN = 'rooms.x.lit';

/** How the waiting for the server's answer to the ping behind them ends. */
type Read = 'answered' | 'lost' | 'given up' | 'never';

/** `passes`: which of them the server gives back. */
function bench(passes: (i: number) => boolean, read: Read = 'answered') {
  const xml: string[] = [];
  let number = 0;
  let connection: number | undefined = 1;
  const loop: LoopBack = new LoopBack({
    domain: DOMAIN,
    secret: () => `s${++number}`,
    connection: () => connection,
    patience: 10,
    givesUp: (came) => came > 0,
    wait: 20,
    read: () => {
      xml.forEach((text, i) => passes(i) && loop.took(parse(text)));
      if (read === 'lost') connection = undefined;
      return read === 'never' ? new Promise(() => undefined) : Promise.resolve(read === 'answered');
    },
    send: (out) => void xml.push(toXml(out, out.to as string)),
  });
  return { loop, xml, attached: (now: number | undefined) => (connection = now) };
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

test.each(['given up', 'never'] as const)(
  'the answer to the ping went to somebody else as well (%s): what came back is counted',
  async (read) => {
    const looped = await bench((i) => i < 3, read).loop.look();
    expect(looped).toEqual({ sent: 10, came: 3 });
    expect(sharedDomain(looped, DOMAIN)).toMatch(/^3 of 10 stanzas /);
    expect(await bench(() => true, read).loop.look()).toEqual({ sent: 10, came: 10 });
  },
);

test('none came back and nobody answered: a server that may be slow is waited for', async () => {
  const { loop, xml } = bench(() => false, 'never');
  const looking = loop.look();
  // As often as its patience ends.
  setTimeout(() => xml.forEach((text) => loop.took(parse(text))), 60);
  expect(await looking).toEqual({ sent: 10, came: 10 });
});

test('a connection that was lost says nothing of them, also when another one came since, whose own are counted', async () => {
  const { loop, xml, attached } = bench((i) => i >= 10, 'lost');
  const first = loop.look();
  attached(2);
  const second = loop.look();
  attached(2);
  expect(await first).toBeUndefined();
  expect(await second).toEqual({ sent: 10, came: 10 });
  expect(xml).toHaveLength(20);
});

test('a connection that is lost says nothing, and what is no probe goes on', async () => {
  const { loop, xml } = bench(() => false, 'lost');
  const looped = await loop.look();
  expect(looped).toBeUndefined();
  expect(sharedDomain(looped, DOMAIN)).toBeUndefined();
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

test('a domain that the server gives to somebody else later is found while the attachment lasts, and one look that came late tells nothing', async () => {
  jest.useFakeTimers();
  try {
    const answers: (LoopedBack | undefined)[] = [10, 4, 10, 4, 5].map((came) => ({ sent: 10, came }));
    const told: (number | undefined)[] = [];
    const watch = new DomainWatch(
      () => Promise.resolve(answers.shift()),
      (looped) => void told.push(looped?.came),
      1_000,
    );
    watch.online();
    await jest.advanceTimersByTimeAsync(2_500);
    expect(told).toEqual([10, 10, 5]);
    watch.offline();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(told).toHaveLength(3);
  } finally {
    jest.useRealTimers();
  }
});

test('without a connection nothing is sent', async () => {
  const { loop, xml, attached } = bench(() => true);
  attached(undefined);
  expect(await loop.look()).toBeUndefined();
  expect(xml).toEqual([]);
});
