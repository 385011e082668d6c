/** Backups over the API (issue Operators, 3): no path comes in, and what fails is told. */
import { BackupFailed } from '../../src/transfer/backups';
import { house, type House } from './house';

let h: House;
beforeEach(async () => {
  h = await house();
});
afterEach(() => h.close());

test('one is made where the configuration says; a path in the request is refused', async () => {
  expect(await h.ask('POST', '/v1/backups', { body: { folder: '/tmp', file: '../../x.db' } })).toMatchObject({
    status: 400,
    body: { detail: 'In body: knows no "folder", "file".' },
  });
  const made = await h.ask('POST', '/v1/backups');
  expect(made).toMatchObject({
    status: 200,
    body: { rooms: 1, messages: 2, bytes: 3, name: expect.stringMatching(/^parlour-.*Z\.db$/) as string },
  });
  expect(await h.ask('GET', '/v1/backups')).toMatchObject({ status: 200, body: { underWay: null } });
});

test('only who administers may; who reads may see them', async () => {
  const [reader, moderator] = [await h.token('read'), await h.token('moderate')];
  for (const token of [reader, moderator]) expect((await h.ask('POST', '/v1/backups', { token })).status).toBe(403);
  expect((await h.ask('GET', '/v1/backups', { token: reader })).status).toBe(200);
});

test('a second one at a time is a conflict, one that fails is told with its sentence, and how far one is can be asked', async () => {
  await h.close();
  let error = new BackupFailed('running', 'no');
  const make = async (): Promise<never> => {
    throw error;
  };
  h = await house((parts) => ({ ...parts, backups: { make, list: () => [], underWay: 0.4 } }));
  expect(await h.ask('POST', '/v1/backups')).toMatchObject({ status: 409, body: { code: 'conflict' } });
  // What somebody must mend first is another code than what passes.
  error = new BackupFailed('full', 'Delete some.');
  expect(await h.ask('POST', '/v1/backups')).toMatchObject({ status: 422, body: { code: 'policy-violation', detail: 'Delete some.' } });
  error = new BackupFailed('failed', 'The disk is full.');
  expect(await h.ask('POST', '/v1/backups')).toMatchObject({
    status: 503,
    body: { code: 'resource-constraint', detail: expect.stringContaining('The disk is full.') as string },
  });
  expect((await h.ask('GET', '/v1/backups')).body).toEqual({ backups: [], underWay: 0.4 });
});
