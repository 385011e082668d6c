-- When somebody last entered a room or spoke in it: what happens without people, such as a change of its configuration, leaves it alone. 0: nobody since it was made.
ALTER TABLE counters ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
-- Of older rooms that is the time of the latest message that is kept, or of the latest entry of those who are in. Messages that the index does not have yet are newer than all that it has.
UPDATE counters SET used_at = max(
  coalesce((SELECT max(stamp) FROM message_time WHERE message_time.room = counters.room), 0),
  coalesce((SELECT max(joined_at) FROM session WHERE session.room = counters.room), 0));
UPDATE counters SET used_at = max(used_at, newer.stamp)
  FROM (SELECT room, max(stamp) AS stamp FROM message WHERE id > (SELECT up_to FROM filled WHERE name = 'time') GROUP BY room) AS newer
  WHERE newer.room = counters.room;
