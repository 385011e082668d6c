/** One program with a load's people in it, for what is measured from here: its process, and the way to it. */
import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Attachment } from './attachment';
import type { Component } from './component';
import type { Load } from './loads';
import { joinEverybody } from './set-up';

/** Starts a program (nothing, if a server's own rooms are asked), lets everybody in, runs `body`, and ends it; `port`: of a real server to go through. */
export async function live<T>(
  place: string,
  load: Load,
  start: ((port: number, place: string) => Component) | undefined,
  body: (attachment: Attachment, component: Component | undefined, place: string) => Promise<T>,
  port?: number,
): Promise<T> {
  const below = mkdtempSync(path.join(place, 'run-'));
  const attachment = new Attachment();
  const component = start?.(port ?? (await attachment.listen()), below);
  try {
    if (port === undefined) await attachment.attached;
    else await attachment.joinServer(port);
    await joinEverybody(attachment, load);
    const found = await body(attachment, component, below);
    await component?.stop();
    return found;
  } finally {
    component?.process.kill('SIGKILL');
    attachment.end();
    rmSync(below, { recursive: true, force: true });
  }
}
