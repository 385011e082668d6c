/** How accounts were woken, in its tables. */
import type { Database } from 'better-sqlite3';
import type { BareJid } from '../../../xmpp/fold';
import type { WakeFormRow, WakeUpChanges, WokenRow } from '../../wake-ups';

/** Within a transaction of the caller's. */
export function keepWakeUps(db: Database, { woken, seen, forms, formsOver }: WakeUpChanges): void {
  const put = db.prepare('REPLACE INTO woken_account (jid, since, tries, waiting, full_at) VALUES (@jid, @since, @tries, @waiting, @full)');
  for (const row of woken) put.run(row);
  for (const jid of seen) forgetWoken(db, jid);
  const putForm = db.prepare('REPLACE INTO wake_form (domain, software, asked_at, moved) VALUES (@domain, @software, @askedAt, @moved)');
  for (const row of forms) putForm.run({ ...row, moved: Number(row.moved) });
  const dropForm = db.prepare('DELETE FROM wake_form WHERE domain = ?');
  for (const domain of formsOver) dropForm.run(domain);
}

export function forgetWoken(db: Database, jid: BareJid): void {
  db.prepare('DELETE FROM woken_account WHERE jid = ?').run(jid);
}

const WOKEN = 'SELECT jid, since, tries, waiting, full_at AS "full" FROM woken_account';

export function readWokenAfter(db: Database, after: string, limit: number): WokenRow[] {
  return db.prepare(`${WOKEN} WHERE jid > ? ORDER BY jid LIMIT ?`).all(after, limit) as WokenRow[];
}

export function readWoken(db: Database, jid: BareJid): WokenRow | null {
  return (db.prepare(`${WOKEN} WHERE jid = ?`).get(jid) as WokenRow | undefined) ?? null;
}

export function readWakeForms(db: Database): WakeFormRow[] {
  const rows = db.prepare('SELECT domain, software, asked_at AS askedAt, moved FROM wake_form ORDER BY asked_at, domain').all() as (Omit<
    WakeFormRow,
    'moved'
  > & { readonly moved: number })[];
  return rows.map((row) => ({ ...row, moved: row.moved === 1 }));
}

/** Brings addresses to the fold of this program. Of two accounts that are one, either row will do. */
export function foldWakeUps(db: Database): void {
  db.exec('UPDATE OR REPLACE woken_account SET jid = folded(jid) WHERE folded(jid) <> jid');
  db.exec('UPDATE OR REPLACE wake_form SET domain = folded(domain) WHERE folded(domain) <> domain');
}
