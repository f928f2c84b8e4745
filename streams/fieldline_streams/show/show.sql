-- name: show_events
-- How often each id of each sender is stored.
select p.key as sender, e.id, count(*) as times
from event e join door d on d.number = e.door join party p on p.number = d.sender
group by p.key, e.id;

-- name: show_sites
-- All sites.
select number, key from site;

-- name: show_some_event
-- One event in the middle of the ledger, with its position.
select e.number, e.body, e.month, l.position
from event e join ledger l on l.block = e.number >> 16
where l.position = $1 order by e.number offset $2 limit 1;

-- name: show_change_body
-- Another body for one event.
update event set body = $2 where number = $1;

-- name: show_change_hash
-- Another hash for one entry.
update ledger set hash = $2 where position = $1;

-- name: show_hash
-- The hash of one entry.
select hash from ledger where position = $1;

-- name: show_delete_event
-- One event, gone.
delete from event where number = $1 returning month, door, kind, operator, site, id, grid, body;

-- name: show_restore_event
-- And back again.
insert into event (number, month, door, kind, operator, site, id, grid, body) values ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: show_move_entry
-- One entry at another position.
update ledger set position = $2 where position = $1;

-- name: show_received_at
-- When an entry was received.
select received_at from ledger where position = $1;

-- name: show_change_received_at
-- Says that it was received at another time.
update ledger set received_at = $2 where position = $1;

-- name: show_chain_anew
-- Makes every hash anew, so that the chain looks whole.
do $$
declare
    entry record;
    last bytea := sha256('fieldline.ledger.1');
begin
    for entry in select * from ledger order by position loop
        update ledger set prev = last,
            hash = sha256(last || int8send(entry.position) || int8send(entry.received_at) || int8send(entry.block)
                          || entry.leaves)
        where position = entry.position returning hash into last;
    end loop;
    update ledger_head set hash = last;
end $$;
