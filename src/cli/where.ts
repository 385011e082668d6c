/** Which Parlour is meant: by its socket, by its configuration, or by an address with a token. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { ConfigRefused, socketOf } from '../config';
import { Ended, EXIT } from './ending';
import type { Terminal } from './terminal';

/** As options of every command that asks. */
export interface Where {
  readonly config?: string;
  readonly socket?: string;
  readonly url?: string;
}

/** Where it is asked. */
export type Place = { readonly socket: string } | { readonly url: URL; readonly token: string };

/** Where a configuration lies that nobody named: in the folder, or where the manual puts it. */
const USUAL = ['component.json', '/etc/parlour/component.json'];

const filled = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

/** The configuration that is meant, by its option, the environment or its place. Throws Ended. */
export function findConfig(config: string | undefined, { env, folder }: Pick<Terminal, 'env' | 'folder'>): string {
  const named = config ?? filled(env['PARLOUR_CONFIG']);
  const file =
    named === undefined
      ? USUAL.map((usual) => path.resolve(folder, usual)).find((usual) => existsSync(usual))
      : path.resolve(folder, named);
  if (file === undefined)
    throw new Ended(EXIT.usage, `Which configuration? Name it (--config FILE): there is none at ${USUAL.join(' here nor at ')}.`);
  return file;
}

/** What is named first holds: options before the environment, the socket before the configuration. Throws Ended. */
export function findPlace({ config, socket, url }: Where, terminal: Pick<Terminal, 'env' | 'folder'>): Place {
  const { env, folder } = terminal;
  if (url !== undefined) return remote(url, env);
  if (socket !== undefined) return { socket: path.resolve(folder, socket) };
  if (config !== undefined) return { socket: socketIn(path.resolve(folder, config)) };
  const [namedUrl, namedSocket, namedConfig] = ['PARLOUR_URL', 'PARLOUR_SOCKET', 'PARLOUR_CONFIG'].map((name) => filled(env[name]));
  if (namedUrl !== undefined) return remote(namedUrl, env);
  if (namedSocket !== undefined) return { socket: path.resolve(folder, namedSocket) };
  const usual = USUAL.map((file) => path.resolve(folder, file)).find((file) => existsSync(file));
  const file = namedConfig === undefined ? usual : path.resolve(folder, namedConfig);
  if (file === undefined)
    throw new Ended(
      EXIT.usage,
      `Which Parlour? Name its configuration (--config FILE) or its socket (--socket PATH): there is neither ${USUAL.join(' here nor ')}.`,
    );
  return { socket: socketIn(file) };
}

function remote(text: string, env: Terminal['env']): Place {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new Ended(EXIT.usage, `${text} is no address of an API. It begins with http:// or https://, as in http://127.0.0.1:8080.`);
  const token = filled(env['PARLOUR_TOKEN']);
  if (token === undefined)
    throw new Ended(
      EXIT.usage,
      'Over the network a token is needed: set PARLOUR_TOKEN. "parlour token create" makes one where Parlour runs.',
    );
  return { url, token };
}

/** Throws Ended. */
function socketIn(file: string): string {
  try {
    return socketOf(file);
  } catch (error) {
    if (error instanceof ConfigRefused)
      throw new Ended(
        EXIT.usage,
        [`The configuration ${file} cannot be used:`, ...error.mistakes, 'If Parlour runs, name its socket: --socket PATH.'].join('\n'),
      );
    throw error;
  }
}
