-- name: condition
-- How the whole is: one row.
select now, position, received_at, judged, noticed, published, unjudged_since, next_deadline, refused_open, notices_waiting,
       notices_dead, tail_whole
from condition;

-- name: condition_alive
-- Whether PostgreSQL answers.
select 1;
