/** Where the writer thread starts. */
import { workerData } from 'node:worker_threads';
import type { ThreadData, WriterCalls } from '../protocol';
import { serve } from '../serve';
import { Writer } from './writer';

serve<WriterCalls>(new Writer(workerData as ThreadData));
