-- name: key_new
-- A key, of which nothing but its hash is kept.
insert into api_key (id, hash, sender, role, operators, grid, tenant, note, created_at, created_by, expires_at, replaces)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
returning id, sender, role, operators, grid, tenant, note, created_at, created_by, expires_at, revoked_at, replaces;

-- name: key_first
-- The same, where there is no key yet at all; nothing where there is. Two that start at once make one.
insert into api_key (id, hash, sender, role, operators, grid, tenant, note, created_at, created_by, expires_at)
select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
where not exists (select from api_key) and pg_try_advisory_xact_lock(7243)
returning id, sender, role, operators, grid, tenant, note, created_at, created_by, expires_at, revoked_at, replaces;

-- name: key_known
-- What a key's id stands for, with the hash to hold the key to.
select hash, sender, role, operators, grid, tenant, expires_at, revoked_at from api_key where id = $1;

-- name: sessions_ended
-- Sessions that a key opened and somebody ended before their time.
select session from session_ended where key = $1;

-- name: session_end
-- A session opens nothing any more.
insert into session_ended (session, key, until) select $1, id, $3 from api_key where id = $2 on conflict do nothing;

-- name: sessions_over
-- What would have ended by itself is forgotten.
delete from session_ended where until <= $1;

-- name: key_one
-- One key, without its hash. Locks it.
select id, sender, role, operators, grid, tenant, note, created_at, created_by, expires_at, revoked_at, replaces
from api_key where id = $1 for update;

-- name: keys_of
-- Keys of a tenant (null: of all), of one id (null: all), the latest first.
select id, sender, role, operators, grid, tenant, note, created_at, created_by, expires_at, revoked_at, replaces
from api_key where ($1::text is null or tenant = $1) and ($2::text is null or id = $2)
order by created_at desc, id limit $3;

-- name: key_ends
-- A key that was rotated ends when its grace is over, if it would not end before.
update api_key set expires_at = least(expires_at, $2) where id = $1;

-- name: key_revoke
-- A key that no longer opens; when it was revoked first stays.
update api_key set revoked_at = coalesce(revoked_at, $2) where id = $1
returning id, sender, role, operators, grid, tenant, note, created_at, created_by, expires_at, revoked_at, replaces;

-- name: key_revoke_later
-- Keys that a key was rotated to, and those that these were, no longer open. Which of them still did.
with recursive later (id) as (
    select id from api_key where replaces = $1
    union
    select k.id from api_key k join later on k.replaces = later.id
)
update api_key k set revoked_at = $2 from later where k.id = later.id and k.revoked_at is null returning k.id;

-- name: access_new
-- Readings of others' data; whose they were as a JSON array of texts.
insert into access_log (at, sender, role, tenant, key, operation, subject, whose)
select at, sender, role, tenant, key, operation, subject, array(select jsonb_array_elements_text(whose::jsonb))
from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    as seen (at, sender, role, tenant, key, operation, subject, whose);

-- name: access_of
-- Who read, the latest first: of one tenant (null: all), of data of any of these (null: anybody's), before a number.
-- Uses access_log_whose.
select number, at, sender, role, tenant, key, operation, subject, whose from access_log
where ($1::text is null or tenant = $1) and ($2::text[] is null or whose && $2) and ($3::bigint is null or number < $3)
order by number desc limit $4;

-- name: receipt_event
-- What became of an event that was handed in, by its number.
select e.number, e.id, p.key as sender, l.position, l.received_at
from event e
join ledger l on l.block = e.number >> 16
join door d on d.number = e.door
join party p on p.number = d.sender
where e.number = $1;

-- name: sent_events
-- What a sender said under an id, the first first: with the digest of its canonical content where that is kept, else its
-- bytes.
select i.number, l.position, e.body, null::bytea as canonical
from party p join identity i on i.sender = p.number and i.id = $2
join ledger l on l.block = i.number >> 16 left join event e on e.number = i.number
where p.key = $1
union all
select v.number, l.position, null, v.canonical
from party p join identity_variant v on v.sender = p.number and v.id = $2 join ledger l on l.block = v.number >> 16
where p.key = $1
order by number;

-- name: sent_rejected
-- What a sender handed in that was refused, by the first bytes of its digest.
select r.number, r.field, r.value, r.rule, r.code, r.arguments
from party p join rejected r on r.sender = p.number and substring(r.digest for length($2::bytea)) = $2::bytea
where p.key = $1 order by r.number limit 1;

-- name: receipt_rejected
-- What became of an event that was refused, by the number under which it is kept.
select r.number, p.key as sender, r.received_at, r.field, r.value, r.rule, r.code, r.arguments, r.status, r.event
from rejected r join party p on p.number = r.sender where r.number = $1;
