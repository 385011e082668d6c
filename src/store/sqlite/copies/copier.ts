/** Has a copy of the database made by a process of its own, and sees to its end. */
import { fork } from 'node:child_process';
import path from 'node:path';
import type { Copied, CopyOptions } from '../../copies';
import { StoreFailed } from '../../failures';
import { partialOf, removePartial, type CopyOrder } from './copying';
import type { CopyNews } from './copying-process';
import { fromPlain } from '../protocol';

const MOST_OF_STDERR = 1_000;

/** See `Copies.copyTo`. */
export async function copyBeside(order: CopyOrder, { signal, progress }: CopyOptions = {}): Promise<Copied> {
  if (signal?.aborted) throw givenUp(order);
  // Options of this process (memory of its threads, a debugger) are not for that one.
  const child = fork(path.join(__dirname, 'copying-process.js'), [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  let said = '';
  child.stderr?.on('data', (data: Buffer) => (said = (said + data.toString()).slice(-MOST_OF_STDERR)));
  const kill = (): void => void child.kill('SIGKILL');
  signal?.addEventListener('abort', kill, { once: true });
  try {
    return await new Promise<Copied>((resolve, reject) => {
      let news: Exclude<CopyNews, { done: number }> | undefined;
      child.on('message', (message: CopyNews) => {
        if ('done' in message) progress?.(message.done);
        else news = message;
      });
      child.on('error', reject);
      // Not before it has ended: its files are closed then.
      child.on('close', (code, by) => {
        if (news && 'copied' in news) resolve(news.copied);
        else if (news) reject(fromPlain(news.error));
        else if (signal?.aborted) reject(givenUp(order));
        else reject(new StoreFailed('unavailable', `What copies the database ended early (${by ?? `code ${code}`}). ${said}`.trim()));
      });
      child.send(order, (error) => error && kill());
    });
  } finally {
    signal?.removeEventListener('abort', kill);
    removePartial(order.into);
  }
}

function givenUp({ into }: CopyOrder): StoreFailed {
  return new StoreFailed('unavailable', `The copy "${into}" was given up; nothing of "${partialOf(into)}" stays.`);
}
