-- name: condition
-- How the whole is: one row.
select c.now, c.position, c.received_at, c.judged, c.noticed, c.published, c.unjudged_since, c.next_deadline, c.refused_open,
       c.notices_waiting, c.notices_dead, c.tail_whole, coalesce(s.position, 0) as stopped_at, coalesce(s.why, '') as stopped_by
from condition c left join follower_stopped s on s.follower = 'judge';
