create table ${schema}.workflow_executions (
  id uuid primary key,
  workflow_name text not null,
  workflow_version int not null,
  fingerprint text,
  workflow_key text,
  former_key text,
  status text not null
    check (status in ('pending', 'running', 'waiting', 'completed', 'failed', 'cancelled',
                      'compensating', 'compensated', 'compensation_failed', 'parked')),
  queue text not null default 'default',
  priority int not null default 0,
  input json not null,
  output json,
  current_step text,
  error jsonb,
  parent_workflow_id uuid,
  parent_step text,
  parent_close_policy text check (parent_close_policy in ('cancel', 'abandon')),
  tags jsonb,
  wake_at timestamptz,
  deadline_at timestamptz,
  deadline_fixed boolean,
  scheduled_at timestamptz,
  started_at timestamptz,
  completed_at timestamptz,
  locked_by uuid,
  lock_token bigint not null default 0,
  recoveries int not null default 0,
  compensation_results jsonb,
  compensated_at timestamptz,
  inserted_at timestamptz not null,
  updated_at timestamptz not null,
  check (status <> 'running' or locked_by is not null),
  check (locked_by is null or status in ('running', 'compensating')),
  check (wake_at is null or (locked_by is null and status in ('pending', 'waiting', 'compensating'))),
  check (status <> 'pending' or wake_at is not null)
) with (fillfactor = 70);

-- What may be claimed at some time, for each definition in the order of claiming: first what was due when
-- the row was written, then what sleeps, by the time at which it is due. So a claim reads neither what other
-- workers are for nor what is not due, whatever its priority.
create index workflow_executions_due
  on ${schema}.workflow_executions (
    queue, workflow_name, workflow_version, coalesce(fingerprint, ''),
    (case when wake_at <= updated_at then priority end) desc nulls last, wake_at, id)
  where wake_at is not null;

-- What the clock alone ends. A row is in it while it has a deadline and belongs to no worker.
create index workflow_executions_deadline
  on ${schema}.workflow_executions (deadline_at, id)
  where deadline_at is not null and status in ('pending', 'waiting');

-- What waits for a person, or for a definition that fits.
create index workflow_executions_parked
  on ${schema}.workflow_executions (updated_at, id) where status = 'parked';

-- What a worker owns: for takeover and drain.
create index workflow_executions_owner
  on ${schema}.workflow_executions (locked_by) where locked_by is not null;

-- For lists and counts: whatever is neither on its way, which the indexes above have, nor completed.
create index workflow_executions_status
  on ${schema}.workflow_executions (status, id)
  where status in ('waiting', 'compensating', 'parked', 'failed', 'cancelled', 'compensated',
                   'compensation_failed');

create index workflow_executions_tags
  on ${schema}.workflow_executions using gin (tags jsonb_path_ops) where tags is not null;

-- How rare a tag is decides between that index and a walk from the newest on: a hundred samples do
-- not tell.
alter table ${schema}.workflow_executions alter column tags set statistics 1000;

-- A few pages in all, and next to nothing to keep: rows lie about in the order of their insertion.
create index workflow_executions_inserted
  on ${schema}.workflow_executions using brin (inserted_at timestamptz_minmax_multi_ops)
  with (pages_per_range = 32);

create unique index workflow_executions_key
  on ${schema}.workflow_executions (workflow_name, workflow_key) where workflow_key is not null;

-- Executions that have ended, and whose key a later start has: few, and found by that key.
create index workflow_executions_former_key
  on ${schema}.workflow_executions (workflow_name, former_key) where former_key is not null;

create table ${schema}.step_executions (
  workflow_id uuid not null,
  seq int not null,
  step_name text not null,
  path text not null,
  step_type text not null,
  attempt int not null check (attempt >= 1),
  status text not null
    check (status in ('running', 'completed', 'failed', 'waiting', 'cancelled')),
  input json,
  output json,
  error jsonb,
  logs jsonb,
  started_at timestamptz not null,
  completed_at timestamptz,
  compensation_for text,
  is_compensation boolean not null default false,
  child_workflow_id uuid,
  -- The compensation that a body has given to this effect; input is then what the body got, unless
  -- that is the execution's input or in another such row of the body.
  compensated_by text,
  primary key (workflow_id, seq)
);

create table ${schema}.pending_inputs (
  id uuid primary key,
  workflow_id uuid not null references ${schema}.workflow_executions (id) on delete cascade,
  input_name text not null,
  path text not null,
  input_type text not null
    check (input_type in ('approval', 'choice', 'multi_choice', 'text', 'form')),
  prompt text,
  fields jsonb,
  metadata jsonb,
  assignees text[] not null default '{}',
  status text not null check (status in ('pending', 'completed', 'timeout', 'cancelled')),
  response json,
  responded_by text,
  timeout_at timestamptz,
  inserted_at timestamptz not null,
  completed_at timestamptz
);

create unique index pending_inputs_open
  on ${schema}.pending_inputs (workflow_id, path, input_name) where status = 'pending';

create index pending_inputs_status on ${schema}.pending_inputs (status, inserted_at, id);

-- One for the open questions and one for the others: a group has few of the former, and in time
-- very many of the latter. Without fastupdate, which would have searches read unsorted entries.
create index pending_inputs_assignees on ${schema}.pending_inputs using gin (assignees)
  with (fastupdate = off) where status = 'pending';

create index pending_inputs_assigned on ${schema}.pending_inputs using gin (assignees)
  with (fastupdate = off) where status <> 'pending';

create table ${schema}.scheduled_workflows (
  id uuid primary key,
  name text not null unique,
  workflow_name text not null,
  cron_expression text not null,
  timezone text not null,
  input json not null,
  queue text not null,
  enabled boolean not null,
  last_run_at timestamptz,
  next_run_at timestamptz,
  misfire_policy text not null,
  overlap_policy text not null,
  failure_count int not null default 0,
  last_error jsonb,
  inserted_at timestamptz not null,
  updated_at timestamptz not null
);

create index scheduled_workflows_due
  on ${schema}.scheduled_workflows (next_run_at) where enabled;
