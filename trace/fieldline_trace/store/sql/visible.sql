-- name: visible_mentions
-- What events say of batches, for finding those that somebody said or signed. Uses mention_batch.
select batch, event, site, role from mention where batch = any($1::bigint[]);

-- name: visible_grids
-- How often whose events of some ledger entries named which administrative code for which site. Reads the events of these entries alone.
select e.site, e.operator, e.grid, count(*) as count
from ledger l join event e on e.number >= l.block << 16 and e.number < (l.block + 1) << 16
where l.position > $1 and l.position <= $2 and e.grid is not null and e.site > 0
group by e.site, e.operator, e.grid;

-- name: visible_events_named
-- Numbers of all events, variants among them, under these ids, of whichever sender.
select i.number from identity i where i.id = any($1::text[])
union
select v.number from identity_variant v where v.id = any($1::text[]);
