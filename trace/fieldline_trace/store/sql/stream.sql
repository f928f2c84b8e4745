-- name: offsets_begin
-- Rows for partitions that are read for the first time.
insert into stream_offset (reader, topic, part, next)
select $1, topic, part, 0 from unnest($2::text[], $3::integer[]) as said (topic, part) order by topic, part
on conflict do nothing;

-- name: offsets_of
-- Where a group goes on in these partitions.
select o.topic, o.part, o.next
from unnest($2::text[], $3::integer[]) as said (topic, part)
join stream_offset o on o.reader = $1 and o.topic = said.topic collate "C" and o.part = said.part;

-- name: offsets_move
-- Goes on in these partitions from an old offset to a new one; how many rows stood at the old one. Locks them in order,
-- so that two who believe they own a partition do not wait for each other in a circle.
with stood as (
    select o.topic, o.part, said.next
    from unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[]) as said (topic, part, old, next)
    join stream_offset o on o.reader = $1 and o.topic = said.topic collate "C" and o.part = said.part
        and o.next = said.old
    order by o.topic, o.part for update of o
), moved as (
    update stream_offset o set next = stood.next from stood
    where o.reader = $1 and o.topic = stood.topic and o.part = stood.part
    returning 1
)
select count(*) from moved;

-- name: offsets_all
-- Where a group goes on in all partitions that it has read.
select topic, part, next from stream_offset where reader = $1 order by topic, part;

-- name: offsets_again
-- Has a group read topics from their beginning again.
update stream_offset set next = 0 where reader = $1 and topic = any($2::text[]) and next > 0;

-- name: rejected_telling
-- Whether nobody else tells what was refused, until the transaction ends.
select pg_try_advisory_xact_lock(7244);

-- name: rejected_untold
-- What was refused and not told on the stream yet, in order of number. Locks no row: capture may come to one meanwhile.
-- Uses rejected_untold.
select r.number, p.key as sender, r.role, r.tenant, r.channel, r.received_at, r.event_id, r.code, r.field, r.value, r.rule,
       r.arguments, r.raw
from rejected r join party p on p.number = r.sender
where r.told_at is null order by r.number limit $1;

-- name: rejected_told
-- These were told.
update rejected set told_at = (extract(epoch from clock_timestamp()) * 1000000)::bigint where number = any($1::bigint[]);

-- name: keys_known
-- What keys' ids stand for, with the hash that their signatures are made with.
select id, hash, sender, role, operators, grid, tenant, expires_at, revoked_at from api_key where id = any($1::text[]);
