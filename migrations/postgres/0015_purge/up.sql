-- A deleted workspace is purged by the system role, which deletes in the one workspace that the transaction names. The
-- app role still deletes nothing of what is append-only.

do $$
declare t text;
begin
  -- What the system role does not see otherwise.
  foreach t in array array['daily_wins', 'moves', 'campaigns', 'agent_steps', 'agent_runs', 'agents',
    'onboarding_sessions', 'context_versions', 'business_contexts', 'foundations', 'icps', 'budgets'] loop
    execute format('create policy purge on %I to rf_system
      using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', t);
    execute format('grant select, delete on %I to rf_system', t);
  end loop;
  -- What it reads of every workspace.
  foreach t in array array['api_keys', 'memberships'] loop
    execute format('create policy purge on %I for delete to rf_system
      using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', t);
    execute format('grant delete on %I to rf_system', t);
  end loop;
  -- What it may do anything with by its policy: there the rule takes away instead of giving.
  foreach t in array array['jobs', 'events', 'invitations'] loop
    execute format('create policy purge on %I as restrictive for delete to rf_system
      using (workspace_id = (select nullif(current_setting(''app.workspace_id'', true), '''')::uuid))', t);
    execute format('grant delete on %I to rf_system', t);
  end loop;
end $$;

create policy purge on workspaces for delete to rf_system
  using (id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
create policy purge on event_streams as restrictive for delete to rf_system
  using (stream_id = (select nullif(current_setting('app.workspace_id', true), '')::uuid));
grant delete on workspaces, event_streams to rf_system;
