-- name: faults_read
-- How many messages of a group's partitions are captured.
select coalesce(sum(next), 0)::bigint as read from stream_offset where reader = $1;

-- name: faults_judged
-- The last position of the ledger, and how far the judge is.
select h.position as written, f.position as judged
from ledger_head h, follower_position f where f.follower = 'judge';

-- name: faults_rejected
-- How many inputs were refused and kept.
select count(*) from rejected;

