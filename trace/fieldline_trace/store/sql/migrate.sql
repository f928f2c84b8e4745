-- name: migration_lock
-- One process migrates at a time. 7241 is ours alone; the lock ends with the session.
select pg_advisory_lock(7241);

-- name: migration_unlock
-- Lets the next process look for what is left to do.
select pg_advisory_unlock(7241);

-- name: migration_table
-- What was applied, with the checksum of its text.
create table if not exists migration (
    number     integer primary key,
    name       text not null,
    checksum   text not null,
    applied_at timestamptz not null default clock_timestamp()
);

-- name: migration_table_exists
-- Whether anything was ever applied.
select to_regclass('public.migration') is not null;

-- name: migrations_applied
-- All that this database has seen.
select number, name, checksum from migration order by number;

-- name: migration_done
-- Recorded in the migration's own transaction.
insert into migration (number, name, checksum) values ($1, $2, $3);
