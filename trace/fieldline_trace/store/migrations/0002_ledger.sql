-- The ledger: the order of all that became known. Everything else is recomputed from it and from the events.

create sequence block;
comment on sequence block is 'Event number = block << 16 | index. Blocks are taken before the transaction; some are never used.';

create table ledger (
    position    bigint primary key,
    received_at bigint not null,
    block       bigint not null unique,
    count       integer not null,
    leaves      bytea not null,
    prev        bytea not null,
    hash        bytea not null
);
alter table ledger alter column leaves set storage external;
comment on table ledger is 'One entry for each captured micro-batch; positions have no gap, received_at (microseconds since 1970) strictly increases.';
comment on column ledger.leaves is 'One SHA-256 an event, in order: 32 bytes each.';
comment on column ledger.hash is 'SHA-256 of prev, position, received_at, block (8 bytes each, big-endian) and leaves.';

create table record (
    block bigint primary key,
    body  bytea not null
);
alter table record alter column body set storage external;
comment on table record is 'What followers need of an entry, packed in columns. By block, so that it is written before the head is locked.';

create table ledger_head (
    one         boolean primary key default true check (one),
    position    bigint not null,
    received_at bigint not null,
    hash        bytea not null
);
insert into ledger_head (position, received_at, hash) values (0, 0, sha256('fieldline.ledger.1'));
comment on table ledger_head is 'The last entry. Its row lock is the queue in which commits of several lanes stand.';

create function append_entry(
    new_block bigint, new_count integer, new_leaves bytea,
    out new_position bigint, out new_received_at bigint
) language plpgsql as $$
declare
    head ledger_head;
    new_hash bytea;
begin
    select * into strict head from ledger_head for update;
    new_position := head.position + 1;
    -- A clock that is set back must not make receipt go backwards.
    new_received_at := greatest(head.received_at + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint);
    new_hash := sha256(head.hash || int8send(new_position) || int8send(new_received_at) || int8send(new_block) || new_leaves);
    insert into ledger (position, received_at, block, count, leaves, prev, hash)
        values (new_position, new_received_at, new_block, new_count, new_leaves, head.hash, new_hash);
    update ledger_head set position = new_position, received_at = new_received_at, hash = new_hash;
    perform pg_notify('ledger', new_position::text);
end $$;
comment on function append_entry is 'The last statement of capture: takes the head, writes the entry, wakes followers.';
