-- What capture may do to the ledger without owning it: append, and nothing else. The functions run as their owner; who
-- may call them is granted by `fieldline database roles`.

alter function append_entry(bigint, integer, bytea) security definer set search_path = public, pg_temp;
revoke execute on function append_entry(bigint, integer, bytea) from public;
alter function ensure_event_month(date) security definer set search_path = public, pg_temp;
revoke execute on function ensure_event_month(date) from public;

-- A follower moves its own position, and no other one's. The owner, who rebuilds, is not bound by this.
alter table follower_position enable row level security;
create policy anybody_reads on follower_position for select using (true);
create policy each_moves_its_own on follower_position for update using (
    case current_user
        when 'fieldline_judge' then follower = 'judge'
        when 'fieldline_notices' then follower in ('notices', 'topics')
        else false
    end
);
