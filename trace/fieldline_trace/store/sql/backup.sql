-- name: backup_snapshot
-- What this transaction sees, for the dump to see the same.
select pg_export_snapshot();

-- name: backup_about
-- What the manifest says of the database: the head of the ledger, how many events it has, and what made it.
select current_setting('server_version') as postgres, (select max(number) from migration) as migration,
       position, received_at, hash, (select coalesce(sum(count), 0)::bigint from ledger) as events
from ledger_head;

-- name: database_has_tables
-- Whether anything is in a database already.
select exists (
    select from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p')
);

-- name: database_analyze
-- Statistics for the planner, which a restored database has none of.
analyze;
