-- name: feed_alerts
-- Versions of alerts after one position and up to another, in the order of the feed. Uses alert_version_position.
select id, version, position, at, change, finding, reason, cause from alert_version
where position > $1 and position <= $2 order by position, id, version limit $3;

-- name: feed_scopes
-- Versions of scopes after one position and up to another, in the order of the feed. Uses scope_version_position.
select v.scope, v.version, v.position, v.at, v.status, v.reason, v.cause, v.members, v.held, v.inferred,
       v.co_descendants, s.hazard_class, s.hazard, b.key as lot
from scope_version v join scope s on s.id = v.scope left join batch b on b.number = s.lot
where v.position > $1 and v.position <= $2 order by v.position, v.scope, v.version limit $3;

-- name: feed_scope_changes
-- What one version of a scope changed.
select changes from scope_version where scope = $1 and version = $2;

-- name: feed_now
-- What time it is for the database, microseconds: receipt is by its clock.
select (extract(epoch from clock_timestamp()) * 1000000)::bigint;

-- name: feed_received_at
-- When the entry of a position was received, microseconds.
select received_at from ledger where position = $1;
