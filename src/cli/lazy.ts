/** Parts that take long to read, read when a command needs them: the others answer at once. By `require`, which tests can follow into. */
import { createRequire } from 'node:module';
import type * as ConfigFile from './config-file';
import type * as Database from './database';

const read = createRequire(__filename);

export const configFile = (): typeof ConfigFile => read('./config-file.js') as typeof ConfigFile;
export const database = (): typeof Database => read('./database.js') as typeof Database;
