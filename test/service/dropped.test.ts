/** Errors to stanzas that the link dropped: at the rate of whoever sent them. */
import { Element } from '../../src/xmpp/xml';
import { DEFAULT_RATES, rig, ROOM } from './rig';

const head = (from: string, name = 'iq'): Element =>
  new Element(name, { from, to: ROOM, type: name === 'iq' ? 'set' : 'groupchat', id: '1' });

test('found F12, same kind: of a flood of stanzas that are dropped few are answered, also later; others get their answers', async () => {
  const r = await rig({ rates: DEFAULT_RATES });
  const answered = new Map<string, number>();
  const drop = (from: string, name?: string): void =>
    r.service.handler.answerDropped?.(head(from, name), () => void answered.set(from, (answered.get(from) ?? 0) + 1));
  for (let i = 0; i < 10_000; i++) drop('eve@evil.lit/1', 'message');
  for (let i = 0; i < 5_000; i++) drop('mallory@evil.lit/1');
  drop('ann@x.lit/1');
  await r.clock.pass(10_000);
  expect(answered.get('eve@evil.lit/1')).toBeGreaterThan(10);
  expect(answered.get('eve@evil.lit/1')).toBeLessThanOrEqual(100);
  expect(answered.get('mallory@evil.lit/1')).toBeLessThanOrEqual(450);
  expect(answered.get('ann@x.lit/1')).toBe(1);
});

test('what has no lawful sender is not answered', async () => {
  const r = await rig();
  let sent = 0;
  for (const from of ['', ROOM]) r.service.handler.answerDropped?.(head(from), () => void sent++);
  expect(sent).toBe(0);
});
