/** Asks the running Parlour over its HTTP API. Nothing here opens the database. */
import { lstatSync, readFileSync } from 'node:fs';
import { request as ask, type ClientRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as askSecurely } from 'node:https';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { CLIENT_HEADER, COMMAND_LINE, LOGIN_HEADER } from '../api/headers';
import type { ProblemBody } from '../api/problem';
import type * as Answers from './answers';
import { Ended, EXIT } from './ending';
import { harmless } from './show';
import type { Place } from './where';

/** What fills a route: its path, its query, its content. */
export interface Filling {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: object;
  /** The language that is asked for, a tag. */
  readonly language?: string | undefined;
}

/** Content that is sent as it is read. */
export interface Upload {
  readonly stream: Readable;
  readonly mediaType: string;
}

/** Read when it is needed, as what `lazy.ts` has, which stands on this file. */
const answers = (): typeof Answers => createRequire(__filename)('./answers.js') as typeof Answers;

/** How long a question waits for the beginning of its answer, in milliseconds: a Parlour that hangs takes connections too. What changes something, or is uploaded, takes as long as it takes. */
const PATIENCE_MS = 60_000;
/** Longest answer that is read whole, in bytes. */
const LONGEST = 256 * 1024 * 1024;

export class Client {
  /** `routes`: that may be asked, as `GET /v1/rooms/:room`: those that the command declares. */
  constructor(
    private readonly place: Place,
    private readonly login: string,
    private readonly routes: readonly string[],
    private readonly patience = PATIENCE_MS,
  ) {}

  /** Whether it asks over the network. */
  get isRemote(): boolean {
    return 'url' in this.place;
  }

  /** What is answered. Throws Ended for what is refused, if nobody answers, and for what the API does not answer. */
  async ask<Answer>(route: string, filling: Filling = {}, upload?: Upload): Promise<Answer> {
    const text = await this.text(route, filling, upload);
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw this.strange();
    }
    // Who may make the socket is trusted, and its answers need not wait for all schemas to be read.
    if (this.isRemote && !answers().isAnswer(route, answer)) throw this.strange();
    return answer as Answer;
  }

  /** The same of what is no JSON. `status`: also of what is not well. */
  async told(route: string): Promise<{ readonly status: number; readonly text: string }> {
    const response = await this.send(route, {});
    return { status: response.statusCode ?? 0, text: await this.whole(response) };
  }

  async text(route: string, filling: Filling, upload?: Upload): Promise<string> {
    return this.whole(await this.open(route, filling, upload));
  }

  /** An answer that is read as it comes. Throws Ended for what is refused. */
  async open(route: string, filling: Filling, upload?: Upload): Promise<IncomingMessage> {
    const response = await this.send(route, filling, upload);
    const { statusCode = 0 } = response;
    if (statusCode < 400) return response;
    const text = await this.whole(response);
    throw this.refusal(text, upload === undefined) ?? this.strange();
  }

  /** All entries of a list, page by page. */
  async *pages<Entry>(route: string, filling: Filling = {}): AsyncGenerator<readonly Entry[]> {
    for (let after: string | null | undefined = undefined; after !== null;) {
      const query: Filling['query'] = { ...filling.query, after };
      const page: { entries: readonly Entry[]; next?: string | null } = await this.ask(route, { ...filling, query });
      yield page.entries;
      after = page.next ?? null;
    }
  }

  /** The same, gathered; `most`: as many at most. */
  async list<Entry>(route: string, filling: Filling = {}, most = Infinity): Promise<Entry[]> {
    const entries: Entry[] = [];
    for await (const page of this.pages<Entry>(route, filling)) {
      entries.push(...page);
      if (entries.length >= most) return entries.slice(0, most);
    }
    return entries;
  }

  private send(route: string, filling: Filling, upload?: Upload): Promise<IncomingMessage> {
    if (!this.routes.includes(route)) throw new Error(`A command asks ${route}, which it does not declare`);
    const { body, language } = filling;
    const [method, path] = [route.slice(0, route.indexOf(' ')), filledPath(route, filling)];
    const mediaType = upload?.mediaType ?? (body === undefined ? undefined : 'application/json');
    const content: Record<string, string> = {
      ...(mediaType === undefined ? {} : { 'content-type': mediaType }),
      ...(language === undefined ? {} : { 'accept-language': language }),
    };
    return new Promise((resolve, reject) => {
      const asking = this.request(method, path, content);
      asking.on('error', (error: NodeJS.ErrnoException) => reject(this.unreachable(error)));
      if (method === 'GET')
        asking.setTimeout(this.patience, () => asking.destroy(Object.assign(new Error('nobody answers'), { code: 'ETIMEDOUT' })));
      asking.on('response', (response) => {
        // What is read as it comes may be read slowly.
        asking.setTimeout(0);
        resolve(response);
      });
      if (!upload) {
        asking.end(body === undefined ? undefined : JSON.stringify(body));
        return;
      }
      upload.stream.on('error', (error: Error) => {
        asking.destroy();
        reject(new Ended(EXIT.refused, `What is to be sent cannot be read: ${error.message}.`));
      });
      upload.stream.pipe(asking);
    });
  }

  private request(method: string, path: string, headers: Record<string, string>): ClientRequest {
    const { place, login } = this;
    if ('socket' in place) {
      const own = { [CLIENT_HEADER]: COMMAND_LINE, [LOGIN_HEADER]: login };
      return ask({ socketPath: place.socket, method, path, agent: false, headers: { ...own, ...headers } });
    }
    const { url, token } = place;
    const options: RequestOptions = { method, agent: false, headers: { authorization: `Bearer ${token}`, ...headers } };
    return (url.protocol === 'https:' ? askSecurely : ask)(new URL(path, url), options);
  }

  private async whole(response: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > LONGEST) throw new Error('the answer is too long');
      }
    } catch (error) {
      throw new Ended(EXIT.unreachable, `The answer of Parlour broke off: ${(error as Error).message}. See its log, and try again.`);
    }
    return Buffer.concat(chunks).toString();
  }

  /** `words`: all that was asked was said on the command line, and in no file. */
  private refusal(text: string, words: boolean): Ended | undefined {
    try {
      const problem = JSON.parse(text) as Partial<ProblemBody>;
      if (typeof problem.detail !== 'string' || typeof problem.code !== 'string') return undefined;
      // What can be no request is a mistake of the command line, as if it had been found here.
      const code = words && (problem.code === 'bad-request' || problem.code === 'jid-malformed') ? EXIT.usage : EXIT.refused;
      return new Ended(code, harmless(problem.detail), problem as ProblemBody);
    } catch {
      return undefined;
    }
  }

  private get name(): string {
    const { place } = this;
    return 'socket' in place ? `the socket ${place.socket}` : place.url.origin;
  }

  private strange(): Ended {
    return new Ended(
      EXIT.unreachable,
      `What answers at ${this.name} is not the API of Parlour, as this version knows it. Name another --config, --socket or --url.`,
    );
  }

  private unreachable({ code = '', message }: NodeJS.ErrnoException): Ended {
    const { place } = this;
    const why = 'socket' in place ? socketReason(code, place.socket) : REMOTE_REASONS[code];
    return new Ended(EXIT.unreachable, `Parlour cannot be reached at ${this.name}: ${why ?? message}.`);
  }
}

