/** Finds the secret shared with the server: in the file, in a file of its own, or in the environment. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Mistake } from './config-mistakes';
import { utf8Of } from './config-text';

/** Longest name of a variable, in characters: longer ones the schema refuses. */
export const LONGEST_NAME = 255;
const KEYS = ['secret', 'secretFile', 'secretEnv'] as const;

/**
 * The secret, or what is wrong. `raw` is the whole file, unchecked: a value that is no text is the schema's to report.
 * A line end at the end of a secret file does not belong to the secret, nor does a byte order mark at its beginning.
 */
export function findSecret(raw: unknown, folder: string, env: NodeJS.ProcessEnv): string | Mistake[] {
  const server = (raw as { server?: unknown } | null)?.server;
  if (typeof server !== 'object' || server === null) return [];
  const given = KEYS.filter((key) => (server as Record<string, unknown>)[key] !== undefined);
  const [key] = given;
  if (key === undefined || given.length > 1) {
    const found = given.length === 0 ? 'none of them' : given.join(' and ');
    return [{ path: 'server', text: `found ${found}; allowed: exactly one of secret, secretFile and secretEnv.` }];
  }
  const value = (server as Record<string, unknown>)[key];
  if (typeof value !== 'string' || value === '') return [];
  switch (key) {
    case 'secret':
      return value;
    case 'secretEnv': {
      const secret = env[value];
      if (secret !== undefined && secret !== '') return secret;
      return [
        { path: 'server.secretEnv', text: `found "${value}", but that environment variable is not set or empty; set it to the secret.` },
      ];
    }
    case 'secretFile':
      return secretOf(value, folder);
  }
}

/**
 * The same configuration with some secret in the place of one that the service alone may have: in its environment, or in a file that this user may not read.
 * `raw`: the whole file, unchecked. For whoever changes another key of it.
 */
export function seenSecret(raw: unknown, folder: string, env: NodeJS.ProcessEnv): unknown {
  const server = (raw as { server?: unknown } | null)?.server;
  if (typeof server !== 'object' || server === null) return raw;
  const given = KEYS.filter((key) => (server as Record<string, unknown>)[key] !== undefined);
  const [key = 'secret'] = given;
  const value = (server as Record<string, unknown>)[key];
  if (given.length !== 1 || typeof value !== 'string' || value === '') return raw;
  const hidden =
    (key === 'secretEnv' && value.length <= LONGEST_NAME && !env[value]) || (key === 'secretFile' && isClosed(path.resolve(folder, value)));
  return hidden ? { ...(raw as object), server: { ...server, [key]: undefined, secret: 'seen by the service alone' } } : raw;
}

/** Whether it is there, and this user may not read it. */
function isClosed(file: string): boolean {
  try {
    closeSync(openSync(file, 'r'));
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

function secretOf(name: string, folder: string): string | Mistake[] {
  const file = path.resolve(folder, name);
  const at = 'server.secretFile';
  try {
    const text = utf8Of(readFileSync(file));
    if (typeof text !== 'string') return [{ path: at, text: `found ${file}, which is not UTF-8; save it in that encoding.` }];
    const secret = text.replace(/\r?\n$/, '');
    if (secret !== '' && !/[\r\n]/.test(secret)) return secret;
    return [
      {
        path: at,
        text: `found ${file}, which is ${secret === '' ? 'empty' : 'longer than one line'}; allowed: the secret and nothing else.`,
      },
    ];
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' ? 'which is not there' : code === 'EACCES' ? 'which this user may not read' : `which cannot be read (${message})`;
    return [{ path: at, text: `found ${file}, ${why}; name a file that holds the secret.` }];
  }
}
