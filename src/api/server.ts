/** The server of the API: one set of routes at the Unix socket and, if wanted, at a port. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type * as z from 'zod';
import { StoreFailed } from '../store/failures';
import { languageOfTag, DEFAULT_LANGUAGE, inWords, type Language } from '../words';
import { short } from '../xmpp/short';
import { stanzaError } from '../xmpp/stanza-error';
import { admit, askerOf, NOBODY, type Asker } from './asker';
import { BOUNDS } from './bounds';
import { Idempotency, type Answered } from './idempotency';
import { keyTwice } from './keys-twice';
import type { ApiParts, PlainText, StreamAnswer } from './parts';
import { mistaken, Problem, problemOf, type Code } from './problem';
import { Bucket } from './rates';
import { requestMistake } from './request-mistakes';
import { isKeyed, isOfRoom, type Call, type Route } from './route';
import { serverOf } from './server-bounds';
import { contentOf, drained, streamOf } from './streaming';
import { ended, listenAtPort, listenAtSocket, tellFailures } from '../http/listening';
import { matches } from './tokens';
import { Revoking } from './posting-room';
import { writtenRoom } from './written-room';

/** A request to the API that was answered. `ms`: milliseconds that it took. */
export interface AnsweredRequest {
  readonly method: string;
  /** With its placeholders: `/v1/rooms/:room`. Undefined: there is no such route. */
  readonly route: string | undefined;
  readonly status: number;
  readonly ms: number;
}

export interface ApiOptions {
  readonly routes: readonly Route[];
  readonly parts: ApiParts;
  /** Where it listens. */
  readonly socket: string;
  readonly listen: { readonly host: string; readonly port: number } | null;
  /** Is told of each request that was answered. */
  readonly answered?: ((request: AnsweredRequest) => void) | undefined;
}