const REMOTE_REASONS: Readonly<Record<string, string | undefined>> = {
  ECONNREFUSED: 'nothing listens there. Start Parlour, or see its api.listen',
  ENOTFOUND: 'no such host is known',
  ETIMEDOUT: 'nobody answers',
};

function socketReason(code: string, socket: string): string | undefined {
  if (code === 'ENOENT') return 'it is not there. Start Parlour; if it runs, its api.socket is elsewhere: name it with --socket';
  if (code === 'ECONNREFUSED') return 'nobody answers. Start Parlour; if it runs, name its socket with --socket';
  if (code === 'ETIMEDOUT') return 'it takes connections, and gives no answer: Parlour has too much to do, or hangs. See its log';
  if (code === 'EACCES') return `it is not for this user. Give the command as ${ownerOf(socket)}, as whom Parlour runs, or as root`;
  return undefined;
}

/** Whose the socket is, as well as can be told. */
function ownerOf(socket: string): string {
  try {
    const { uid } = lstatSync(socket);
    const entry = readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .find((line) => line.split(':')[2] === String(uid));
    return `the user ${entry?.split(':')[0] ?? uid}`;
  } catch {
    // Its folder is closed too, or this system lists its users elsewhere.
    return 'the user';
  }
}

/** The path of a route with what stands in it. */
function filledPath(route: string, { path = {}, query = {} }: Filling): string {
  const at = route.slice(route.indexOf(' ') + 1).replace(/:(\w+)/g, (_, name: string) => {
    const value = path[name];
    if (value === undefined) throw new Error(`${route} is asked without ${name}`);
    return encodeURIComponent(value);
  });
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? at : `${at}?${new URLSearchParams(given).toString()}`;
}
