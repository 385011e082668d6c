/** Where the reader thread starts. */
import { workerData } from 'node:worker_threads';
import type { ReaderCalls, ThreadData } from '../protocol';
import { Reader } from './reader';
import { serve } from '../serve';

serve<ReaderCalls>(new Reader(workerData as ThreadData));
