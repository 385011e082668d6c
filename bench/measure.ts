/** One run: a generator, one component attached to it, and what the two came to. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Component } from './component';
import type { FromGenerator, Job, Measured, ToGenerator } from './generator';
import { KINDS } from './kinds';

/** Starts a component for the generator that listens on `port`, with its files in `place`. */
export type Start = (port: number, place: string) => Component;

/**
 * Runs `start`'s component under the job's load in a directory of its own below `below`. Rejects if anything was lost, or
 * when `interrupted` does; in any case both processes have been told to end when it settles. Without `start` the server itself
 * is measured.
 */
export async function measure(
  job: Job,
  start: Start | undefined,
  below: string,
  interrupted: Promise<never>,
  serverPid?: number,
): Promise<Measured> {
  const place = mkdtempSync(path.join(below, 'run-'));
  const generator = fork(path.join(__dirname, 'generator.js'), [JSON.stringify(job)]);
  let component: Component | undefined;
  try {
    const listening = await Promise.race([next(generator, 'listening'), interrupted]);
    component = start?.(listening.port, place);
    const pid = component?.process.pid;
    if (component !== undefined && pid === undefined) throw new Error('The component could not be started.');
    generator.send({ ...(pid === undefined ? {} : { pid }), ...(serverPid === undefined ? {} : { serverPid }) } satisfies ToGenerator);
    const { measured } = await Promise.race([next(generator, 'measured'), ...(component ? [early(component)] : []), interrupted]);
    await component?.stop();
    const archived = component?.archived();
    if (archived !== undefined && KINDS[job.kind ?? 'messages'].strict && archived !== measured.messages) {
      throw new Error(`${measured.messages} messages were sent and delivered, but ${archived} are in the database.`);
    }
    return measured;
  } finally {
    component?.process.kill('SIGKILL');
    generator.kill('SIGKILL');
    rmSync(place, { recursive: true, force: true });
  }
}

type Kind = FromGenerator['kind'];

function next<K extends Kind>(generator: ReturnType<typeof fork>, kind: K): Promise<Extract<FromGenerator, { kind: K }>> {
  return new Promise((resolve, reject) => {
    generator.on('message', (raw) => {
      const message = raw as FromGenerator;
      if (message.kind === kind) resolve(message as Extract<FromGenerator, { kind: K }>);
      else if (message.kind === 'failed') reject(new Error(message.problem));
    });
    generator.once('exit', (code, signal) => reject(new Error(`The generator ended early (${code ?? signal ?? 'unknown'}).`)));
  });
}

/** Rejects, with what it said, when the component ends before the measurement does. */
function early(component: Component): Promise<never> {
  return new Promise((_, reject) => {
    component.process.once('exit', () => {
      component.stop().then(() => reject(new Error('The component ended early.')), reject);
    });
  });
}
