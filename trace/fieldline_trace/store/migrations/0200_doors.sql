-- Who may come in by the HTTP door, and who looked at whose data.

create table api_key (
    id         text collate "C" primary key,
    hash       bytea not null unique,
    sender     text collate "C" not null,
    role       text collate "C" not null,
    operators  text[] collate "C" not null,
    grid       text collate "C" not null,
    tenant     text collate "C" not null,
    note       text not null,
    created_at bigint not null,
    created_by text collate "C" not null,
    expires_at bigint not null,
    revoked_at bigint,
    replaces   text collate "C"
);
comment on table api_key is 'Keys of the HTTP door: who comes with one speaks as its sender, in its role. Times are microseconds since 1970.';
comment on column api_key.hash is 'SHA-256 of the whole key, whose secret part has 256 bits: the key itself is kept nowhere.';
comment on column api_key.operators is 'Whose events and holdings are its own, beside what the sender handed in; * is anybody''s.';
comment on column api_key.grid is 'Prefix of administrative codes: the jurisdiction; empty is everywhere.';
comment on column api_key.replaces is 'The key that this one was made for when it was rotated.';

create table access_log (
    number    bigint generated always as identity primary key,
    at        bigint not null,
    sender    text collate "C" not null,
    role      text collate "C" not null,
    tenant    text collate "C" not null,
    key       text collate "C" not null,
    operation text collate "C" not null,
    subject   text not null,
    whose     text[] collate "C" not null
);
create index access_log_whose on access_log using gin (whose);
comment on table access_log is 'Each reading of another''s data, written before it was answered.';
comment on column access_log.whose is 'Senders and operators whose data were read, those of the reader left out.';
