-- name: unread_add
-- Events that this release cannot read yet.
insert into unread (number) select unnest($1::bigint[]);

-- name: unread_rows
-- Events that wait for a later release, and how they came, in order, from behind one of them on.
select e.number, e.id, e.body, d.sender as party, p.key as sender, d.role, d.tenant, d.channel, d.history, d.mender
from unread u join event e on e.number = u.number join door d on d.number = e.door join party p on p.number = d.sender
where u.number > $2 order by u.number limit $1;

-- name: unread_anew
-- Their ids are registered for nothing any more, so that they can be taken in anew.
select forget_unread($1::text[], $2::integer[], $3::bigint[]);

-- name: unread_done
-- They wait no more.
delete from unread where number = any($1::bigint[]);
