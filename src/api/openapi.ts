/** The description of the API (OpenAPI 3.1), made from the routes themselves. */
import * as z from 'zod';
import { BOUNDS } from './bounds';
import { STATUS_OF } from './problem';
import { isKeyed, isOfRoom, route, type Route } from './route';

type Schema = Readonly<Record<string, unknown>>;

function schemaOf(of: z.ZodType, io: 'input' | 'output'): Schema {
  const schema: Record<string, unknown> = { ...z.toJSONSchema(of, { io, unrepresentable: 'any' }) };
  delete schema['$schema'];
  return schema;
}

/** What stands in a query or a path, each by itself. */
function parametersOf(of: z.ZodType | undefined, where: 'query' | 'path'): object[] {
  if (!of) return [];
  const { properties = {}, required = [] } = schemaOf(of, 'input') as { properties?: Record<string, Schema>; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({ name, in: where, required: required.includes(name), schema }));
}

const ROOM_PARAMETER = {
  name: 'room',
  in: 'path',
  required: true,
  description: "The room's address, or its name alone.",
  schema: { type: 'string' },
};
const KEY_PARAMETER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Under one key a request is run once.',
  schema: { type: 'string', minLength: 1, maxLength: BOUNDS.key },
};

/** A document of any length. */
const DOCUMENT = { type: 'object' };

function operationOf(of: Route): object {
  const { method, path, scope, summary, params, query, body, takes, answer, mediaTypes = [] } = of;
  const room = isOfRoom(of) ? [ROOM_PARAMETER] : [];
  const key = isKeyed(of) ? [KEY_PARAMETER] : [];
  const parameters = [...room, ...parametersOf(params, 'path'), ...parametersOf(query, 'query'), ...key];
  const others = Object.fromEntries(mediaTypes.map((one) => [one, {}]));
  const content =
    answer === 'text'
      ? { 'text/plain': {} }
      : { 'application/json': answer === 'stream' ? { schema: DOCUMENT } : { schema: schemaOf(answer, 'output') }, ...others };
  const taken = takes ? DOCUMENT : body && schemaOf(body, 'input');
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[/:.-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    'x-scope': scope,
    security: scope === 'public' ? [] : [{ token: [] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(taken ? { requestBody: { content: { 'application/json': { schema: taken } } } } : {}),
    responses: { 200: { description: 'Done.', content }, default: { $ref: '#/components/responses/Problem' } },
  };
}

/** The document. */
export function openApiOf(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const one of routes) (paths[one.path.replace(/:(\w+)/g, '{$1}')] ??= {})[one.method.toLowerCase()] = operationOf(one);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parlour',
      version: '1',
      description:
        'Rooms of the service, for those who run it. Over the Unix socket no token is needed. `x-scope` says which scope a token needs; one that is bound to rooms is good for paths with `{room}` alone.',
    },
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
      responses: {
        Problem: {
          description: 'It was not done; `code` says why.',
          content: {
            'application/problem+json': {
              schema: {
                type: 'object',
                required: ['type', 'code', 'status', 'detail'],
                properties: {
                  type: { type: 'string' },
                  code: { type: 'string', enum: Object.keys(STATUS_OF).sort() },
                  status: { type: 'integer' },
                  detail: { type: 'string' },
                },
              },
            },
          },
        },
      },
    },
  };
}

/** The route that answers it; it is one of those that it describes. */
export function documented(routes: () => readonly Route[]): Route {
  let document: object | undefined;
  return route({
    method: 'GET',
    path: '/openapi.json',
    scope: 'public',
    summary: 'This description.',
    answer: z.looseObject({ openapi: z.string() }),
    run: async () => (document ??= openApiOf(routes())),
  });
}
