/** A whole service with real rooms and its API, at a socket and a port, and a client for both. */
import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROUTES } from '../../src/api/routes';
import { createApi, type Api } from '../../src/api/server';
import { Tokens } from '../../src/api/tokens';
import type { Call } from '../../src/api/route';
import type { ApiParts } from '../../src/api/parts';
import type { LogLevel } from '../../src/log';
import type { Scope } from '../../src/api/scopes';
import { Backups } from '../../src/transfer/backups';
import { Erasures } from '../../src/admin/erasures';
import type { Execute } from '../../src/room/contract/commands';
import { createTransfers } from '../../src/transfer/transfers';
import { Watched } from '../../src/metrics/watched';
import { LIMITS } from '../room/limits';
import { asDomain } from '../support/jids';
import { ROWS } from '../store/temp';
import { systemClock } from '../../src/service/clock';
import { realRooms } from '../service/real-rooms';
import { DOMAIN, rig, type Rig } from '../service/rig';

/** Of tokens that post nowhere. */
const NO_ROOM = { allow: () => Promise.resolve(), free: () => Promise.resolve() };

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Record<string, unknown>;
}

export interface Asking {
  /** Over TCP with it; without, over the socket. */
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** Over TCP, also without a token. */
  readonly tcp?: boolean;
}

export interface House extends Rig {
  readonly api: Api;
  readonly tokens: Tokens;
  readonly socket: string;
  readonly parts: ApiParts;
  /** The routes that were run, as `GET /v1/rooms`. */
  readonly played: string[];
  /** That the program was told to end. */
  readonly ended: readonly string[];
  readonly ask: (method: string, where: string, how?: Asking) => Promise<Reply>;
  readonly token: (scope: Scope, rooms?: string) => Promise<string>;
  readonly close: () => Promise<void>;
}

export async function house(change: (parts: ApiParts) => ApiParts = (parts) => parts): Promise<House> {
  const folder = mkdtempSync(path.join(tmpdir(), 'parlour-api-'));
  const r = await rig({ makeRoom: realRooms(true) });
  const { service, store, clock, link } = r;
  const tokens = new Tokens(store, DOMAIN);
  const log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (_: unknown, text: string) => void r.complaints.push(text),
  };
  const copy = { rooms: 1, messages: 2, bytes: 3 };
  const backups = new Backups({
    domain: DOMAIN,
    // What a copy is made of, the tests of the store look into.
    store: { copyTo: async () => copy },
    clock,
    log,
    settings: () => ({ folder: path.join(folder, 'backups'), make: true, everyHours: null, keep: 1, mostByHand: 2 }),
  });
  const watched = new Watched({
    link,
    stats: () => service.stats(),
    store,
    backups: () => backups.counts,
    refusals: () => api.refusals,
    database: '/nowhere',
    startedAt: 0,
    version: '1.2.3',
  });
  const ended: string[] = [];
  let level: LogLevel = 'info';
  const execute: Execute = (execution) => parts.execute(execution);
  const erasures = new Erasures({ store, clock: systemClock, log, execute, forget: () => undefined, tell: () => undefined });
  const makeRoom = realRooms(true);
  const transfers = createTransfers({
    domain: DOMAIN,
    store,
    features: { rows: new Map(ROWS.map((declaration) => [declaration.name, declaration])) },
    makeRoom,
    arrive: service.arrive,
    execute,
    forgetAccount: () => undefined,
    clock,
    limits: LIMITS,
    random: { bytes: (count) => randomBytes(count) },
    log,
  });
  const parts: ApiParts = change({
    domain: DOMAIN,
    serverDomain: asDomain('x.lit'),
    execute: (execution) => service.execute(execution),
    query: service.query,
    findRooms: service.findRooms,
    directory: store,
    admins: [],
    clock,
    log,
    backups,
    watched: (path) => watched.at(path),
    tokens,
    randomBytes,
    logLevel: { get: () => level, set: (wanted) => (level = wanted) },
    reload: () => ({ taken: ['limits.history'], restart: ['server.port'] }),
    transfers,
    erasures,
    stop: () => ended.push('stop'),
    shutDown: (by, reason) => service.shutDown(by, reason),
    state: () => ({ version: '1.2.3', attached: link.online, startedAt: 0 }),
  });
  const played: string[] = [];
  const routes = ROUTES.map((route) => ({
    ...route,
    run: (call: Call, its: ApiParts) => {
      played.push(`${route.method} ${route.path}`);
      return route.run(call, its);
    },
  }));
  const api = createApi({ routes, parts, socket: path.join(folder, 'p.sock'), listen: { host: '127.0.0.1', port: 0 } });
  await api.start();
  let made = 0;
  return Object.assign(r, {
    api,
    tokens,
    parts,
    ended,
    played,
    socket: path.join(folder, 'p.sock'),
    ask: (method: string, where: string, { token, body, headers = {}, tcp = false }: Asking = {}): Promise<Reply> =>
      new Promise((resolve, reject) => {
        const at = token === undefined && !tcp ? { socketPath: path.join(folder, 'p.sock') } : { host: '127.0.0.1', port: api.port };
        const request = send({
          ...at,
          method,
          path: where,
          agent: false,
          headers: {
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...headers,
          },
        });
        request.on('error', reject);
        request.on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            const isJson = (response.headers['content-type'] ?? '').includes('json');
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: (isJson ? JSON.parse(text) : { text }) as Reply['body'],
            });
          });
        });
        request.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
      }),
    token: async (scope: Scope, rooms = '*'): Promise<string> =>
      (await tokens.create({ name: `t${++made}`, scope, rooms }, 'test', 0, (count) => Buffer.alloc(count, made), NO_ROOM)).token,
    close: async () => {
      await api.stop();
      await service.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}
