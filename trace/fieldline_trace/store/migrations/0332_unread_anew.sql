-- What waits for a later release is registered anew when that reads it. A lane may forget the identity of such an event,
-- and of no other: it has no right to delete identities itself.

create function forget_unread(ids text[], parties integer[], numbers bigint[]) returns void
language sql security definer set search_path = public, pg_temp as $$
    delete from identity i using unnest(ids, parties, numbers) as u (id, party, number)
    where i.id = u.id and i.sender = u.party and i.number = u.number and exists (select from unread where unread.number = u.number);
    delete from identity_variant v using unnest(ids, parties, numbers) as u (id, party, number)
    where v.id = u.id and v.sender = u.party and v.number = u.number and exists (select from unread where unread.number = u.number);
$$;
revoke execute on function forget_unread(text[], integer[], bigint[]) from public;
comment on function forget_unread is 'Forgets under what identity events that wait to be readable are registered.';
