/** Finds the project's folder from wherever the compiled tests lie. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder that holds the package.json named `parlour`. */
export function packageRoot(): string {
  for (let folder = __dirname; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const file = path.join(folder, 'package.json');
    if (existsSync(file) && (JSON.parse(readFileSync(file, 'utf8')) as { name?: string }).name === 'parlour') return folder;
  }
  throw new Error(`no package.json named parlour above ${__dirname}`);
}
