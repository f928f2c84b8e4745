-- What was refused is told on a stream, where there is one: each row at least once.

alter table rejected add column told_at bigint;
create index rejected_untold on rejected (number) where told_at is null;
comment on column rejected.told_at is 'When it was told on the topic of what was refused; null where it was not yet, or there is no stream.';
