/** Backups by commands at the service: for its administrators, into the configured folder (issue Operators, 1 and 3). */
import { inWords } from '../../src/words';
import type { Made } from '../../src/admin/backing-up';
import { settle } from '../service/fake-clock';
import { field, hall, session, submit } from './hall';

const BACKUP = 'urn:parlour:admin#backup';
const BACKUPS = 'urn:parlour:admin#backups';
const MADE = { name: 'parlour-x.db', rooms: 3, messages: 40 };

test('a backup is made and listed; no form takes a path', async () => {
  const h = await hall();
  h.backups.made = Promise.resolve(MADE);
  const answer = await h.run(BACKUP);
  expect(answer).toContain('status="completed"');
  expect(answer).toContain('parlour-x.db is made and checked. Rooms: 3. Messages: 40.');
  expect(answer).not.toContain('jabber:x:data');
  expect(h.events).toContain('an administrator of the service asks for a backup');
  expect(await h.run(BACKUPS)).toContain(String(inWords('backupsNone')));
  h.backups.listed = [{ name: 'parlour-x.db', at: Date.UTC(2026, 0, 31), kind: 'scheduled', bytes: 4096 }];
  const listed = await h.run(BACKUPS);
  for (const cell of ['parlour-x.db', '2026-01-31T00:00:00Z', 'the clock', '4096']) expect(listed).toContain(`<value>${cell}</value>`);
  // What a client sends along all the same is no place for it.
  expect(await h.run(BACKUP, session, submit(field('folder', '/tmp')))).not.toContain('/tmp');
});

test('what cannot be made or read is said; who is no administrator is refused', async () => {
  const h = await hall();
  h.backups.made = Promise.resolve({ refusal: inWords('backupRunning') });
  expect(await h.run(BACKUP)).toContain('<note type="error">A backup is being made already.');
  h.backups.listed = { refusal: inWords('backupUnreadable', { folder: 'kept', why: 'EACCES' }) };
  expect(await h.run(BACKUPS)).toContain('<note type="error">The folder "kept" of backups cannot be read. (EACCES)');
  expect(await h.run(BACKUP, '', '', 'bob@y.lit/1')).toContain('<forbidden');
});

test('one that takes long is answered at once, and its end is told by a headline', async () => {
  const h = await hall();
  let end: (made: Made) => void = () => undefined;
  h.backups.made = new Promise((resolve) => (end = resolve));
  await h.run(BACKUP);
  await h.clock.pass(10_000);
  expect(h.link.xml.at(-1)).toContain(String(inWords('backupBegun')));
  end(MADE);
  await settle();
  expect(h.link.xml.at(-1)).toMatch(/^<message .*type="headline".*parlour-x\.db is made and checked/);
});
