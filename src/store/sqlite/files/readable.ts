/** Whether a file that an operator names can be read by this user: otherwise that file is told, and not the database. */
import { closeSync, openSync, statSync, type Stats } from 'node:fs';
import { StoreRefused } from '../../failures';
import { messageOf } from '../failure';

/** The file, which can be opened for reading. `what` begins the sentence, `missing` is the sentence if there is no such file. Throws StoreRefused. */
export function requireReadable(file: string, what: string, missing: string): Stats {
  return named(file, what, () => {
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found) throw new StoreRefused('unreadable', missing);
    if (found.isFile()) closeSync(openSync(file, 'r'));
    return found;
  });
}

/** What goes wrong with the file is told as of that file. */
export function named<T>(file: string, what: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof StoreRefused) throw error;
    throw new StoreRefused(
      'unreadable',
      `${what} "${file}" cannot be read. This command reads it as the user whose the database is: make it and its folders readable for that user, or copy it to a place that is. (${messageOf(error)})`,
      { cause: error },
    );
  }
}
