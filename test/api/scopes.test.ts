/** Every route by every scope: a token can do what its scope says, in the rooms that it names, and nothing else. Made from the declarations. */
import { ROUTES } from '../../src/api/routes';
import { isOfRoom, type Route } from '../../src/api/route';
import { COMMAND_SCOPES, QUERY_SCOPES, SCOPES, suffices, type Scope } from '../../src/api/scopes';
import { enter, instant } from '../service/real-rooms';
import { house, type House } from './house';

const guarded = ROUTES.filter((route): route is Route & { scope: Scope } => route.scope !== 'public');
const at = ({ path }: Route): string => path.replace(':room', 'a').replace(':name', 'nobody').replace(':jid', 'nobody@x.lit');
const named = guarded.map((route) => ({ route, name: `${route.method} ${route.path}` }));

let h: House;
const tokens = new Map<string, string>();
beforeAll(async () => {
  h = await house();
  await h.play(enter('ann@x.lit/1', 'a@rooms.x.lit', 'Ann'), instant('ann@x.lit/1', 'a@rooms.x.lit'));
  for (const scope of SCOPES) for (const rooms of ['*', 'a', 'b*']) tokens.set(`${scope} ${rooms}`, await h.token(scope, rooms));
});
afterAll(() => h.close());

const asked = async (route: Route, key?: string): Promise<{ status: number; code: unknown }> => {
  const token = key === undefined ? undefined : tokens.get(key);
  const body = route.method === 'GET' || route.method === 'DELETE' ? {} : { body: {} };
  for (;;) {
    const reply = await h.ask(route.method, at(route), { ...body, ...(token === undefined ? { tcp: true } : { token }) });
    if (reply.status !== 429) return { status: reply.status, code: reply.body['code'] };
    await h.clock.pass(1_000);
  }
};

test.each(named)('$name without a token', async ({ route }) => {
  expect(await asked(route)).toEqual({ status: 401, code: 'unauthorized' });
});

for (const scope of SCOPES) {
  const reaching = named.filter(({ route }) => suffices(scope, route.scope));
  const beyond = named.filter(({ route }) => !suffices(scope, route.scope));

  if (beyond.length > 0)
    test.each(beyond)(`$name needs more than ${scope}, and nothing is changed`, async ({ route }) => {
      const before = h.store.taken.length;
      for (const rooms of ['*', 'a']) expect(await asked(route, `${scope} ${rooms}`)).toEqual({ status: 403, code: 'out-of-scope' });
      expect(h.store.taken.length).toBe(before);
    });

  test.each(reaching)(`$name with a token of ${scope} for other rooms`, async ({ route }) => {
    const before = h.store.taken.length;
    expect(await asked(route, `${scope} b*`)).toEqual({ status: 403, code: 'out-of-scope' });
    if (!isOfRoom(route)) expect(await asked(route, `${scope} a`)).toEqual({ status: 403, code: 'out-of-scope' });
    expect(h.store.taken.length).toBe(before);
  });

  // What changes something is asked for without what it needs, and so refused for that: `acts.test.ts` does each of them.
  test.each(reaching.filter(({ route }) => route.method === 'GET'))(`$name with a token of ${scope}`, async ({ route }) => {
    for (const rooms of isOfRoom(route) ? ['*', 'a'] : ['*'])
      expect([401, 403, 429]).not.toContain((await asked(route, `${scope} ${rooms}`)).status);
  });
}

test('a route needs what its commands and questions need', () => {
  for (const { scope, commands = [], asks = [], path } of guarded) {
    for (const command of commands) {
      const needed = COMMAND_SCOPES[command];
      if (needed !== 'inside') expect({ path, enough: suffices(scope, needed) }).toEqual({ path, enough: true });
      else expect(path).toBe('/v1/shut-down');
    }
    for (const what of asks) expect({ path, enough: suffices(scope, QUERY_SCOPES[what]) }).toEqual({ path, enough: true });
  }
  expect(guarded.filter(({ method, scope }) => method !== 'GET' && scope === 'read')).toEqual([]);
});

test('each command and question that has a scope has a route', () => {
  const commands = new Set(ROUTES.flatMap((route) => route.commands ?? []));
  const asks = new Set(ROUTES.flatMap((route) => route.asks ?? []));
  expect(Object.entries(COMMAND_SCOPES).filter(([name, scope]) => scope !== 'inside' && !commands.has(name as never))).toEqual([]);
  expect(Object.keys(QUERY_SCOPES).filter((what) => !asks.has(what as never))).toEqual([]);
});
