-- What came in a version that the release which captured it could not read.

create table unread (
    number bigint primary key
);
comment on table unread is 'Events that wait for a release that can read them; once it has taken them in anew they leave.';
