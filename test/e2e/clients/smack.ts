/** The story that two people live through with Smack, a Java program: its libraries are fetched by Maven, each at the version of `smack/pom.xml`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { endOf, launch, run } from '../servers/process';
import type { XmppServer } from '../servers/server';
import { packageRoot } from '../support/package-root';
import { toldBy } from './python';
import type { Told } from './python';

const FOLDER = path.join(packageRoot(), 'test/e2e/clients/smack');

/** Fetches the libraries (once a machine; their checksums must be right) and answers Java's class path to them. */
export async function smackLibraries(): Promise<string> {
  const place = mkdtempSync(path.join(tmpdir(), 'parlour-e2e-'));
  const list = path.join(place, 'classpath');
  try {
    await run('mvn', ['-q', '-B', '-C', 'dependency:build-classpath', `-Dmdep.outputFile=${list}`], 500_000, { cwd: FOLDER });
    return readFileSync(list, 'utf8').trim();
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** Lets an owner and a guest, who get accounts of these names, live through the story in a room to its end; what they saw. */
export async function playSmack(server: XmppServer, classPath: string, names: readonly [string, string], room: string): Promise<Told[]> {
  const people = await Promise.all(names.map(async (name) => [`${name}@${server.domain}`, await server.account(name)]));
  const story = ['-cp', classPath, path.join(FOLDER, 'SmackStory.java')];
  const client = launch('java', [...story, server.host, String(server.c2sPort), room, ...people.flat()]);
  const code = await endOf(client, 150_000);
  if (code !== 0) throw new Error(`Smack's story ended with ${code ?? 'no answer in time'}:\n${client.output()}`);
  return toldBy(client);
}
