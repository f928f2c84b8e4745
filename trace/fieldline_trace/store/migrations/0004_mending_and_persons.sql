-- What was refused can be mended and replayed; what tells who a person is stands apart from what was said.

alter table door add column mender text collate "C" not null default '';
alter table door drop constraint door_sender_role_tenant_channel_history_key;
alter table door add constraint door_once unique (sender, role, tenant, channel, history, mender);
comment on column door.mender is 'Who mended what the sender had handed in; empty where it is as the sender said it.';

alter table rejected
    add column history    boolean not null default false,
    add column operators  text[],
    add column event_id   text collate "C",
    add column code       text collate "C" not null default '',
    add column arguments  jsonb not null default '{}',
    add column mended     bytea,
    add column mended_by  text,
    add column mended_at  bigint,
    add column settled_by text,
    add column settled_at bigint,
    add column reason     text not null default '',
    add column event      bigint;
create index rejected_unsettled on rejected (sender, event_id) where status in ('open', 'mended');
comment on column rejected.status is
    'open; mended: has a corrected text; replayed: is in the ledger; resent: its sender handed in an event with its id; dismissed.';
comment on column rejected.operators is 'Whom the sender could speak for when it was handed in; null: anybody.';
comment on column rejected.event_id is 'The id that it bears, where that much can be read.';
comment on column rejected.code is 'Code of the fault; with its arguments the rule in any language.';
comment on column rejected.mended is 'The corrected text; the original stays in raw.';
comment on column rejected.settled_by is 'Who replayed or dismissed it; the sender where it was handed in anew.';
comment on column rejected.event is 'The event that it became, or that came in its place.';

create table person (
    pseudonym text collate "C" primary key,
    tenant    text collate "C" not null,
    value     text,
    first_at  bigint not null,
    erased_at bigint,
    erased_by text,
    reason    text not null default ''
);
comment on table person is 'Who is meant by a pseudonym. Events, records and the ledger hold the pseudonym alone.';
comment on column person.value is 'Null once it is erased; what comes of the same person later is not kept either.';
