/** Serves metrics and health alone, at an address of their own (`metrics.listen`): nothing can be changed or read of rooms there. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { ended, listenAtPort, tellFailures } from '../http/listening';
import type { Log } from '../log';
import type { Answer } from './watched';

/** Bounds: programs that watch ask a few times a minute. */
const CONNECTIONS = 50;
const HEAD_BYTES = 8_192;
const PATIENCE_MS = 5_000;
/** For what is being answered at the end. */
const LAST_MS = 500;

export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly answer: (path: string) => Promise<Answer | undefined>;
  readonly log: Log;
}

export class Listener {
  private readonly server: Server;

  constructor(private readonly options: ListenerOptions) {
    const bounds = { maxHeaderSize: HEAD_BYTES, headersTimeout: PATIENCE_MS, requestTimeout: PATIENCE_MS, keepAliveTimeout: PATIENCE_MS };
    this.server = createServer(bounds, ({ method, url = '' }, response) => {
      if (method !== 'GET' && method !== 'HEAD') return refuse(response, 405, 'Only GET is answered here.');
      const path = url.split('?', 1)[0] ?? '';
      options.answer(path).then(
        (answer) => (answer ? send(response, answer) : refuse(response, 404, 'Here are /metrics, /healthz and /readyz.')),
        (error: unknown) => {
          options.log.error({ event: 'metrics.failed', err: error }, 'metrics could not be answered: a mistake in the program');
          refuse(response, 500, 'The metrics could not be gathered: see the log.');
        },
      );
    });
    tellFailures(this.server, options.log);
    this.server.maxConnections = CONNECTIONS;
    this.server.timeout = PATIENCE_MS;
  }

  /** Where it listens, once it does. */
  get port(): number | null {
    const at = this.server.address();
    return typeof at === 'object' ? (at?.port ?? null) : null;
  }

  /** Throws ListenRefused. */
  async start(): Promise<void> {
    const { host, port, log } = this.options;
    await listenAtPort(this.server, { host, port, key: 'metrics.listen' });
    log.info({ event: 'metrics.listening', host, port: this.port }, 'metrics and health are served');
  }

  async stop(): Promise<void> {
    await ended(this.server, LAST_MS);
  }
}

function send(response: ServerResponse, { status, mediaType, text }: Answer): void {
  response.writeHead(status, { 'content-type': mediaType, 'cache-control': 'no-store' }).end(text);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  send(response, { status, mediaType: 'text/plain; charset=utf-8', text: `${text}\n` });
}
