-- name: score_events
-- Events of some kinds up to a position, in the order of the ledger, for a cursor. Reads the tables.
select e.number, e.kind, e.body
from event e join ledger l on l.block = e.number >> 16
where e.kind = any($1::smallint[]) and l.position <= $2
order by l.position, e.number;
