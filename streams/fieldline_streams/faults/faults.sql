-- name: faults_read
-- How many messages of a group's partitions are captured.
select coalesce(sum(next), 0)::bigint as read from stream_offset where reader = $1;

-- name: faults_stored
-- How many events of a sender are stored.
select count(*) as stored
from event e join door d on d.number = e.door join party p on p.number = d.sender where p.key = $1;

-- name: faults_judged
-- The last position of the ledger, and how far the judge is.
select h.position as written, f.position as judged
from ledger_head h, follower_position f where f.follower = 'judge';

-- name: faults_rejected
-- How many inputs were refused and kept.
select count(*) from rejected;

-- name: faults_notices
-- Of one subscriber: versions written since it subscribed, notices entered, those that wait, and whether all are
-- entered.
select (select count(*) from alert_version v join alert a on a.id = v.id
        where v.position > s.from_position and not a.historical)
       + (select count(*) from scope_version v where v.position > s.from_position) as written,
       (select count(*) from notice n where n.subscriber = s.id) as entered,
       (select count(*) from notice n where n.subscriber = s.id and n.state = 'waiting') as waiting,
       (select f.position >= j.position from follower_position f, follower_position j
        where f.follower = 'notices' and j.follower = 'judge') as up_to_date
from subscriber s where s.id = $1;
