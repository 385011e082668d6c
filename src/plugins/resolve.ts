/** Lets plug-ins anywhere on the disk import `parlour/plugin`: the one of this very Parlour, whatever is installed beside them. */
import Module from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What is resolved by us, and where it is, from this folder. */
const OURS: ReadonlyMap<string, string> = new Map([
  ['parlour/plugin', path.resolve(__dirname, '../plugin.js')],
  ['parlour/plugin/test', path.resolve(__dirname, '../plugin-test.js')],
]);

/** Runs in the thread that Node resolves ES modules in. */
const HOOK = `
let ours;
export async function initialize(data) { ours = new Map(data); }
export async function resolve(specifier, context, next) {
  const url = ours.get(specifier);
  return url === undefined ? next(specifier, context) : { url, format: 'commonjs', shortCircuit: true };
}`;

/** Node's own way from a name in `require` to a file; not part of its documented interface, but of all its versions. */
interface Resolver {
  _resolveFilename(request: string, ...rest: unknown[]): string;
}

let registered = false;

/** From now on modules of both kinds find them. Twice is once. */
export function resolveOurs(): void {
  if (registered) return;
  registered = true;
  const urls = [...OURS].map(([name, file]) => [name, pathToFileURL(file).href]);
  Module.register(`data:text/javascript,${encodeURIComponent(HOOK)}`, { data: urls });
  const resolver = Module as unknown as Resolver;
  const former = resolver._resolveFilename.bind(Module);
  resolver._resolveFilename = (request, ...rest) => OURS.get(request) ?? former(request, ...rest);
}
