-- Only what is captured at this very moment may begin to wait for a later release: an event of our own transaction, whose
-- block is no entry yet. What is in the ledger was read, or waits already, and nobody may have its identity forgotten.

create function unread_of_the_moment() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
    if exists (select from ledger where block = new.number >> 16) or not exists (select from event where number = new.number) then
        raise exception 'event % is not being captured: it cannot begin to wait to be read', new.number using errcode = 'insufficient_privilege';
    end if;
    return new;
end $$;
create trigger of_the_moment before insert or update on unread for each row execute function unread_of_the_moment();
comment on function unread_of_the_moment is 'Keeps what is in the ledger from being said to be unread.';
