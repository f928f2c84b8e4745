-- name: scopes_tables
-- Links between numbered holdings and hubs of lots, and who is in which scope. No disk is waited for:
-- what is measured is the work.
create unlogged table edge (parent integer not null, child integer not null);
create unlogged table member (scope integer not null, holding integer not null);

-- name: scopes_indexes
-- What an entry's links are looked up by.
create index on edge (parent) include (child);
alter table member add primary key (scope, holding);
create index on member (holding) include (scope);

-- name: scopes_analyze
-- Statistics, and visibility for index-only scans.
vacuum analyze edge, member;

-- name: scopes_entry
-- The links of an entry.
insert into edge select unnest($1::integer[]), unnest($2::integer[]);

-- name: scopes_extend
-- What the entry's links bring into scopes, and what comes of that, but for what is in already.
with recursive new (parent, child) as materialized (
    select unnest($1::integer[]), unnest($2::integer[])
),
reached (scope, holding) as (
    select member.scope, new.child from new join member on member.holding = new.parent
    where not exists (
        select from member known where (known.scope, known.holding) = (member.scope, new.child)
    )
    union
    select reached.scope, edge.child from reached join edge on edge.parent = reached.holding
    where not exists (
        select from member known where (known.scope, known.holding) = (reached.scope, edge.child)
    )
)
insert into member select scope, holding from reached on conflict do nothing;
