-- name: capture_open
-- The database's time (microseconds since 1970 UTC), the month of it, and a block of event numbers of our own. A clock
-- that is set back stands still here, as it does for the entry: what lies ahead is told by the time of receipt. And
-- whether anything that these senders handed in before waits to be mended. Uses rejected_unsettled.
select now, date_trunc('month', to_timestamp(now / 1000000) at time zone 'UTC')::date as month, nextval('block') as block,
       exists (select from rejected where sender = any($1::integer[]) and status in ('open', 'mended') and event_id is not null)
           as unsettled
from (
    select greatest(
        (extract(epoch from clock_timestamp()) * 1000000)::bigint, (select received_at + 1 from ledger_head)
    ) as now
) as clock;

-- name: capture_unsettled
-- Whether anything that these senders handed in before waits to be mended. Uses rejected_unsettled.
select exists (
    select from rejected where sender = any($1::integer[]) and status in ('open', 'mended') and event_id is not null
);

-- name: capture_month
-- Makes the partition for a month of receipt.
select ensure_event_month($1);

-- name: capture_door
-- The number of a door; null where it is new.
select number from door
where sender = $1 and role = $2 and tenant = $3 and channel = $4 and history = $5 and mender = $6;

-- name: capture_door_new
-- A new door; nothing where another lane was faster.
insert into door (sender, role, tenant, channel, history, mender) values ($1, $2, $3, $4, $5, $6) on conflict do nothing;

-- name: keys_batch
-- Numbers of the batches among these that are known.
select b.key, b.number from unnest($1::text[]) as wanted (key) join batch b on b.key = wanted.key collate "C";

-- name: keys_batch_new
-- New batches, in the given (sorted) order. Its commit need not reach the disk: whatever uses a number commits later,
-- and takes this along. Those that another lane has just made are missing from the answer.
with relaxed as materialized (select set_config('synchronous_commit', 'off', true))
insert into batch (key) select wanted.key from relaxed, unnest($1::text[]) as wanted (key)
on conflict (key) do nothing returning key, number;

-- name: keys_site
-- Numbers of the sites among these that are known.
select s.key, s.number from unnest($1::text[]) as wanted (key) join site s on s.key = wanted.key collate "C";

-- name: keys_site_new
-- New sites, as keys_batch_new.
with relaxed as materialized (select set_config('synchronous_commit', 'off', true))
insert into site (key) select wanted.key from relaxed, unnest($1::text[]) as wanted (key)
on conflict (key) do nothing returning key, number;

-- name: keys_party
-- Numbers of the parties among these that are known.
select p.key, p.number from unnest($1::text[]) as wanted (key) join party p on p.key = wanted.key collate "C";

-- name: keys_party_new
-- New parties, as keys_batch_new.
with relaxed as materialized (select set_config('synchronous_commit', 'off', true))
insert into party (key) select wanted.key from relaxed, unnest($1::text[]) as wanted (key)
on conflict (key) do nothing returning key, number;

-- name: identity_known
-- The first event under each of these ids of senders, where there is one.
select i.sender, i.id, i.digest, i.number
from unnest($1::integer[], $2::text[]) as wanted (sender, id)
join identity i on i.sender = wanted.sender and i.id = wanted.id collate "C";

-- name: identity_variants
-- Later variants under these ids of senders, oldest first.
select v.sender, v.id, v.digest, v.canonical, v.number
from unnest($1::integer[], $2::text[]) as wanted (sender, id)
join identity_variant v on v.sender = wanted.sender and v.id = wanted.id collate "C"
order by v.number;

-- name: identity_variant_new
-- Later variants, in the given (sorted) order, so that two lanes never wait for each other in a circle.
-- Waits for a lane that is storing the same variant, and skips it once that has committed.
insert into identity_variant (sender, id, canonical, digest, number)
select sender, id, canonical, digest, number
from unnest($1::integer[], $2::text[], $3::bytea[], $4::bytea[], $5::bigint[])
    as said (sender, id, canonical, digest, number)
on conflict do nothing;

-- name: event_bodies
-- Raw events by number, for comparing contents.
select number, body from event where number = any($1::bigint[]);

-- name: labels_new
-- Lot numbers as printed, in the given (sorted) order.
insert into batch_label (batch, label) select batch, label from unnest($1::bigint[], $2::text[]) as said (batch, label)
on conflict do nothing;

-- name: rejected_new
-- Refused events, in the given (sorted by sender and digest) order; whom each may speak for as a JSON array of texts. The
-- same bytes from the same sender count up one row, whose fate stays what it is: what was mended, replayed or dismissed
-- is not opened by being handed in again.
insert into rejected
    (sender, role, tenant, channel, history, operators, received_at, last_at, digest, times, raw, event_id,
     field, value, rule, code, arguments)
