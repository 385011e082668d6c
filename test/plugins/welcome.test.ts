/** examples/plugins/welcome, by the public entries alone. */
import { testRoom } from 'parlour/plugin/test';
import welcome from '../../examples/plugins/welcome/welcome';

const greeted = (stanzas: readonly string[]): boolean => stanzas.some((stanza) => stanza.includes('<body>Tea is at five.</body>'));

test('who enters first is greeted once; others do not hear it', async () => {
  const room = await testRoom(welcome, { config: { text: 'Tea is at five.' } });
  const ann = room.enter('ann@example.com');
  expect(greeted(ann.heard())).toBe(true);
  expect(greeted(room.owner.heard())).toBe(false);
  ann.leave();
  expect(greeted(room.enter('Ann@example.com/other').heard())).toBe(false);
  expect(greeted(room.enter('ben@example.com').heard())).toBe(true);
  await room.end();
});

test('an owner switches it off', async () => {
  const room = await testRoom(welcome, {
    values: { '{urn:parlour:example:welcome}greets': false, '{urn:parlour:example:welcome}text': 'Tea is at five.' },
  });
  expect(greeted(room.enter('ann@example.com').heard())).toBe(false);
});

test('a configuration that it does not take is refused', async () => {
  await expect(async () => testRoom(welcome, { config: { txt: 'x' } })).rejects.toThrow('config: unknown key "txt"; leave it out.');
});
