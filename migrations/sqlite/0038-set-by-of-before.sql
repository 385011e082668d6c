-- Who set the affiliations of before 0037 and has no address, where the audit trail tells it; 'unknown' where it does not. The room itself stays NULL.
UPDATE affiliation SET set_by_name = coalesce((
  SELECT CASE WHEN audit.kind IN ('operator', 'token', 'plug-in') THEN audit.kind || coalesce(' ' || audit.actor, '') ELSE '' END
  -- By time: of one moment there are few acts, but of one person perhaps one for each room.
  FROM audit INDEXED BY audit_by_time CROSS JOIN audit_item ON audit_item.audit = audit.id AND audit_item.object = affiliation.jid
  WHERE audit.at = affiliation.set_at AND audit.room = (SELECT jid FROM room WHERE room.id = affiliation.room)
  ORDER BY audit.id DESC LIMIT 1
), 'unknown') WHERE set_by IS NULL AND set_by_name IS NULL;
UPDATE affiliation SET set_by_name = NULL WHERE set_by_name = '';
