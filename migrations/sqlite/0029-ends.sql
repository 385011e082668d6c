-- An affiliation with an end (`expires_at`): what somebody is afterwards. NULL: without any.
ALTER TABLE affiliation ADD COLUMN afterwards TEXT CHECK (afterwards IN ('owner', 'admin', 'member'));