export interface Api {
  /** Listens. Throws ListenRefused, StoreFailed. */
  start(): Promise<void>;
  /** Takes no more; what is being answered has two seconds for it. */
  stop(): Promise<void>;
  /** Where it listens on TCP, once it does. */
  readonly port: number | null;
  /** Requests that were refused since the start, by code. */
  readonly refusals: ReadonlyMap<Code, number>;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const UTF8 = new TextDecoder('utf-8', { fatal: true });
/** Characters of a key that are told again. */
const SHOWN = 40;
/** For what is being answered at the end. */
const LAST_MS = 2_000;

type Request = FastifyRequest & { asker?: Asker; call?: Call; inTime?: () => void };

export function createApi(options: ApiOptions): Api {
  const { parts } = options;
  const { clock, log, tokens } = parts;
  // Connections that came over the Unix socket: Node has no place to note that on them, and what has ended is forgotten.
  const locals = new WeakSet<Socket>();
  const once = new Idempotency(() => clock.elapsed());
  const buckets = new Map<string, Bucket>();
  const strangers = new Bucket(BOUNDS.strangerRate, BOUNDS.strangerBurst, clock.elapsed());
  const refusals = new Map<Code, number>();
  let answering = 0;

  /** What was not done is counted, and not audited. */
  const counted = (problem: Problem): Problem => {
    refusals.set(problem.code, (refusals.get(problem.code) ?? 0) + 1);
    return problem;
  };
  const refuse = (request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply => {
    const text = JSON.stringify(counted(problem).body(languageOf(request)));
    return send(reply, { status: problem.status, mediaType: PROBLEM_TYPE, text });
  };

  const revoking = new Revoking(parts);
  const app = fastify({
    logger: false,
    bodyLimit: BOUNDS.body,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: BOUNDS.head },
    frameworkErrors: (_, request, reply) => void refuse(request, reply, new Problem('no-such-route', inWords('apiNoRoute'))),
  });
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data) => {
    const read = schema.safeParse(data ?? {});
    if (read.success) return { value: read.data };
    const [issue] = read.error.issues;
    if (!issue) throw new Error('A request is wrong, and nothing in it is');
    return { error: mistaken('apiMistake', requestMistake(issue, data, httpPart ?? 'body')) };
  });
  // Content that is no UTF-8 would be read as other letters than were sent; many clients name a media type where they send nothing.
  const json = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, content, done) => {
    if (content.length === 0) return void done(null, undefined);
    let written: string;
    try {
      written = UTF8.decode(content as Buffer);
    } catch {
      return void done(new Problem('not-json', inWords('apiBrokenJson')));
    }
    void json(request, written, (error, value) => {
      const twice = error ? undefined : keyTwice(written);
      if (twice === undefined) done(error, value);
      else done(mistaken('apiKeyTwice', { key: short(twice, SHOWN) }));
    });
  });
  app.setErrorHandler((error: FastifyError | Problem, request, reply) => refuse(request, reply, problemFor(error)));
  app.setNotFoundHandler((request, reply) => refuse(request, reply, new Problem('no-such-route', inWords('apiNoRoute'))));

  const problemFor = (error: Error & { code?: string; statusCode?: number }): Problem => {
    if (error instanceof Problem) return error;
    if (error instanceof StoreFailed) return problemOf(stanzaError('resource-constraint', inWords('storeFailed')));
    if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new Problem('too-large', inWords('apiTooLarge', { max: BOUNDS.body }));
    if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new Problem('not-json', inWords('apiNotJson'));
    if (error.code === 'FST_ERR_CTP_INVALID_JSON_BODY' || error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY' || error instanceof SyntaxError)
      return new Problem('not-json', inWords('apiBrokenJson'));
    if (error.statusCode !== undefined && error.statusCode < 500) return mistaken('apiNotJson');
    log.error({ event: 'api.failed', err: error }, 'a request to the API could not be answered: a mistake in the program');
    return problemOf(stanzaError('internal-server-error', inWords('internal')));
  };

  /** Ends a connection whose content is not there in time; a route that takes content of any length gives it longer. No timer is set for a request without a body. */
  const inTime = ({ raw }: FastifyRequest): (() => void) => {
    if (raw.complete || !hasContent(raw)) return () => undefined;
    const cancel = clock.after(BOUNDS.requestTime, () => raw.socket.destroy());
    raw.once('end', cancel);
    raw.once('close', cancel);
    return cancel;
  };

  const admitted = (route: Route, request: Request, reply: FastifyReply): void => {
    const local = locals.has(request.raw.socket);
    let asker: Asker;
    try {
      asker = route.scope === 'public' ? NOBODY : askerOf(request.headers, local, tokens);
    } catch (error) {
      waitFor(strangers, reply);
      throw error;
    }
    if (asker === NOBODY && !local) waitFor(strangers, reply);
    if (asker.token !== null) waitFor(bucketOf(asker.token, asker.poster !== null), reply);
    if (answering >= BOUNDS.answering) throw problemOf(stanzaError('resource-constraint', inWords('tooBusy')));
    const named = (request.params as { room?: string }).room;
    const room = isOfRoom(route) && named !== undefined ? writtenRoom(named, parts.domain) : null;
    if (route.scope !== 'public') admit(asker, route.scope, room);
    request.asker = asker;
    request.call = {
      actor: asker.actor,
      scope: asker.scope,
      poster: asker.poster,
      rooms: asker.rooms,
      mayTouch: (other) => asker.rooms === '*' || matches(asker.rooms, other),
      language: languageOf(request),
      get params() {
        return request.params;
      },
      get query() {
        return request.query;
      },
      get body() {
        return request.body;
      },
      get room() {
        if (room === null) throw new Error(`${route.path} has no room`);
        return room;
      },
    };
  };

  const bucketOf = (token: string, posts: boolean): Bucket => {
    const [rate, burst] = posts ? [BOUNDS.postRate, BOUNDS.postBurst] : [BOUNDS.tokenRate, BOUNDS.tokenBurst];
    const bucket = buckets.get(token) ?? new Bucket(rate, burst, clock.elapsed());
    // Those used last stand last. A token that was made anew under its name has another: the oldest go, of tokens that are no more or have not asked for long.
    buckets.delete(token);
    buckets.set(token, bucket);
    if (buckets.size > BOUNDS.buckets) buckets.delete(buckets.keys().next().value as string);
    return bucket;
  };

  /** Counts a request. Throws Problem if there were too many. */
  const waitFor = (bucket: Bucket, reply: FastifyReply): void => {
    const seconds = Math.ceil(bucket.take(clock.elapsed()) / 1000);
    if (seconds === 0) return;
    reply.header('retry-after', seconds);
    throw new Problem('too-many-requests', inWords('tooFastFor', { seconds }));
  };

  const answerOf = async (route: Route, call: Call): Promise<Answered> => {
    try {
      const answer = await route.run(call, parts);
      if (route.answer !== 'text') {
        const { failures } = answer as { readonly failures?: readonly unknown[] };
        const inPart = failures !== undefined && failures.length > 0 ? ({ inPart: true } as const) : {};
        return { status: 200, mediaType: JSON_TYPE, text: JSON.stringify(answer), ...inPart };
      }
      const { text, mediaType, status = 200 } = answer as PlainText;
      return { status, mediaType, text };
    } catch (error) {
      const problem = counted(problemFor(error as Error));
      return { status: problem.status, mediaType: PROBLEM_TYPE, text: JSON.stringify(problem.body(call.language)) };
    }
  };

  /** What goes wrong at the beginning is still a problem; later the connection breaks off. */
  const sendStream = async (route: Route, call: Call, reply: FastifyReply): Promise<FastifyReply> => {
    const answer = (await route.run(call, parts)) as StreamAnswer;
    const stream = await streamOf(answer.pieces, {
      begun: () => void answering++,
      ended: () => void answering--,
      failed: (error) => void problemFor(error),
    });
    return reply.code(200).header('content-type', answer.mediaType).header('cache-control', 'no-store').send(stream);
  };

  app.addHook('onRequest', async (request: Request) => {
    request.inTime = inTime(request);
  });
  // What a handler had no use for is waited for no longer than what it reads.
  app.addHook('onResponse', async (request: Request) => {
    request.inTime?.();
    request.inTime = inTime(request);
  });
  const { answered } = options;
  if (answered)
    app.addHook('onResponse', async ({ method, routeOptions }, reply) =>
      answered({ method, route: routeOptions.url, status: reply.statusCode, ms: reply.elapsedTime }),
    );
  const add = (to: FastifyInstance, route: Route): void => {
    const { method, path: url, params, query, body, takes, answer } = route;
    to.route({
      method,
      url,
      schema: { ...(params ? { params } : {}), ...(query ? { querystring: query } : {}), ...(body ? { body } : {}) },
      onRequest: async (request: Request, reply) => {
        admitted(route, request, reply);
        if (takes) request.inTime?.();
      },
      handler: async (request: Request, reply) => {
        const { asker, call } = request;
        if (!asker || !call) throw new Error('A request was not admitted');
        // Content that is read is here; the answer takes as long as it takes.
        request.inTime?.();
        if (answer === 'stream') return sendStream(route, call, reply);
        const content = takes && contentOf(request.raw);
        if (content) Object.defineProperty(call, 'body', { value: content });
        const run = async (): Promise<Answered> => {
          answering++;
          return answerOf(route, call).finally(() => answering--);
        };
        const key = isKeyed(route) ? [request.headers['idempotency-key']].flat()[0] : undefined;
        if (key !== undefined && (key === '' || key.length > BOUNDS.key)) throw mistaken('apiKeyLong', { max: BOUNDS.key });
        const same = (): string => `${method} ${request.url}\n${JSON.stringify(request.body, mapsAsLists)}`;
        const answered = await (key === undefined ? run() : once.once(asker.token ?? '', key, same(), run));
        if (content) await drained(request.raw, content);
        return send(reply, answered);
      },
    });
  };
  for (const route of options.routes) if (!route.takes) add(app, route);
  void app.register(async (raw) => {
    raw.removeAllContentTypeParsers();
    raw.addContentTypeParser('*', (_, payload, done) => done(null, payload));
    for (const route of options.routes) if (route.takes) add(raw, route);
  });

  const socketServer = serverOf(app);
  const portServer = options.listen ? serverOf(app) : null;
  const servers = [socketServer, ...(portServer ? [portServer] : [])];
  for (const server of servers) tellFailures(server, log);
  socketServer.on('connection', (socket) => locals.add(socket));

  return {
    refusals,
    get port() {
      const at = portServer?.address();
      return typeof at === 'object' ? (at?.port ?? null) : null;
    },
    async start() {
      await tokens.load();
      revoking.begin();
      await app.ready();
      await listenAtSocket(socketServer, options.socket);
      try {
        if (portServer && options.listen) await listenAtPort(portServer, { ...options.listen, key: 'api.listen' });
      } catch (error) {
        await ended(socketServer, LAST_MS);
        throw error;
      }
      log.info({ event: 'api.listening', socket: options.socket, ...options.listen }, 'the API listens');
    },
    async stop() {
      await revoking.stop();
      await Promise.all(servers.map((server) => ended(server, LAST_MS)));
      await app.close();
    },
  };
}

const languageOf = ({ headers }: FastifyRequest): Language =>
  languageOfTag(headers['accept-language']?.split(/[,;]/)[0]?.trim()) ?? DEFAULT_LANGUAGE;

/** As RFC 9112 §6.3 tells it of a request. */
const hasContent = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;

/** The values of forms are maps. */
const mapsAsLists = (_: string, value: unknown): unknown => (value instanceof Map ? [...(value as Map<unknown, unknown>)] : value);

function send(reply: FastifyReply, { status, mediaType, text }: Answered): FastifyReply {
  return reply.code(status).header('content-type', mediaType).header('cache-control', 'no-store').send(text);
}
