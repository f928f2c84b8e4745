-- name: naive_tables
-- What a straightforward service has: each link between holdings (a batch at a site) with its event, no times; whether it
-- made a lot, which holds for the lot wherever it is; and the holdings.
create table link (
    child_batch bigint not null,
    child_site integer not null,
    parent_batch bigint not null,
    parent_site integer not null,
    event bigint not null,
    whole boolean not null
);
create table holding (batch bigint not null, site integer not null);

-- name: naive_indexes
-- One each way.
create index on link (parent_batch, parent_site);
create index on link (child_batch, child_site);
create index on holding (batch, site);

-- name: naive_analyze
-- Statistics for the planner, and visibility for index-only scans.
vacuum analyze link, holding;

-- name: same_forward
-- The members that the index names when it does not trust times: what enters a lot is in all its holdings.
with recursive reached (batch, site) as (
    select $1::bigint, unnest($2::integer[])
    union
    select holding.batch, holding.site
    from reached
    join link on (link.parent_batch, link.parent_site) = (reached.batch, reached.site)
    join holding on holding.batch = link.child_batch and (link.whole or holding.site = link.child_site)
)
select batch, site from reached;

-- name: same_backward
-- The same, the other way: what any holding of a lot was made of.
with recursive reached (batch, site) as (
    select $1::bigint, unnest($2::integer[])
    union
    select link.parent_batch, link.parent_site
    from reached
    join link on link.child_batch = reached.batch and (link.whole or link.child_site = reached.site)
)
select batch, site from reached;

-- name: naive_forward
-- Links alone, lots not whole: what a shipment without a record cuts off is not found.
with recursive reached (batch, site) as (
    select $1::bigint, unnest($2::integer[])
    union
    select link.child_batch, link.child_site
    from reached join link on (link.parent_batch, link.parent_site) = (reached.batch, reached.site)
)
select batch, site from reached;

-- name: naive_backward
-- Links alone, the other way.
with recursive reached (batch, site) as (
    select $1::bigint, unnest($2::integer[])
    union
    select link.parent_batch, link.parent_site
    from reached join link on (link.child_batch, link.child_site) = (reached.batch, reached.site)
)
select batch, site from reached;

-- name: least_tables
-- The least that PostgreSQL can do: holdings numbered beforehand, each way in an index that covers it.
create table numbered (child integer not null, parent integer not null);

-- name: least_indexes
-- One each way, the other column included.
create index on numbered (parent) include (child);
create index on numbered (child) include (parent);

-- name: least_analyze
-- Statistics, and visibility for index-only scans.
vacuum analyze numbered;

-- name: least_forward
-- How many holdings come of some, these among them; none is named.
with recursive reached (holding) as (
    select unnest($1::integer[])
    union
    select numbered.child from reached join numbered on numbered.parent = reached.holding
)
select count(*) from reached;

-- name: least_backward
-- How many holdings some come of, these among them; none is named.
with recursive reached (holding) as (
    select unnest($1::integer[])
    union
    select numbered.parent from reached join numbered on numbered.child = reached.holding
)
select count(*) from reached;
