/** What an operator reads of an error of the disk. */
import { failed, refused } from '../../src/store/sqlite/failure';

const error = (code: string): Error => Object.assign(new Error('disk I/O error'), { code });

describe('found G4: what cannot be read', () => {
  test.each(['SQLITE_IOERR_READ', 'SQLITE_IOERR_SHORT_READ', 'SQLITE_IOERR_CORRUPTFS', 'SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX'])(
    '%s: the disk first, then --integrity, a backup last',
    (code) => {
      for (const { message } of [failed(error(code), '/srv/parlour.db') as Error, refused(error(code), '/srv/parlour.db')]) {
        expect(message).toContain('/srv/parlour.db');
        expect(message).toMatch(/Look at the disk.*run "parlour check --integrity".*restore a backup only if that fails/);
        expect(message).toContain(code);
      }
    },
  );

  test('a disk that cannot be read for a moment is no broken database, and what cannot be written is another matter', () => {
    expect(failed(error('SQLITE_IOERR_READ'), 'a.db')).toMatchObject({ reason: 'unavailable' });
    expect(failed(error('SQLITE_CORRUPT'), 'a.db')).toMatchObject({ reason: 'broken' });
    expect((failed(error('SQLITE_IOERR_FSYNC'), 'a.db') as Error).message).not.toContain('backup');
  });
});
