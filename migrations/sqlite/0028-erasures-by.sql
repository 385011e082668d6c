-- Who asked for an erasure is not always an administrator from their client: operators and programs do too. `asked_by` is their name.
ALTER TABLE person_erasure ADD COLUMN asked_kind TEXT NOT NULL DEFAULT 'administrator';
ALTER TABLE person_erasure ADD COLUMN asked_face TEXT NOT NULL DEFAULT 'ad-hoc';
ALTER TABLE person_erasure ADD COLUMN asked_claimed INTEGER NOT NULL DEFAULT 0;
