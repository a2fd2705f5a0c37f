-- What executions wait for from outside. A row is here exactly while its wait is open.
create table ${schema}.wait_groups (
  workflow_id uuid not null references ${schema}.workflow_executions (id) on delete cascade,
  seq int not null,
  path text not null,
  mode text not null check (mode in ('any', 'all')),
  signals text[] not null,
  opened_at timestamptz not null,
  primary key (workflow_id, seq)
);

-- The mailbox: what was sent to an execution, in the order of its arrival.
create table ${schema}.pending_events (
  workflow_id uuid not null references ${schema}.workflow_executions (id) on delete cascade,
  id bigint generated always as identity,
  kind text not null check (kind in ('event', 'input', 'child', 'cancel')),
  event_name text not null,
  payload jsonb,
  idempotency_key text,
  status text not null check (status in ('pending', 'received')),
  received_by int,
  inserted_at timestamptz not null,
  received_at timestamptz,
  primary key (workflow_id, id)
);

create index pending_events_open
  on ${schema}.pending_events (workflow_id, id) where status = 'pending';

create unique index pending_events_once
  on ${schema}.pending_events (workflow_id, kind, event_name, idempotency_key)
  where idempotency_key is not null;

-- Which wait of the execution asks.
alter table ${schema}.pending_inputs add column seq int;

-- The children of an execution.
create index workflow_executions_children
  on ${schema}.workflow_executions (parent_workflow_id) where parent_workflow_id is not null;
