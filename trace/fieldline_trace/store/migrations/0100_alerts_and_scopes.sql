-- What the judge writes: alerts and scopes with their versions, and how far it is. All of it is recomputed by a rebuild.

create table follower_position (
    follower text collate "C" primary key,
    position bigint not null
);
insert into follower_position (follower, position) values ('judge', 0);
comment on table follower_position is 'The last position that each writing follower has applied.';

create table alert (
    id         text collate "C" primary key,
    rule       text collate "C" not null,
    subject    text not null,
    severity   text collate "C" not null,
    standing   boolean not null,
    historical boolean not null,
    version    integer not null,
    position   bigint not null,
    raised_at  bigint not null,
    changed_at bigint not null
);
create index alert_standing on alert (changed_at) where standing;
comment on table alert is 'Each alert as it is now. Its versions say what it was.';
comment on column alert.id is 'From the rule and the anchor among the evidence: equal in every run.';

create table alert_version (
    id       text collate "C" not null,
    version  integer not null,
    position bigint not null,
    at       bigint not null,
    change   text collate "C" not null,
    finding  jsonb not null,
    reason   text collate "C" not null,
    cause    bigint not null,
    primary key (id, version)
);
create index alert_version_position on alert_version (position);
comment on table alert_version is 'Raised, amended, withdrawn: every version of every alert stays readable.';
comment on column alert_version.finding is 'Code and arguments; rendered when read.';
comment on column alert_version.cause is 'Number of the event that brought the change about; -1 where time alone did.';

create table scope (
    id           text collate "C" primary key,
    status       text collate "C" not null,
    hazard_class text collate "C" not null,
    hazard       text not null,
    title        text not null,
    lot          bigint not null,
    version      integer not null,
    position     bigint not null,
    changed_at   bigint not null,
    members      integer not null,
    held         integer not null
);
comment on table scope is 'Each recall scope as it is now.';
comment on column scope.lot is 'The lot that it is about; 0 where a person named several seeds.';

create table scope_version (
    scope          text collate "C" not null,
    version        integer not null,
    position       bigint not null,
    at             bigint not null,
    status         text collate "C" not null,
    reason         text collate "C" not null,
    cause          bigint not null,
    members        integer not null,
    held           integer not null,
    inferred       integer not null,
    co_descendants integer not null,
    changes        bytea not null,
    primary key (scope, version)
);
alter table scope_version alter column changes set storage external;
create index scope_version_position on scope_version (position);
comment on table scope_version is 'What each version changed, packed in columns: added, removed, reclassified, each with its cause.';
