/** One page with the Converse.js web client, served on loopback from the npm package: nothing comes from elsewhere. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import path from 'node:path';
import sirv from 'sirv'; // Static files over HTTP: ranges, types and caching are its trade.
import { escapeText } from '../xmpp/xml';

export interface Page {
  readonly url: string;
  stop(): Promise<void>;
}

export interface PageOptions {
  readonly websocket: string;
  readonly domain: string;
  readonly rooms: string;
  readonly room: string;
  readonly accounts: readonly { readonly user: string; readonly password: string }[];
  /** Settings of the web client that differ from the demonstration's. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** The folder of the web client. Throws an Error with a sentence where it is left out, as on a machine that only runs the service. */
export function clientFiles(): string {
  try {
    return path.dirname(require.resolve('converse.js/dist/converse.min.js'));
  } catch (cause) {
    throw new Error(
      'The web client of the demonstration is not installed. Run "npm ci" and start again; to run the service instead, give its configuration: npm start -- --config component.json',
      { cause },
    );
  }
}

/** Starts the page on a free port. `/?as=USER` logs in as that account and enters the room; `/` offers the accounts. */
export async function startPage(options: PageOptions): Promise<Page> {
  const files = sirv(clientFiles(), { dev: false, etag: true });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/') {
      const account = options.accounts.find(({ user }) => user === url.searchParams.get('as'));
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.setHeader('content-security-policy', policy(options));
      response.end(account ? clientPage(options, account) : choicePage(options));
    } else if (url.pathname.startsWith('/converse/')) {
      request.url = url.pathname.slice('/converse'.length);
      files(request, response, () => notFound(response));
    } else {
      notFound(response);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The page could not be served: the system gave no TCP port.');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The client shows pictures from its makers' site; this page asks nobody but this machine. */
function policy({ websocket }: PageOptions): string {
  const here = "'self' 'unsafe-inline' 'unsafe-eval' data: blob:";
  return `default-src ${here}; connect-src 'self' ${new URL(websocket).origin}`;
}

function notFound(response: { statusCode: number; end(text: string): void }): void {
  response.statusCode = 404;
  response.end('There is nothing here. The page is at /.');
}

const HEAD =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">';

function choicePage({ accounts }: PageOptions): string {
  const links = accounts.map(({ user }) => `<li><a href="/?as=${encodeURIComponent(user)}">${escapeText(user)}</a></li>`).join('');
  return `${HEAD}<title>Parlour</title><h1>Parlour</h1><p>Who are you? Open each in a window of its own.</p><ul>${links}</ul></html>`;
}

function clientPage(options: PageOptions, account: PageOptions['accounts'][number]): string {
  const settings = {
    authentication: 'login',
    auto_login: true,
    jid: `${account.user}@${options.domain}`,
    password: account.password,
    websocket_url: options.websocket,
    discover_connection_methods: false,
    auto_join_rooms: [{ jid: options.room, nick: account.user }],
    muc_domain: options.rooms,
    // Whoever enters later asks the room itself for what was said, unless it has an archive.
    muc_history_max_stanzas: 50,
    view_mode: 'fullscreen',
    assets_path: '/converse/',
    i18n: 'en',
    // Each window is somebody else: nothing is kept between them.
    persistent_store: 'sessionStorage',
    clear_cache_on_logout: true,
    allow_registration: false,
    loglevel: 'error',
    ...options.settings,
  };
  const json = JSON.stringify(settings).replaceAll('<', '\\u003c');
  return (
    `${HEAD}<title>Parlour: ${escapeText(account.user)}</title><link rel="stylesheet" href="/converse/converse.min.css">` +
    `<body class="converse-fullscreen"><noscript>This page needs JavaScript.</noscript><div id="conversejs-bg"></div>` +
    `<script type="module">import converse from '/converse/converse.min.js'; converse.initialize(${json});</script></body></html>`
  );
}
