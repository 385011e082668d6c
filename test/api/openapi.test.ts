/** The description of the API: checked in as it is, and answered by the API itself. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openApiOf } from '../../src/api/openapi';
import { ROUTES } from '../../src/api/routes';
import { packageRoot } from '../support/package-root';
import { house } from './house';

const checkedIn = JSON.parse(readFileSync(path.join(packageRoot(), 'docs/openapi.json'), 'utf8')) as {
  openapi: string;
  paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>;
};

test('docs/openapi.json is what the routes declare (node dist/src/cli.js schema --api > docs/openapi.json)', () => {
  expect(checkedIn).toEqual(JSON.parse(JSON.stringify(openApiOf(ROUTES))));
});

test('every operation has a name of its own, and what stands in its path is declared', () => {
  expect(checkedIn.openapi).toBe('3.1.0');
  const operations = Object.entries(checkedIn.paths).flatMap(([at, methods]) =>
    Object.values(methods).map((operation) => ({ at, operation })),
  );
  expect(operations).toHaveLength(ROUTES.length);
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(ROUTES.length);
  for (const { at, operation } of operations) {
    const inPath = (operation.parameters ?? []).filter((one) => one.in === 'path').map(({ name }) => `{${name}}`);
    expect(inPath.sort()).toEqual([...(at.match(/\{\w+\}/g) ?? [])].sort());
  }
});

test('an Idempotency-Key is where it means something: not where nothing changes, a secret is told or a document is sent', () => {
  const keyed = (at: string, method: string): boolean =>
    (checkedIn.paths[at]?.[method]?.parameters ?? []).some(({ name }) => name === 'Idempotency-Key');
  expect([keyed('/v1/rooms/{room}', 'put'), keyed('/v1/tokens/{name}', 'delete')]).toEqual([true, true]);
  expect([keyed('/v1/rooms', 'get'), keyed('/v1/tokens', 'post'), keyed('/v1/rooms/{room}/import', 'post')]).toEqual([false, false, false]);
});

test('it is answered without a token', async () => {
  const h = await house();
  try {
    const reply = await h.ask('GET', '/openapi.json', { tcp: true });
    expect(reply).toMatchObject({ status: 200, body: { openapi: '3.1.0' } });
  } finally {
    await h.close();
  }
});
