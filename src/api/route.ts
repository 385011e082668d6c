/** One act or question as an HTTP route: what it takes, what it answers, and which scope it needs. */
import type * as z from 'zod';
import type { By } from '../room/contract/audit';
import type { Query } from '../room/contract/asking';
import type { CommandName } from '../room/contract/commands';
import type { RoomJid } from '../xmpp/fold';
import type { Language } from '../words';
import type { ApiParts } from './parts';
import type { TokenScope } from './scopes';

/** A request that may be answered. */
export interface Call<Params = unknown, Asked = unknown, Body = unknown> {
  readonly actor: By;
  readonly scope: TokenScope;
  /** What a token that posts is known by in its room; null: it does not. */
  readonly poster: string | null;
  /** The pattern of the asker's token. */
  readonly rooms: string;
  /** Which rooms the asker may name beside that of the path. */
  readonly mayTouch: (room: RoomJid) => boolean;
  /** Of the sentences in the answer. */
  readonly language: Language;
  readonly params: Params;
  readonly query: Asked;
  readonly body: Body;
  /** The room in the path. Throws if the path has none. */
  readonly room: RoomJid;
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Names of what stands in a path begin with a colon. A route with `:room` is of that room, all others are of the whole service. */
  readonly path: string;
  /** public: no token is needed. */
  readonly scope: TokenScope | 'public';
  /** What it does, for the document: a short sentence. */
  readonly summary: string;
  /** The commands that it runs, and the questions that it asks: `scopes.ts` says what they need. */
  readonly commands?: readonly CommandName[];
  readonly asks?: readonly Query['what'][];
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Content of any length, which `run` reads as it comes: an `AsyncIterable<Uint8Array>`, whatever its media type. */
  readonly takes?: 'stream';
  /** The answer has a secret, which is told once: it is not kept for a request that is sent again. */
  readonly secret?: true;
  /** What is answered with status 200; `text`: a `PlainText`; `stream`: a `StreamAnswer`, of JSON or of what `mediaTypes` has beside it. */
  readonly answer: z.ZodType | 'text' | 'stream';
  readonly mediaTypes?: readonly string[];
  run(call: Call, parts: ApiParts): Promise<unknown>;
}

/** A route whose `run` is typed by its schemas. */
export function route<P extends z.ZodType = z.ZodNever, Q extends z.ZodType = z.ZodNever, B extends z.ZodType = z.ZodNever>(
  declared: Omit<Route, 'params' | 'query' | 'body' | 'run'> & {
    readonly params?: P;
    readonly query?: Q;
    readonly body?: B;
    run(call: Call<z.output<P>, z.output<Q>, z.output<B>>, parts: ApiParts): Promise<unknown>;
  },
): Route {
  return declared;
}

/** Whether a request may be sent again under an `Idempotency-Key`: it changes something, is short, and its answer may be kept. */
export const isKeyed = ({ method, takes, secret }: Route): boolean => method !== 'GET' && takes === undefined && secret === undefined;

/** Whether a route is of one room. */
export const isOfRoom = ({ path }: Route): boolean => /\/:room(\/|$)/.test(path);
