-- Sessions of the console that were ended by whoever opened them: no replica lets them in any more.

create table session_ended (
    session bytea primary key,
    key     text not null references api_key (id),
    until   bigint not null
);
create index session_ended_of_key on session_ended (key);
comment on table session_ended is 'Sessions that people ended before their time.';
comment on column session_ended.session is 'SHA-256 of the cookie.';
comment on column session_ended.until is 'When the session would have ended by itself, seconds since 1970 UTC; then this may be forgotten.';
