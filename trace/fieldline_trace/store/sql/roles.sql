-- name: roles_make
-- The users that services connect as, where they are missing. They have no password until one is set.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['fieldline_lane', 'fieldline_judge', 'fieldline_notices', 'fieldline_api'] loop
        begin
            execute format('create role %I login nosuperuser nocreatedb nocreaterole noreplication', wanted);
        exception when duplicate_object or unique_violation then
            null;  -- it is there, or somebody else was faster
        end;
    end loop;
end $$;

-- name: roles_grant
-- What each of these users may do in this database, and no more: whatever they had before is taken back first. To lock
-- the head row, as every answer for now does, takes the right to update something of it: that is its constant column.
do $$
begin
    execute format('revoke all on database %I from public, fieldline_lane, fieldline_judge, fieldline_notices, fieldline_api', current_database());
    execute format('grant connect on database %I to fieldline_lane, fieldline_judge, fieldline_notices, fieldline_api', current_database());
    revoke all on schema public from fieldline_lane, fieldline_judge, fieldline_notices, fieldline_api;
    grant usage on schema public to fieldline_lane, fieldline_judge, fieldline_notices, fieldline_api;
    revoke all on all tables in schema public from fieldline_lane, fieldline_judge, fieldline_notices, fieldline_api;
    revoke all on all sequences in schema public from fieldline_lane, fieldline_judge, fieldline_notices, fieldline_api;

    -- All of them: which release the database is of, the ledger, and what was said.
    grant select on condition, migration, ledger, ledger_head, record, event, identity, identity_variant, mention, batch, batch_label,
        site, party, door, follower_position, follower_stopped
        to fieldline_lane, fieldline_judge, fieldline_notices, fieldline_api;
    grant update (one) on ledger_head to fieldline_lane, fieldline_judge, fieldline_notices, fieldline_api;

    -- Capture appends. The API captures too, where what was mended is taken in.
    grant usage on sequence block to fieldline_lane, fieldline_api;
    grant execute on function append_entry(bigint, integer, bytea), ensure_event_month(date) to fieldline_lane, fieldline_api;
    grant insert on record, event, identity, identity_variant, mention, batch, batch_label, site, party, door, person, rejected
        to fieldline_lane, fieldline_api;
    grant select (pseudonym) on person to fieldline_lane;
    -- What was refused is told on a topic. Signatures are held to the hashes of keys.
    grant select on rejected to fieldline_lane;
    grant update (last_at, times, status, settled_at, settled_by, event, told_at) on rejected to fieldline_lane;
    grant select (id, hash, sender, role, operators, grid, tenant, expires_at, revoked_at) on api_key to fieldline_lane;
    grant select, insert, update on stream_offset to fieldline_lane;
    -- What an earlier release could not read is taken in anew.
    grant select, insert, delete on unread to fieldline_lane;
    grant insert on unread to fieldline_api;
    grant execute on function forget_unread(text[], integer[], bigint[]) to fieldline_lane;

    -- The judge writes what follows from the ledger; versions are added and never changed.
    grant select, insert, update on alert, scope to fieldline_judge;
    grant select, insert on alert_version, scope_version to fieldline_judge;
    grant update on follower_position to fieldline_judge;
    grant insert, update, delete on follower_stopped to fieldline_judge;

    -- Notices read what the judge wrote, and keep their own account.
    grant select on alert, alert_version, scope, scope_version to fieldline_notices;
    grant select, insert, update, delete on notice, seat to fieldline_notices;
    grant select on subscriber to fieldline_notices;
    grant update (position) on follower_position to fieldline_notices;

    -- The API reads everything, and writes what is its own: keys, who read what, persons, what was mended, subscribers.
    grant select on all tables in schema public to fieldline_api;
    grant insert on access_log to fieldline_api;
    grant insert, delete on session_ended to fieldline_api;
    grant insert, update on api_key, subscriber to fieldline_api;
    grant update on rejected, person, notice to fieldline_api;
    grant insert on notice to fieldline_api;
end $$;

-- name: roles_password
-- The statement that sets a user's password; quoted by the server, since ALTER ROLE takes no parameters.
select format('alter role %I password %L', $1::text, $2::text);

-- name: roles_known
-- Which of the services' users there are.
select rolname as name from pg_roles where rolname in ('fieldline_lane', 'fieldline_judge', 'fieldline_notices', 'fieldline_api') order by 1;

-- name: roles_me
-- As whom we are connected, and whether that user may do anything at all (superuser, or owner of the ledger).
select current_user::text as name,
       (select rolsuper from pg_roles where rolname = current_user)
       or (select pg_get_userbyid(relowner) = current_user from pg_class where oid = 'public.ledger'::regclass) as all;
