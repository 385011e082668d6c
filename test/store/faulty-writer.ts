/** A writer thread for tests: the real one, but for the fault it is started with. */
import { writeFileSync, existsSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import type { Batch, Refused } from '../../src/store/room-store';
import type { ThreadData, WriterCalls } from '../../src/store/sqlite/protocol';
import { serve } from '../../src/store/sqlite/serve';
import { Writer } from '../../src/store/sqlite/writing/writer';

export type Fault =
  /** The thread ends at this batch, once (a file remembers) or every time: before anything, in the transaction, or with the commit done and the answer owed. */
  | {
      readonly kind: 'dies';
      readonly at: number;
      readonly when: 'before' | 'within' | 'after';
      readonly once?: string;
      readonly over?: 'latest';
    }
  /** It owes the answer to this batch, and ends with the next one in too. */
  | { readonly kind: 'owes'; readonly at: number }
  /** The database may have no more than this many pages: SQLite answers as on a full disk. */
  | { readonly kind: 'pages'; readonly max: number }
  /** Each commit takes so many milliseconds, as on a slow disk. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** From this batch on the connection refuses to write. */
  | { readonly kind: 'read-only'; readonly from: number };

const data = workerData as ThreadData;
const fault = data.fault as Fault;

class OpenWriter extends Writer {
  get database(): Database | undefined {
    return this.db;
  }
}

const writer = new OpenWriter(data);

function commit(batch: Batch): readonly Refused[] {
  if (fault.kind !== 'owes' || batch.number > fault.at + 1) return commitOne(batch);
  if (batch.number === fault.at && parentPort) parentPort.postMessage = () => undefined;
  const refused = writer.commit(batch);
  if (batch.number > fault.at) process.exit(3);
  return refused;
}

function commitOne(batch: Batch): readonly Refused[] {
  if (fault.kind === 'slow') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fault.ms);
  const { database: db } = writer;
  if (fault.kind === 'pages') db?.pragma(`max_page_count = ${fault.max}`);
  if (fault.kind === 'read-only' && batch.number >= fault.from) db?.pragma('query_only = ON');
  if (fault.kind !== 'dies' || batch.number !== fault.at || (fault.once !== undefined && existsSync(fault.once)))
    return writer.commit(batch);
  if (fault.once !== undefined) writeFileSync(fault.once, '');
  if (fault.when === 'before') process.exit(3);
  if (fault.when === 'within') {
    // Called by the first message's INSERT, inside the batch's transaction.
    db?.function('die', () => process.exit(3));
    db?.exec('CREATE TEMP TRIGGER dying BEFORE INSERT ON main.message BEGIN SELECT die(); END');
  }
  const refused = writer.commit(batch);
  if (fault.when === 'after') process.exit(3);
  return refused;
}

serve<WriterCalls>({ ...writer, commit });
