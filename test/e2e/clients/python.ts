/** Clients written around the Python libraries of Debian: started with a task, they tell what they see as JSON lines. */
import path from 'node:path';
import { endOf, launch } from '../servers/process';
import type { Running } from '../servers/process';
import type { XmppServer } from '../servers/server';
import { packageRoot } from '../support/package-root';

/** One thing that a client has seen. */
export interface Told {
  readonly event: string;
  readonly [fact: string]: unknown;
}

/** Starts a script of this folder with a task; the system's own python3, for which the Debian packages are made. */
export function launchPython(script: string, task: Record<string, unknown>): Running {
  return launch('/usr/bin/python3', [path.join(packageRoot(), 'test/e2e/clients', script), JSON.stringify(task)]);
}

/** What it has told so far. */
export function toldBy(client: Running): Told[] {
  return client
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Told);
}

/** Lets people with accounts of their own live through a story of a script to its end; what they saw. */
export async function play(server: XmppServer, script: string, story: string, names: readonly string[], room: string): Promise<Told[]> {
  const people = await Promise.all(
    names.map(async (name) => ({ jid: `${name}@${server.domain}`, password: await server.account(name), nick: name })),
  );
  const client = launchPython(script, { story, room, people, host: server.host, port: server.c2sPort });
  const code = await endOf(client, 45_000);
  if (code !== 0) throw new Error(`${script} ended with ${code ?? 'no answer in time'}:\n${client.output()}`);
  return toldBy(client);
}
