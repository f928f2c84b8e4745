-- How far each partition of a stream has been captured, committed together with what was captured.

create table stream_offset (
    reader    text collate "C" not null,
    topic     text collate "C" not null,
    part      integer not null,
    next      bigint not null,
    primary key (reader, topic, part)
);
comment on table stream_offset is 'Where the workers of a consumer group go on: the only truth about it. The broker holds a copy for its own tools.';
comment on column stream_offset.reader is 'The consumer group.';
comment on column stream_offset.next is 'Offset of the first message that is not captured.';
