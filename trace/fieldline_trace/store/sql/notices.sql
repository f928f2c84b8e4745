-- name: subscriber_new
-- Somebody is told from now on: of what comes after what was entered for others last.
insert into subscriber
    (id, url, topics, content, tenant, note, secret, created_at, created_by, from_position)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, greatest(f.position, j.position)
from follower_position f, follower_position j where f.follower = 'notices' and j.follower = 'judge'
returning *;

-- name: subscribers_of
-- Subscribers of a tenant (null: of all) that are told, with how many notices wait and are given up.
select s.*,
       (select count(*) from notice n where n.subscriber = s.id and n.state = 'waiting') as waiting,
       (select count(*) from notice n where n.subscriber = s.id and n.state = 'dead') as dead
from subscriber s where s.removed_at is null and ($1::text is null or s.tenant = $1) order by s.created_at, s.id;

-- name: subscriber_one
-- One that is told, of a tenant (null: of any). Locks it.
select * from subscriber where id = $1 and removed_at is null and ($2::text is null or tenant = $2) for update;

-- name: subscriber_posted
-- Where notices of one go that is told, and what signs them.
select url, secret, old_secret, old_until from subscriber where id = $1 and removed_at is null;

-- name: subscriber_told
-- Everybody that is told.
select id, url, topics, content, secret, old_secret, old_until, from_position from subscriber where removed_at is null;

-- name: subscriber_remove
-- Nobody is told any more; what waits is given up.
with removed as (update subscriber set removed_at = $2 where id = $1 returning id)
update notice n set state = 'dead', settled_at = $2, said = 'the subscriber was removed'
from removed where n.subscriber = removed.id and n.state = 'waiting';

-- name: subscriber_rotate
-- A new secret; the old one signs too until its grace is over.
update subscriber set secret = $2, old_secret = secret, old_until = $3 where id = $1 returning *;

-- name: notices_cursor
-- Up to where notices were entered. Locks it, so that one process at a time enters them.
select position from follower_position where follower = 'notices' for update;

-- name: notices_advance
-- They were entered up to here.
update follower_position set position = $1 where follower = 'notices';

-- name: notices_received
-- When entries were received.
select position, received_at from ledger where position = any($1::bigint[]);

-- name: notices_add
-- Notices that wait, each once; none is due before what waits of its subject. Uses notice_waiting.
insert into notice (subscriber, id, subject, position, sequence, received_at, body, due_at)
select n.subscriber, n.id, n.subject, n.position, n.sequence, n.received_at, n.body, greatest(n.due_at, w.due_at)
from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::integer[], $6::bigint[], $7::bytea[], $8::bigint[])
    as n (subscriber, id, subject, position, sequence, received_at, body, due_at)
left join lateral (
    select max(due_at) as due_at from notice
    where subscriber = n.subscriber and subject = n.subject and state = 'waiting'
) w on true
on conflict do nothing;

-- name: notices_due
-- Subscribers that something is due for, and when the next is due otherwise. Uses notice_due.
select s.id, min(n.due_at) as due_at
from subscriber s join lateral (
    select greatest(due_at, leased_until) as due_at from notice
    where subscriber = s.id and state = 'waiting' order by notice.due_at limit 1
) n on true
where s.removed_at is null group by s.id;

-- name: notices_claim
-- Take notices of a subscriber for posting: of each subject the first that waits, if it is due and nobody has it. Uses
-- notice_due and notice_waiting.
with due as (
    select n.id from notice n
    where n.subscriber = $1 and n.state = 'waiting' and n.due_at <= $2 and n.leased_until <= $2
      and not exists (
          select from notice e
          where e.subscriber = n.subscriber and e.subject = n.subject and e.state = 'waiting'
            and (e.position, e.sequence) < (n.position, n.sequence))
    order by n.due_at, n.position, n.sequence limit $4
)
update notice n set leased_until = $3, tries = n.tries + 1
from due where n.subscriber = $1 and n.id = due.id and n.state = 'waiting' and n.leased_until <= $2
returning n.id, n.subject, n.position, n.sequence, n.received_at, n.body, n.tries;

-- name: notices_delivered
-- They have arrived. Whoever has them now for posting decides; a lease that was lost decides nothing.
update notice set state = 'delivered', settled_at = $4, said = $5, leased_until = 0
where subscriber = $1 and id = $2 and leased_until = $3 and state = 'waiting';

-- name: notices_failed
-- It has not arrived: it waits until it is due again, and what else is said of its subject does, too; or it is given up.
with failed as (
    update notice set state = $4, due_at = $5, settled_at = case when $4 = 'dead' then $6::bigint end, said = $7,
                      leased_until = 0
    where subscriber = $1 and id = $2 and leased_until = $3 and state = 'waiting'
    returning subject
)
update notice n set due_at = greatest(n.due_at, $5) from failed
where $4 = 'waiting' and n.subscriber = $1 and n.subject = failed.subject and n.state = 'waiting' and n.id <> $2;

-- name: notices_of
-- Notices of a subscriber in a state, the latest first, without their bodies.
select id, subject, position, received_at, state, tries, due_at, settled_at, said from notice
where subscriber = $1 and ($2::text is null or state = $2) order by position desc, sequence desc, id limit $3;

-- name: notices_replay
-- What was given up (these, or null: all of it) waits again.
update notice set state = 'waiting', tries = 0, due_at = $3, settled_at = null, leased_until = 0
where subscriber = $1 and state = 'dead' and ($2::text[] is null or id = any($2));

-- name: notices_forget
-- What arrived long ago is not kept.
delete from notice where state = 'delivered' and settled_at < $1;

-- name: notices_waiting
-- How many wait.
select count(*) from notice where state = 'waiting';

-- name: seat_take
-- Have the seat, or keep it, for a while; nothing where another has it.
insert into seat (name, holder, until)
values ($1, $2, (extract(epoch from clock_timestamp()) * 1000000)::bigint + $3)
on conflict (name) do update set holder = excluded.holder, until = excluded.until
where seat.holder = excluded.holder or seat.until < (extract(epoch from clock_timestamp()) * 1000000)::bigint
returning until;

-- name: seat_leave
-- Another may have it at once.
delete from seat where name = $1 and holder = $2;

-- name: topics_cursor
-- Up to where the topics were told.
select position from follower_position where follower = 'topics';

-- name: topics_advance
-- They were told up to here; changes no row where another has moved it.
update follower_position set position = $2 where follower = 'topics' and position = $1;

-- name: notices_wake
-- Wake who posts notices.
select pg_notify('judged', '');
