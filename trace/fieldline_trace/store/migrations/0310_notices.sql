-- Who is told of what the judge wrote, what they were told, and when the clock is to tick next.

alter table follower_position add column next_deadline bigint;
comment on column follower_position.next_deadline is
    'When the clock is to tick next, by what the judge has applied: microseconds since 1970; null: nothing is awaited.';
insert into follower_position (follower, position) values ('notices', 0), ('topics', 0);

create table seat (
    name   text collate "C" primary key,
    holder text collate "C" not null,
    until  bigint not null
);
comment on table seat is 'Work that one process at a time does, until when it has it: microseconds by the clock of the database.';

create table subscriber (
    id            text collate "C" primary key,
    url           text not null,
    topics        text[] collate "C" not null,
    content       text collate "C" not null,
    tenant        text collate "C" not null,
    note          text not null,
    secret        text not null,
    old_secret    text,
    old_until     bigint not null default 0,
    from_position bigint not null,
    created_at    bigint not null,
    created_by    text collate "C" not null,
    removed_at    bigint
);
comment on table subscriber is 'Who is told by signed webhooks. Times are microseconds since 1970.';
comment on column subscriber.content is 'whole: what the feed says; ids: what it is about alone.';
comment on column subscriber.secret is 'The key of the signatures, which both sides have.';
comment on column subscriber.old_secret is 'Until old_until what is sent bears its signature too.';
comment on column subscriber.from_position is 'It is told of what came after this position.';

create table notice (
    subscriber   text collate "C" not null references subscriber,
    id           text collate "C" not null,
    subject      text collate "C" not null,
    position     bigint not null,
    sequence     integer not null,
    received_at  bigint not null,
    body         bytea not null,
    state        text collate "C" not null default 'waiting',
    tries        integer not null default 0,
    due_at       bigint not null,
    leased_until bigint not null default 0,
    settled_at   bigint,
    said         text not null default '',
    primary key (subscriber, id)
);
create index notice_waiting on notice (subscriber, subject, position, sequence) where state = 'waiting';
create index notice_due on notice (subscriber, due_at) where state = 'waiting';
create index notice_state on notice (subscriber, state, position desc, sequence desc);
comment on table notice is 'One for each subscriber and thing that it is told.';
comment on column notice.id is 'Of the thing: equal however often it is sent, and for every subscriber.';
comment on column notice.state is 'waiting; delivered; dead: given up, until somebody has it sent again.';
comment on column notice.leased_until is 'Until then one process is posting it.';
comment on column notice.said is 'What the last try came to.';
