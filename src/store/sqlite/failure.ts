/** What SQLite's error codes mean for a row, for a batch, and for somebody who wants to open the database. */
import { statSync } from 'node:fs';
import { StoreFailed, StoreRefused } from '../failures';

/** A row that the database would take but Parlour's own rules do not (no such room). Refuses one room, not the batch. */
export class RowFault extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RowFault';
  }
}

/** The `code` of an error from SQLite or the file system ('' if it has none). Not by class: a native module has one class per process. */
export function codeOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code;
  return '';
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string') return error.message;
  return String(error);
}

/** Whether the error belongs to one row (constraint, type, size), so that the other rooms' rows can still go in. */
export function isRowFault(error: unknown): boolean {
  const code = codeOf(error);
  if (!code.startsWith('SQLITE_')) return true;
  return /^SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)/.test(code);
}

/** `full`: disk or quota; `broken`: the file's content; `unavailable`: everything else (locked, read-only, I/O). */
export function reasonOf(code: string): StoreFailed['reason'] {
  // The wal-index is a small file that is only ever extended: when that fails, the disk is full.
  if (/^SQLITE_(FULL|IOERR_SHMSIZE)/.test(code)) return 'full';
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return 'broken';
  return 'unavailable';
}

/** The error of a read or of a whole batch, as a sentence with a remedy. Other errors are bugs of ours and are returned unchanged. */
export function failed(error: unknown, path: string): unknown {
  const code = codeOf(error);
  if (!code.startsWith('SQLITE_')) return error;
  return new StoreFailed(reasonOf(code), `${sentence(code, path)} (${code}: ${messageOf(error)})`, { cause: error });
}

function sentence(code: string, path: string): string {
  if (reasonOf(code) === 'full')
    return `The database "${path}" cannot grow: its disk or quota is full. Free some space; Parlour goes on by itself.`;
  if (readBadly(code)) return damaged(path);
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return `Another program keeps the database "${path}" locked. End it; Parlour goes on by itself.`;
  if (code.startsWith('SQLITE_READONLY')) return `The database "${path}" has become read-only. Make the file and its folder writable.`;
  return `The database "${path}" cannot be read or written. Look at the disk and at the system's log.`;
}

/** The disk returned something else than was written, or nothing. */
const readBadly = (code: string): boolean => /^SQLITE_(CORRUPT|NOTADB|IOERR_(READ|SHORT_READ|CORRUPTFS|DATA))/.test(code);

/** A disk that cannot be read looks like a file that is damaged; what is in it may be sound, and newer than any backup. */
function damaged(path: string): string {
  return `What was read of the database "${path}" makes no sense, or could not be read. Look at the disk and at the system's log; run "parlour check --integrity"; restore a backup only if that fails. If a -wal of another copy lies beside it, move that away first.`;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    // Why it cannot be looked at is what is being told.
    return false;
  }
}

/** An error met while opening, as a refusal with a remedy. */
export function refused(error: unknown, path: string): StoreRefused {
  if (error instanceof StoreRefused) return error;
  const code = codeOf(error);
  const tail = `(${code === '' ? '' : `${code}: `}${messageOf(error)})`;
  const as = (reason: StoreRefused['reason'], text: string): StoreRefused => new StoreRefused(reason, `${text} ${tail}`, { cause: error });
  if (code.startsWith('SQLITE_NOTADB')) {
    return as(
      'not-ours',
      `"${path}" is not an SQLite database, or its first bytes are damaged. Name another path for the database, or restore a backup.`,
    );
  }
  if (isFolder(path)) return as('unreadable', `The database "${path}" is a folder. Name a file in database.path.`);
  if (readBadly(code)) return as('unreadable', damaged(path));
  if (/^SQLITE_(BUSY|LOCKED)/.test(code))
    return as('in-use', `Another program keeps the database "${path}" locked. End that program, then start Parlour again.`);
  if (/^(SQLITE_READONLY|EROFS)/.test(code))
    return as('unreadable', `The database "${path}" is read-only. Make the file and its folder writable for the user Parlour runs as.`);
  if (/^(EACCES|EPERM|SQLITE_PERM|SQLITE_CANTOPEN)/.test(code)) {
    return as(
      'unreadable',
      `The database "${path}" cannot be opened. Make the file and its folder readable and writable for the user Parlour runs as.`,
    );
  }
  if (/^(ENOSPC|EDQUOT)/.test(code) || reasonOf(code) === 'full')
    return as('unreadable', `The disk of the database "${path}" is full. Free some space, then start Parlour again.`);
  return as('unreadable', `The database "${path}" cannot be opened.`);
}
