-- name: naive_tables
-- What a straightforward service would have: each link between holdings, no times.
create table link (child bigint not null, parent bigint not null);

-- name: naive_indexes
-- Each way answered from an index alone.
create index on link (parent) include (child);
create index on link (child) include (parent);

-- name: naive_analyze
-- Statistics, and visibility for index-only scans.
vacuum analyze link;

-- name: naive_forward
-- How many holdings come of some, these among them.
with recursive reached (holding) as (
    select unnest($1::bigint[])
    union
    select link.child from reached join link on link.parent = reached.holding
)
select count(*) from reached;

-- name: naive_backward
-- How many holdings some come of, these among them.
with recursive reached (holding) as (
    select unnest($1::bigint[])
    union
    select link.parent from reached join link on link.child = reached.holding
)
select count(*) from reached;
