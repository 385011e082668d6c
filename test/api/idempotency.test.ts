/** Answers that are kept for requests that are sent again: whose are forgotten, and which never are. */
import { Idempotency, type Answered } from '../../src/api/idempotency';

const MOST = 1_000;
const answer = (text: string): Answered => ({ status: 200, mediaType: 'text/plain', text });

test('whoever has the most loses the oldest: a token with many keys pushes out nobody else', async () => {
  const once = new Idempotency(() => 0);
  await once.once('admin', 'k', 'r', () => Promise.resolve(answer('first')));
  for (let i = 0; i < 2 * MOST; i++) await once.once('bot', `k${i}`, 'r', () => Promise.resolve(answer(`${i}`)));
  expect(await once.once('admin', 'k', 'r', () => Promise.resolve(answer('again')))).toEqual(answer('first'));
  expect(await once.once('bot', `k${2 * MOST - 1}`, 'r', () => Promise.resolve(answer('again')))).toEqual(answer(`${2 * MOST - 1}`));
});

test('what is under way is never forgotten, or the same request would run beside itself; a request too many is refused', async () => {
  let now = 0;
  const once = new Idempotency(() => now);
  const going: ((of: Answered) => void)[] = [];
  const begin = (key: string): Promise<Answered> => once.once('bot', key, 'r', () => new Promise((resolve) => going.push(resolve)));
  const all = Array.from({ length: MOST }, (_, i) => begin(`k${i}`));
  now = 48 * 3_600_000;
  const again = begin('k0');
  await expect(begin('one more')).rejects.toMatchObject({ code: 'too-many-requests' });
  expect(going).toHaveLength(MOST);
  going.forEach((done, i) => done(answer(`${i}`)));
  expect(await Promise.all([...all, again])).toHaveLength(MOST + 1);
  expect(await again).toEqual(answer('0'));
});

test('a refusal changed nothing: its key is free, for the same request and for a mended one; a change keeps it', async () => {
  const once = new Idempotency(() => 0);
  const refused = { ...answer('sure?'), status: 409 };
  expect(await once.once('bot', 'k', 'ban', () => Promise.resolve(refused))).toEqual(refused);
  expect(await once.once('bot', 'k', 'ban, confirmed', () => Promise.resolve(answer('banned')))).toEqual(answer('banned'));
  expect(await once.once('bot', 'k', 'ban, confirmed', () => Promise.resolve(answer('twice')))).toEqual(answer('banned'));
  await expect(once.once('bot', 'k', 'ban', () => Promise.resolve(refused))).rejects.toMatchObject({ code: 'key-reused' });
  // What was done in part is tried again.
  expect(await once.once('bot', 'l', 'ban', () => Promise.resolve({ ...answer('one failed'), inPart: true }))).toMatchObject({
    inPart: true,
  });
  expect(await once.once('bot', 'l', 'ban', () => Promise.resolve(answer('all')))).toEqual(answer('all'));
});