select sender, role, tenant, channel, history,
       case when operators is not null then array(select jsonb_array_elements_text(operators::jsonb)) end,
       $1, $1, digest, times, raw, event_id, field, value, rule, code, arguments
from unnest($2::integer[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::text[], $8::bytea[], $9::integer[],
            $10::bytea[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::jsonb[])
    as said (sender, role, tenant, channel, history, operators, digest, times, raw, event_id, field, value, rule, code,
             arguments)
on conflict (sender, digest) do update set last_at = excluded.last_at, times = rejected.times + excluded.times
returning sender, digest, number;

-- name: rejected_resent
-- What senders have now handed in under the ids of what waits to be mended: that waits no longer. In order of number, so
-- that lanes do not wait for each other in a circle. Uses rejected_unsettled.
update rejected r set status = 'resent', settled_at = $1, settled_by = found.name, event = found.event
from (
    select r.number, said.event, said.name
    from unnest($2::integer[], $3::text[], $4::text[], $5::bigint[]) as said (sender, name, id, event)
    join rejected r on r.sender = said.sender and r.event_id = said.id collate "C" and r.status in ('open', 'mended')
    order by r.number for update of r
) as found
where r.number = found.number;

-- name: persons_new
-- Who is meant by pseudonyms, in the given (sorted) order. Who was erased stays erased.
insert into person (pseudonym, tenant, value, first_at)
select pseudonym, tenant, value, $1 from unnest($2::text[], $3::text[], $4::text[]) as said (pseudonym, tenant, value)
on conflict (pseudonym) do nothing;

-- name: record_new
-- What followers need of the entry.
insert into record (block, body) values ($1, $2);

-- name: ledger_append
-- Takes the head, writes the entry, wakes followers. The last statement of the transaction: lanes queue only here.
select new_position as position, new_received_at as received_at from append_entry($1, $2, $3);

-- name: rejected_rows
-- What was refused, by number, with all that is needed to take it in again. Locks the rows.
select r.number, p.key as sender, r.role, r.tenant, r.channel, r.history, r.operators, r.raw, r.mended, r.mended_by,
       r.status, r.event, r.event_id
from rejected r join party p on p.number = r.sender
where r.number = any($1::bigint[]) order by r.number for update of r;

-- name: rejected_unsettled_after
-- Numbers of what waits to be mended or replayed after a number: of one sender (null: of all), refused for a rule that
-- contains a text (null: for any).
select r.number from rejected r join party p on p.number = r.sender
where r.number > $1 and r.status in ('open', 'mended') and ($2::text is null or p.key = $2)
  and ($3::text is null or strpos(lower(r.rule), lower($3)) > 0 or r.code = $3)
order by r.number limit $4;

-- name: rejected_mend
-- A corrected text, by whom.
update rejected set status = 'mended', mended = $2, mended_by = $3,
    mended_at = (extract(epoch from clock_timestamp()) * 1000000)::bigint
where number = $1;

-- name: rejected_settle
-- What became of rows: the event of each (null where there is none), by whom, and why.
update rejected r set status = $2, settled_by = $3, reason = $4, event = coalesce(said.event, r.event),
    settled_at = (extract(epoch from clock_timestamp()) * 1000000)::bigint
from unnest($1::bigint[], $5::bigint[]) as said (number, event) where r.number = said.number;

-- name: rejected_forget
-- Forget the text of what was dismissed.
update rejected set raw = '', mended = null, value = '', arguments = '{}' where number = any($1::bigint[]);

-- name: rejected_fault
-- Why what was tried again is still refused.
update rejected set field = $2, value = $3, rule = $4, code = $5, arguments = $6 where number = $1;

-- name: person_one
-- Who is meant by a pseudonym.
select pseudonym, value, first_at, erased_at, erased_by, reason from person where pseudonym = $1;

-- name: person_for_update
-- The same, so that two who erase do not meet.
select value from person where pseudonym = $1 for update;

-- name: person_erase
-- Forget who is meant.
update person set value = null, erased_by = $2, reason = $3,
    erased_at = (extract(epoch from clock_timestamp()) * 1000000)::bigint
where pseudonym = $1;

-- name: rejected_erase
-- Forget the text of what was refused and contains one of these spellings. What waited is dismissed. Reads the table.
update rejected set raw = '', mended = null, value = '', reason = $3, arguments = '{}',
    status = case when status in ('open', 'mended') then 'dismissed' else status end,
    settled_by = coalesce(settled_by, $2),
    settled_at = coalesce(settled_at, (extract(epoch from clock_timestamp()) * 1000000)::bigint)
where exists (
    select from unnest($1::bytea[]) as spelled (bytes)
    where position(bytes in raw) > 0 or position(bytes in coalesce(mended, '')) > 0
)
returning number;
