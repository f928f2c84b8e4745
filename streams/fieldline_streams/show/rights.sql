-- name: append_to_the_ledger
-- As capture does, at the end of its transaction.
select append_entry(nextval('block'), 0, ''::bytea);

-- name: write_the_ledger_past_its_function
-- An entry with a hash of one's own.
insert into ledger (position, received_at, block, count, leaves, prev, hash) values (99, 99, 99, 0, '', '', '');

-- name: change_an_entry
-- What was received, and when.
update ledger set received_at = received_at + 1 returning 1;

-- name: move_the_head
-- As if the ledger ended elsewhere.
update ledger_head set position = position + 1 returning 1;

-- name: lock_the_head
-- As every answer for now does.
select position from ledger_head for share;

-- name: store_an_event
-- As capture does.
insert into event (number, month, door, kind, operator, site, id, body)
select 1::bigint << 60, month, door, kind, operator, site, 'urn:rights', body from event limit 1;

-- name: change_an_event
-- What somebody said.
update event set body = 'other' returning 1;

-- name: delete_an_event
-- What somebody said.
delete from event returning 1;

-- name: read_an_event
-- What somebody said.
select body from event;

-- name: forget_an_identity
-- So that an event would count twice.
delete from identity returning 1;

-- name: change_what_was_mentioned
-- What lineage and amounts are read from.
update mention set amount = 0 returning 1;

-- name: change_a_record
-- What followers read.
update record set body = '' returning 1;

-- name: move_offsets
-- As a lane does.
insert into stream_offset (reader, topic, part, next) values ('rights', 'farm', 0, 1);

-- name: raise_an_alert
-- As the judge does.
insert into alert (id, rule, subject, severity, standing, historical, version, position, raised_at, changed_at)
values ('rights', 'R', 'x', 'info', true, false, 1, 1, 1, 1);

-- name: withdraw_an_alert
-- As the judge does.
update alert set standing = false where id = 'none' returning 1;

-- name: rewrite_a_version_of_an_alert
-- What it said then.
update alert_version set reason = 'other' returning 1;

-- name: add_a_version_of_a_scope
-- As the judge does.
insert into scope_version (scope, version, position, at, status, reason, cause, members, held, inferred, co_descendants, changes)
values ('rights', 1, 1, 1, 'draft', '', -1, 0, 0, 0, 0, '');

-- name: delete_versions_of_scopes
-- What stood then.
delete from scope_version returning 1;

-- name: move_the_judges_position
-- As the judge does; two judges are told apart by it.
update follower_position set position = position where follower = 'judge' returning 1;

-- name: move_the_notices_position
-- As notices do.
update follower_position set position = position where follower = 'notices' returning 1;

-- name: read_who_a_person_is
-- The one table that says so.
select value from person;

-- name: erase_a_person
-- As whoever answers for personal data does.
update person set value = null where pseudonym = 'none';

-- name: read_the_hashes_of_keys
-- What keys are held against.
select hash from api_key;

-- name: make_a_key
-- As an administrator does by the door.
insert into api_key (id, hash, sender, role, operators, grid, tenant, note, created_at, created_by, expires_at)
values ('rights', 'rights', 'x', 'producer', '{}', '', '', '', 1, 'x', 2);

-- name: note_a_reading
-- As the door does before it answers.
insert into access_log (at, sender, role, tenant, key, operation, subject, whose) values (1, 'x', 'x', 'x', 'x', 'x', 'x', '{}');

-- name: read_the_access_log
-- Who looked at whose data.
select subject from access_log;

-- name: change_the_access_log
-- Who looked at whose data.
update access_log set sender = 'other' returning 1;

-- name: delete_the_access_log
-- Who looked at whose data.
delete from access_log returning 1;

-- name: read_what_was_refused
-- Whole, persons' names and all.
select raw from rejected;

-- name: refuse_an_event
-- As capture does.
insert into rejected (sender, digest, role, tenant, channel, received_at, last_at, raw, field, value, rule)
values (1, 'rights', '', '', '', 1, 1, '', '', '', '');

-- name: read_the_secrets_of_subscribers
-- What notices are signed with.
select secret from subscriber;

-- name: settle_a_notice
-- As whoever posts them does.
update notice set tries = tries where id = 'none';

-- name: empty_the_alerts
-- As a rebuild does.
truncate alert, alert_version;

-- name: make_a_table
-- Or anything else of one's own.
create table of_mine (x integer);

-- name: change_a_table
-- Or anything else of the owner's.
alter table event add column x integer;

-- name: read_the_passwords_of_users
-- As hashes.
select rolpassword from pg_authid;

-- name: become_the_owner
-- And do anything.
set role fieldline;

-- name: read_a_file_of_the_server
-- Of any kind.
select pg_read_file('/etc/hostname');

-- name: register_anew_what_waited_unread
-- As a lane does after an upgrade: what waits, and nothing else, is forgotten first.
select forget_unread('{}', '{}', '{}');
