/**
 * A process of its own that copies the database: it can be ended at any moment, also in the middle of a check that takes minutes, and what serves people comes first on a busy
 * machine. It ends with the process that began it.
 */
import { setPriority } from 'node:os';
import { copyDatabase, type CopyOrder } from './copying';
import { toPlain, type PlainError } from '../protocol';
import type { Copied } from '../../copies';

/** What it sends. */
export type CopyNews = { readonly done: number } | { readonly copied: Copied } | { readonly error: PlainError };

/** Below everything of usual priority. */
const NICE = 10;

function tell(news: CopyNews, then: () => void = () => undefined): void {
  process.send?.(news, undefined, undefined, then);
}

if (process.send) {
  // Whoever began it decides when it ends: a signal to the whole group is theirs.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
  process.on('disconnect', () => process.exit(1));
  setPriority(NICE);
  process.once('message', (order: CopyOrder) => {
    const end = (): void => process.exit(0);
    copyDatabase(order, (done) => tell({ done })).then(
      (copied) => tell({ copied }, end),
      (error: unknown) => tell({ error: toPlain(error) }, end),
    );
  });
}
