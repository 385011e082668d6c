-- What was sent to accounts that have shown no sign of life since, so that a restart of Parlour wakes nobody more often. `tries`, `waiting` are rounded up while Parlour runs.
CREATE TABLE woken_account (
  jid TEXT NOT NULL PRIMARY KEY,
  since INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  waiting INTEGER NOT NULL,
  full_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- What the servers of accounts are (XEP-0092), and whether one refused the form of its software.
CREATE TABLE wake_form (
  domain TEXT NOT NULL PRIMARY KEY,
  software TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  moved INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
