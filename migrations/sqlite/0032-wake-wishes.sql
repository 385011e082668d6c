-- What wakes people who are away is one row for each of them. Until now there were two: messages for their accounts, and mentions alone. Who had both has the first.
UPDATE feature SET feature = 'wake-wishes',
  value = json_object('wake', 'all', 'since', unixepoch() * 1000, 'seen', unixepoch() * 1000, 'nick', NULL)
  WHERE feature = 'offline-delivery';
UPDATE OR IGNORE feature SET feature = 'wake-wishes',
  value = json_object('wake', 'mentions', 'since', CAST(value AS INTEGER), 'seen', CAST(value AS INTEGER), 'nick', NULL)
  WHERE feature = 'mention-wishes';
DELETE FROM feature WHERE feature = 'mention-wishes';
