/** A reader thread for tests: it ends over the first message query, once (a file remembers) or every time. */
import { existsSync, writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { ReaderCalls, ThreadData } from '../../src/store/sqlite/protocol';
import { Reader } from '../../src/store/sqlite/reader';
import { serve } from '../../src/store/sqlite/serve';

const data = workerData as ThreadData;
const { once } = data.fault as { once?: string };

const reader = new Reader(data);

const messages: Reader['messages'] = (take) => {
  if (once !== undefined && existsSync(once)) return reader.messages(take);
  if (once !== undefined) writeFileSync(once, '');
  process.exit(4);
};

serve<ReaderCalls>({ ...reader, messages });
