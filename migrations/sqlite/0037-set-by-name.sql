-- Who set an affiliation and has no address: the operator, a token or a plug-in. NULL: an account did, or it was set before this was kept.
ALTER TABLE affiliation ADD COLUMN set_by_name TEXT;
