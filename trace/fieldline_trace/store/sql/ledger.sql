-- name: ledger_after
-- Entries after a position, in order, with their records.
select l.position, l.received_at, l.block, l.count, r.body as record
from ledger l join record r on r.block = l.block
where l.position > $1 order by l.position limit $2;

-- name: ledger_head
-- The last position, its time of receipt and its hash; position 0 where the ledger is empty.
select position, received_at, hash from ledger_head;

-- name: ledger_head_shared
-- The same, after waiting for lanes that are committing: what is answered for this position will not change.
select position, received_at, hash from ledger_head for share;

-- name: ledger_position_at
-- The last position that was received at or before a time (microseconds); 0 where there is none.
select coalesce(max(position), 0) from ledger where received_at <= $1;

-- name: ledger_chain
-- All entries as they were chained, for verifying.
select position, received_at, block, count, leaves, prev, hash from ledger order by position;

-- name: ledger_entry_at
-- Time of receipt and hash of one entry, to hold against what was signed of it.
select received_at, hash from ledger where position = $1;

-- name: ledger_events
-- The stored events of one block in order, with their doors, which event their id was first registered for, and as what
-- content this one is. An id that is registered for a later event belongs to one that was taken in anew when it could be
-- read; to this one, it was the first.
select e.number, e.id, e.kind, e.operator, e.site, e.grid, e.body,
       p.key as sender, d.role, d.tenant, d.channel, d.mender, d.history, least(i.number, e.number) as first,
       case when i.number >= e.number then i.digest else v.digest end as registered, v.canonical
from event e
left join door d on d.number = e.door
left join party p on p.number = d.sender
left join identity i on i.sender = d.sender and i.id = e.id
left join identity_variant v on v.sender = d.sender and v.id = e.id and v.number = e.number
where e.number >= $1 and e.number < $1 + 65536 order by e.number;

-- name: ledger_record
-- The record of one block.
select body from record where block = $1;

-- name: ledger_mentions
-- Of each block, how many mentions its events have, and the sum of their fingerprints. Reads the table once.
select event >> 16 as block, count(*) as count, sum(('x' || substr(md5(concat_ws(
    ' ', batch, event, site, role, coalesce(amount::text, ''), coalesce(unit, '')
)), 1, 16))::bit(64)::bigint) as sum
from mention group by 1;

-- name: ledger_first_of
-- Of these blocks the one that comes first in the ledger.
select position, block, count from ledger where block = any($1::bigint[]) order by position limit 1;

-- name: ledger_mentions_of_block
-- The mentions of one block's events. Reads the table.
select batch, event, site, role, amount::text, unit from mention
where event >= $1 and event < $1 + 65536 order by event, batch, site, role;

-- name: ledger_label_missing
-- One of these batches whose lot number as printed is not kept; nothing where all are.
select said.batch from unnest($1::bigint[], $2::text[]) as said (batch, label)
where not exists (select from batch_label l where l.batch = said.batch and l.label = said.label) limit 1;

-- name: ledger_strays
-- An event of a block that the ledger does not know: added by hand.
select e.number from event e
where not exists (select from ledger l where l.block = e.number >> 16) order by e.number limit 1;

-- name: event_rows
-- Stored events by number, with position, time of receipt and door, in order of number.
select e.number, l.position, l.received_at, e.id, e.kind, o.key as operator, s.key as site, e.grid, e.body,
       p.key as sender, d.role, d.tenant, d.channel, d.mender
from event e
join ledger l on l.block = e.number >> 16
join door d on d.number = e.door
join party p on p.number = d.sender
left join party o on o.number = e.operator
left join site s on s.number = e.site
where e.number = any($1::bigint[]) order by e.number;

-- name: batch_keys
-- Canonical keys of batches by number.
select number, key from batch where number = any($1::bigint[]);

-- name: site_keys
-- Canonical keys of sites by number.
select number, key from site where number = any($1::integer[]);

-- name: party_keys
-- Keys of parties by number.
select number, key from party where number = any($1::integer[]);

-- name: batch_number
-- The number of a batch by its canonical key.
select number from batch where key = $1;

-- name: site_number
-- The number of a site by its canonical key.
select number from site where key = $1;

-- name: party_number
-- The number of a party by its key.
select number from party where key = $1;

-- name: batches_after
-- Batches in order of number, for those who hold all of them.
select number, key from batch where number > $1 order by number limit $2;

-- name: batches_between
-- Keys in a range of code points, for suggesting near ones.
select key from batch where key >= $1 and key < $2 order by key limit $3;

-- name: batches_containing
-- Keys that contain a text, whatever its case: for those who know only a lot number. Reads the table.
select key from batch where strpos(lower(key), lower($1)) > 0 order by length(key), key limit $2;

-- name: batches_labelled
-- Batches that bear a lot number as printed.
select b.key from batch_label l join batch b on b.number = l.batch where l.label = $1 order by b.key limit $2;

-- name: labels
-- Lot numbers as printed of these batches.
select batch, label from batch_label where batch = any($1::bigint[]) order by batch, label;
