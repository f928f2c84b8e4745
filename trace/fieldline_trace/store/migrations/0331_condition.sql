-- How the whole is, in one row that every service may read, whatever else it may not: counts and times, nobody's data.

create index notice_dead on notice (subscriber) where state = 'dead';

create view condition as
select
    (extract(epoch from clock_timestamp()) * 1000000)::bigint as now,
    head.position,
    head.received_at,
    coalesce((select position from follower_position where follower = 'judge'), 0) as judged,
    coalesce((select position from follower_position where follower = 'notices'), 0) as noticed,
    coalesce((select position from follower_position where follower = 'topics'), 0) as published,
    (select received_at from ledger where ledger.position =
        (select least(f.position + 1, head.position) from follower_position f where follower = 'judge')) as unjudged_since,
    (select next_deadline from follower_position where follower = 'judge') as next_deadline,
    (select count(*) from (select from rejected where status in ('open', 'mended') limit 10000) as several) as refused_open,
    (select count(*) from (select from notice where state = 'waiting' limit 10000) as several) as notices_waiting,
    (select count(*) from (select from notice where state = 'dead' limit 10000) as several) as notices_dead,
    coalesce((
        select bool_and(
            hash = sha256(prev || int8send(tail.position) || int8send(tail.received_at) || int8send(block) || leaves)
            and prev = coalesce(before, prev)
        ) and bool_or(tail.position = head.position and hash = head.hash)
        from (
            select *, lag(hash) over (order by position) as before
            from (select * from ledger where ledger.position <= head.position order by position desc limit 20) last
        ) tail
    ), head.position = 0) as tail_whole
from ledger_head head;
comment on view condition is 'Where the ledger, the followers and what waits stand. Counts stop at 10,000; the chain is walked over its last 20 entries.';
