-- What a follower falls over is told to all who answer and watch, whichever process they are.

create table follower_stopped (
    follower text primary key,
    position bigint not null,
    since    bigint not null,
    why      text not null
);
comment on table follower_stopped is 'Followers that stand before an entry that they cannot apply; what is behind it waits.';
comment on column follower_stopped.position is 'The entry.';
comment on column follower_stopped.since is 'When it was found, microseconds since 1970 UTC.';
comment on column follower_stopped.why is 'The type of the error; its words and where it was raised are in the log.';
