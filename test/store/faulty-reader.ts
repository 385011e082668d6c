/** A reader thread for tests: it ends over the first message query, once (a file remembers) or every time, or the first two times that it is asked for the latest batch. */
import { existsSync, writeFileSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { ReaderCalls, ThreadData } from '../../src/store/sqlite/protocol';
import { Reader } from '../../src/store/sqlite/reading/reader';
import { serve } from '../../src/store/sqlite/serve';

const data = workerData as ThreadData;
const { once, over } = data.fault as { once?: string; over?: 'latest' };

const reader = new Reader(data);

const messages: Reader['messages'] = (take) => {
  if (over === 'latest' || (once !== undefined && existsSync(once))) return reader.messages(take);
  if (once !== undefined) writeFileSync(once, '');
  process.exit(4);
};

const latest: Reader['latest'] = () => {
  const time = over === 'latest' ? [1, 2].map((n) => `${once}-${n}`).find((file) => !existsSync(file)) : undefined;
  if (time === undefined) return reader.latest(null);
  writeFileSync(time, '');
  process.exit(4);
};

serve<ReaderCalls>({ ...reader, messages, latest });
