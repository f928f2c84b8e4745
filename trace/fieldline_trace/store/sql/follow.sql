-- name: follower_position
-- How far a follower is.
select position from follower_position where follower = $1;

-- name: follower_advance
-- Move a follower from one position to another, and say when the clock is to tick next (null: it need not); changes no
-- row where somebody else has moved it.
update follower_position set position = $3, next_deadline = $4 where follower = $1 and position = $2;

-- name: follower_stopped
-- The entry that a follower stands before, since it cannot apply it.
select position, since, why from follower_stopped where follower = $1;

-- name: follower_stops
-- A follower stands before an entry; since when is kept where it stood there already.
insert into follower_stopped (follower, position, since, why)
values ($1, $2, (extract(epoch from clock_timestamp()) * 1000000)::bigint, $3)
on conflict (follower) do update set position = excluded.position, why = excluded.why,
    since = case when follower_stopped.position = excluded.position then follower_stopped.since else excluded.since end;

-- name: follower_went_on
-- A follower is past what it stood before.
delete from follower_stopped where follower = $1 and position <= $2;

-- name: follower_deadline
-- When the clock is to tick next by what the judge has applied, and what time it is, microseconds.
select next_deadline, (extract(epoch from clock_timestamp()) * 1000000)::bigint as now
from follower_position where follower = $1;

-- name: follower_notify
-- Wake who waits for what the judge wrote.
select pg_notify('judged', $1::bigint::text);

-- name: alerts_put
-- Alerts as they are now.
insert into alert (id, rule, subject, severity, standing, historical, version, position, raised_at, changed_at)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::boolean[], $6::boolean[], $7::integer[],
                     $8::bigint[], $9::bigint[], $10::bigint[])
on conflict (id) do update set
    subject = excluded.subject, severity = excluded.severity, standing = excluded.standing,
    historical = excluded.historical, version = excluded.version, position = excluded.position,
    changed_at = excluded.changed_at;

-- name: alert_versions_add
-- New versions of alerts.
insert into alert_version (id, version, position, at, change, finding, reason, cause)
select * from unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::text[], $6::jsonb[], $7::text[], $8::bigint[]);

-- name: scopes_put
-- Scopes as they are now.
insert into scope (id, status, hazard_class, hazard, title, lot, version, position, changed_at, members, held)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::integer[],
                     $8::bigint[], $9::bigint[], $10::integer[], $11::integer[])
on conflict (id) do update set
    status = excluded.status, title = excluded.title, lot = excluded.lot, version = excluded.version,
    position = excluded.position, changed_at = excluded.changed_at, members = excluded.members, held = excluded.held;

-- name: scope_versions_add
-- New versions of scopes.
insert into scope_version
    (scope, version, position, at, status, reason, cause, members, held, inferred, co_descendants, changes)
select * from unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[],
                     $8::integer[], $9::integer[], $10::integer[], $11::integer[], $12::bytea[]);

-- name: alert_versions
-- All versions of one alert, in order.
select id, version, position, at, change, finding, reason, cause from alert_version where id = $1 order by version;

-- name: alert_versions_until
-- All versions of all alerts up to a position, in order, for comparing.
select id, version, position, at, change, finding, reason, cause from alert_version
where position <= $1 order by id, version;

-- name: scope_versions
-- All versions of one scope, in order.
select scope, version, position, at, status, reason, cause, members, held, inferred, co_descendants, changes
from scope_version where scope = $1 order by version;

-- name: scope_versions_until
-- All versions of all scopes up to a position, in order, for comparing.
select scope, version, position, at, status, reason, cause, members, held, inferred, co_descendants, changes
from scope_version where position <= $1 order by scope, version;

-- name: follow_empty
-- Forget all that the judge wrote.
truncate alert, alert_version, scope, scope_version;

-- name: follow_batch_keys
-- Numbers of batches by canonical key.
select number, key from batch where key = any($1::text[]);

-- name: follow_site_keys
-- Numbers of sites by canonical key.
select number, key from site where key = any($1::text[]);

-- name: follow_records
-- Records by block.
select block, body from record where block = any($1::bigint[]);

-- name: follow_bodies
-- Raw events by number.
select number, body from event where number = any($1::bigint[]);

-- name: follow_amounts
-- What events say of amounts of these batches. Uses mention_batch.
select batch, event, site, role, amount, unit from mention
where batch = any($1::bigint[]) and amount is not null order by batch, event, role, site;

-- name: follower_relaxed
-- What followers write can be computed again from the ledger, so their commits need not wait for the disk.
set local synchronous_commit = off;
