-- name: answer_batches_of_lot
-- Batches whose key ends in a lot, for those who know nothing but that. Reads the table.
select key from batch where right(key, length($1) + 1) = '/' || $1 order by key limit $2;

-- name: answer_events_of_kind
-- Events of one kind up to a position, in the order of the ledger.
select e.number, e.body
from event e join ledger l on l.block = e.number >> 16
where e.kind = $1 and l.position <= $2 order by l.position, e.number;

-- name: answer_event_numbers
-- Which events up to a position name any of these batches. Uses mention_batch.
select distinct m.event
from mention m join ledger l on l.block = m.event >> 16
where m.batch = any($1::bigint[]) and l.position <= $2;

-- name: answer_events_naming
-- The same, with the first event under the same sender and id, which speaks for all its variants. Uses mention_batch.
-- Each is looked up by key, one by one (limit): joined at large, the planner reads all events and all identities.
select m.event, i.number as first
from (select distinct event from mention where batch = any($1::bigint[])) m
cross join lateral (select position from ledger where block = m.event >> 16 limit 1) l
cross join lateral (
    select e.id, d.sender from event e join door d on d.number = e.door where e.number = m.event limit 1
) said
cross join lateral (select number from identity where id = said.id and sender = said.sender limit 1) i
where l.position <= $2;

-- name: answer_amounts
-- The amounts that events up to a position give for these batches, with who says it under which id. Uses mention_batch.
select m.batch, m.site, m.role, m.amount, m.unit, m.event, e.kind, d.sender, e.id
from mention m
join ledger l on l.block = m.event >> 16
cross join lateral (select kind, door, id from event where number = m.event limit 1) e
join door d on d.number = e.door
where m.batch = any($1::bigint[]) and m.amount is not null and l.position <= $2;

-- name: answer_rejected
-- What was refused, of one sender or of all (null), in one status or in any (null), the latest first.
select r.number, r.last_at, r.times, p.key as sender, r.role, r.channel, r.raw, r.field, r.value, r.rule, r.code,
       r.arguments, r.status, r.mended, r.mended_by, r.mended_at, r.settled_by, r.settled_at, r.reason, r.event
from rejected r join party p on p.number = r.sender
where ($1::text is null or p.key = $1) and ($2::text is null or r.status = $2)
order by r.last_at desc, r.number desc limit $3;

-- name: answer_rejected_count
-- How many were refused, of one sender or of all (null), in one status or in any (null).
select count(*) from rejected r join party p on p.number = r.sender
where ($1::text is null or p.key = $1) and ($2::text is null or r.status = $2);

-- name: answer_rejected_one
-- One that was refused, whole.
select r.number, r.last_at, r.times, p.key as sender, r.role, r.channel, r.raw, r.field, r.value, r.rule, r.code,
       r.arguments, r.status, r.mended, r.mended_by, r.mended_at, r.settled_by, r.settled_at, r.reason, r.event
from rejected r join party p on p.number = r.sender where r.number = $1;

-- name: answer_batch_count
-- How many batches are known.
select count(*) from batch;

-- name: answer_shipments_to
-- Of each of these sites and each sender the last event of these kinds, up to a position, that brought one of these
-- batches there, the latest first. Uses mention_batch.
select site, sender, body from (
select distinct on (m.site, d.sender) m.site, p.key as sender, e.body, l.position, e.number
from mention m
join ledger l on l.block = m.event >> 16
join event e on e.number = m.event
join door d on d.number = e.door
join party p on p.number = d.sender
where m.batch = any($1::bigint[]) and m.site = any($2::integer[]) and m.role = 4 and e.kind = any($3::smallint[]) and l.position <= $4
order by m.site, d.sender, l.position desc, e.number desc
) last order by position desc, number desc;

-- name: answer_near_labels
-- Lot numbers as printed that are like a text ($1: lower case letters and digits alone) or share its first half ($2). Reads the table.
select distinct l.label
from batch_label l, lateral (select regexp_replace(lower(l.label), '[^[:alnum:]]', '', 'g') as plain) p
where p.plain = $1 or strpos(p.plain, $1) > 0 or starts_with(p.plain, $2) limit 500;

-- name: answer_near_keys
-- Keys that are a text, or whose lot is it, but for case, spaces and punctuation ($1: lower case letters and digits). Reads the table.
select b.key
from batch b, lateral (
    select regexp_replace(lower(b.key), '[^[:alnum:]]', '', 'g') as plain,
           regexp_replace(lower(split_part(b.key, '/', -1)), '[^[:alnum:]]', '', 'g') as lot
) p
where p.plain = $1 or p.lot = $1 limit 100;

-- name: answer_said_amounts
-- The amounts that events up to a position give for these batches, whole, with the events' ids. Uses mention_batch.
select m.batch, m.site, m.role, m.amount, m.unit, m.event, e.kind, p.key as sender, e.id
from mention m
join ledger l on l.block = m.event >> 16
cross join lateral (select kind, door, id from event where number = m.event limit 1) e
join door d on d.number = e.door join party p on p.number = d.sender
where m.batch = any($1::bigint[]) and m.amount is not null and l.position <= $2
order by m.batch, m.site, m.event;


-- name: answer_kinds_naming
-- Events of some kinds up to a position that name any of these batches, in the order of the ledger. Uses mention_batch.
select distinct m.event
from mention m
join ledger l on l.block = m.event >> 16
cross join lateral (select kind from event where number = m.event limit 1) e
where m.batch = any($1::bigint[]) and e.kind = any($2::smallint[]) and l.position <= $3
order by m.event;

-- name: answer_batches_of_product
-- Batches of a product ($1: its key and a slash) by number, at most $3. Uses the keys in order ($2: the first key after them).
select number, key from batch where key >= $1 and key < $2 order by key limit $3;

-- name: answer_events_of_id
-- Numbers of the events under an id ($1), of one sender or of all (null), variants among them, up to a position, in order. Uses the keys of identity and identity_variant.
select said.number
from (
    select i.sender, i.number from identity i where i.id = $1
    union
    select v.sender, v.number from identity i join identity_variant v on v.sender = i.sender and v.id = i.id where i.id = $1
) said
join party p on p.number = said.sender
join ledger l on l.block = said.number >> 16
where ($2::text is null or p.key = $2) and l.position <= $3
order by said.number limit $4;

-- name: answer_event_entries
-- Of each of these events its leaf, and the hashes of its entry and of the one before. Uses the blocks of the ledger.
select e.number, l.hash, l.prev, substring(l.leaves from ((e.number & 65535) * 32 + 1)::integer for 32) as leaf
from unnest($1::bigint[]) as e (number) join ledger l on l.block = e.number >> 16;

-- name: answer_versions_caused
-- Versions of scopes that any of these events brought about, up to a position. Reads the table.
select scope, version, cause from scope_version
where cause = any($1::bigint[]) and position <= $2 order by position, scope, version limit 500;

-- name: answer_activity
-- The last entries of the ledger, the latest first.
select position, received_at, count from ledger order by position desc limit $1;
