/** Whether the native module of better-sqlite3 can be loaded at all. It is, at the first database that is opened. */
import Sqlite from 'better-sqlite3';
import { StoreRefused } from '../../failures';
import { codeOf, messageOf } from '../failure';

/** Throws StoreRefused `module`, so that no database is blamed for it. */
export function requireNative(): void {
  try {
    new Sqlite(':memory:').close();
  } catch (error) {
    const { version, arch } = process;
    // Some of these messages are many lines of where was looked.
    const [first = ''] = messageOf(error).split('\n');
    const tail = codeOf(error) === '' ? first : `${codeOf(error)}: ${first}`;
    throw new StoreRefused(
      'module',
      `The native module of better-sqlite3 cannot be loaded by this Node (${version}, ${arch}). Run "npm rebuild better-sqlite3" with the Node that runs Parlour. (${tail})`,
      { cause: error },
    );
  }
}
