/** `npm run bench -- build-anchors`: builds the programs of others that Parlour is measured beside, in pinned versions, from the Go module proxy. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const SOURCES = path.join(ROOT, 'bench/anchors');
const CACHE = path.join(ROOT, '.cache/anchors');
const MODULE = 'github.com/nats-io/nats-server/v2';

/** Where Go is installed if the PATH does not say it. */
const USUAL_GO = '/usr/local/go/bin/go';

/** Why there is no NATS server here, or where it is; it is built if it is not there. */
export function natsServer(): { readonly program: string; readonly version: string } | { readonly missing: string } {
  const version = new RegExp(`${MODULE} (\\S+)`).exec(readFileSync(path.join(SOURCES, 'go.mod'), 'utf8'))?.[1] ?? 'unknown';
  const program = path.join(CACHE, `nats-server-${version}`);
  if (existsSync(program)) return { program, version };
  const go = ['go', USUAL_GO].find((one) => works(one));
  if (go === undefined) return { missing: 'NATS: Go is not installed, with which it is built' };
  mkdirSync(CACHE, { recursive: true });
  process.stdout.write(`Building NATS ${version}, which takes some minutes the first time ...\n`);
  try {
    execFileSync(go, ['build', '-mod=readonly', '-trimpath', '-o', program, MODULE], {
      cwd: SOURCES,
      stdio: ['ignore', 'inherit', 'pipe'],
    });
  } catch (error) {
    return {
      missing: `NATS: it could not be built (${String((error as { stderr?: Buffer }).stderr ?? error)
        .trim()
        .split('\n')
        .at(-1)})`,
    };
  }
  return { program, version };
}

function works(go: string): boolean {
  try {
    execFileSync(go, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Builds what can be built; false if something cannot. */
export async function buildAnchors(): Promise<boolean> {
  const nats = natsServer();
  process.stdout.write('missing' in nats ? `${nats.missing}\n` : `${nats.program}\n`);
  return !('missing' in nats);
}
