/** A writer thread for tests: the real one in bad weather. It dies in all the ways there are, has a full disk, and is slow, as its dice say. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Batch, Refused } from '../../src/store/room-store';
import { StoreFailed } from '../../src/store/failures';
import type { ThreadData, WriterCalls } from '../../src/store/sqlite/protocol';
import { serve } from '../../src/store/sqlite/serve';
import { Writer } from '../../src/store/sqlite/writing/writer';

/** What the weather is. */
export interface Storm {
  /** The state of the dice, shared by all writers of a test; 0: fair weather from now on. */
  readonly dice: Int32Array;
  /** One of so many commits meets with something. */
  readonly one: number;
}

const data = workerData as ThreadData;
const { dice, one } = data.fault as Storm;

/** Thrown by the test's own seed, so that a run can be had again as far as threads allow. */
function roll(sides: number): number {
  const next = (Math.imul(Atomics.load(dice, 0), 1_664_525) + 1_013_904_223) | 1;
  if (Atomics.load(dice, 0) === 0) return -1;
  Atomics.store(dice, 0, next);
  return (next >>> 8) % sides;
}

const port = parentPort;
const post = port?.postMessage.bind(port);
let owing = false;
if (port) port.postMessage = (message: unknown) => (owing ? undefined : post?.(message));

class StormyWriter extends Writer {
  /** Ends the thread at the batch's last row but for the commit. */
  dieWithin(): void {
    this.db?.function('die', () => process.exit(3));
    this.db?.exec('CREATE TEMP TRIGGER dying BEFORE UPDATE ON main.progress BEGIN SELECT die(); END');
  }
}

const writer = new StormyWriter(data);

function commit(batch: Batch): readonly Refused[] {
  // It owes an answer, and dies with this batch in too.
  if (owing) {
    writer.commit(batch);
    process.exit(3);
  }
  if (roll(one) !== 0) return writer.commit(batch);
  switch (roll(7)) {
    case 0:
      process.exit(3);
      break;
    case 1:
      writer.dieWithin();
      break;
    case 2:
      writer.commit(batch);
      process.exit(3);
      break;
    case 3:
      owing = true;
      setTimeout(() => process.exit(3), 30);
      break;
    case 4:
      throw new StoreFailed('full', 'the weather');
    default:
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1 + roll(12));
  }
  return writer.commit(batch);
}

serve<WriterCalls>({ ...writer, commit });
