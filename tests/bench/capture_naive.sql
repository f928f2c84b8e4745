-- name: naive_tables
-- What a straightforward service would have: events as jsonb, batches, links.
create table naive_event (
    id uuid primary key default gen_random_uuid(),
    event_id text not null unique,
    kind text not null,
    operator text not null,
    site text not null,
    at timestamptz,
    received_at timestamptz not null default now(),
    body jsonb not null
);
create table naive_batch (id bigint generated always as identity primary key, key text not null unique);
create table naive_link (
    batch_id bigint not null references naive_batch,
    event_id uuid not null references naive_event,
    role text not null,
    amount numeric,
    unit text
);
create index on naive_link (batch_id);

-- name: naive_event
-- One event; nothing where its id is known.
insert into naive_event (event_id, kind, operator, site, body) values ($1, $2, $3, $4, $5)
on conflict do nothing returning id;

-- name: naive_batch
-- The batch's number, made if it is new.
insert into naive_batch (key) values ($1) on conflict (key) do update set key = excluded.key returning id;

-- name: naive_link
-- What the event says of the batch.
insert into naive_link (batch_id, event_id, role, amount, unit) values ($1, $2, $3, $4, $5);
