-- A schedule in full: how it ticks, what it starts, what becomes of ticks that were missed or come
-- while an execution of it has not ended. What belongs to the code is written when the code
-- changes; paused_* belongs to the operator.
alter table ${schema}.scheduled_workflows
  alter column cron_expression drop not null,
  alter column timezone drop not null,
  alter column input drop not null,
  alter column queue drop not null,
  add column period interval,
  add column anchor_at timestamptz,
  add column on_gap text,
  add column on_repeat text,
  add column from_at timestamptz,
  add column until_at timestamptz,
  add column times bigint,
  add column jitter interval,
  add column priority int not null default 0,
  add column limit_key text,
  add column tags jsonb,
  add column timeout interval,
  add column misfire_most int,
  add column misfire_window interval,
  add column pause_after_failures int,
  -- The input is made by the code that declares the schedule, for each tick.
  add column input_in_code boolean not null default false,
  add column declared boolean not null default false,
  add column remove_when_undeclared boolean not null default false,
  -- What the definition above was made from: nothing is written while it stays the same.
  add column timing_hash text not null default '',
  add column definition_hash text not null default '',
  add column paused_at timestamptz,
  add column paused_by text,
  add column paused_reason text,
  -- Failures of executions before this do not pause it.
  add column resumed_at timestamptz,
  -- The first tick that has not been served; next_run_at is later by its jitter, or by a pause after
  -- a failure.
  add column next_tick_at timestamptz,
  -- Ticks that wait for the end of an execution.
  add column queued_ticks timestamptz[] not null default '{}',
  add column last_tick_at timestamptz,
  add column last_workflow_id uuid,
  add column failed_at timestamptz,
  add column started_count bigint not null default 0,
  add column missed_count bigint not null default 0,
  add column overlapped_count bigint not null default 0;

-- The ticks of a past range, which are started one after the other.
create table ${schema}.schedule_backfills (
  id uuid primary key,
  schedule_id uuid not null references ${schema}.scheduled_workflows (id) on delete cascade,
  from_at timestamptz not null,
  until_at timestamptz not null,
  -- The first tick that has not been served.
  next_tick_at timestamptz,
  concurrency int not null,
  started_count bigint not null default 0,
  existing_count bigint not null default 0,
  requested_by text,
  inserted_at timestamptz not null,
  completed_at timestamptz,
  -- Whether completed_at is when somebody has ended it, and not when its last tick was served.
  cancelled boolean not null default false,
  -- How often in a row its next ticks could not be started, why, and when to try again.
  failure_count int not null default 0,
  last_error jsonb,
  failed_at timestamptz,
  retry_at timestamptz
);

create index schedule_backfills_schedule on ${schema}.schedule_backfills (schedule_id, inserted_at);

create index schedule_backfills_open on ${schema}.schedule_backfills (inserted_at)
  where completed_at is null;

-- Which tick of which schedule an execution is for; without a tick, somebody has triggered it.
-- limit_key is the key that a limit of its queue counts by.
alter table ${schema}.workflow_executions
  add column schedule_name text,
  add column scheduled_for timestamptz,
  add column limit_key text;

create unique index workflow_executions_tick
  on ${schema}.workflow_executions (schedule_name, scheduled_for) where schedule_name is not null;

create index workflow_executions_scheduled_open
  on ${schema}.workflow_executions (schedule_name)
  where schedule_name is not null
    and status in ('pending', 'running', 'waiting', 'compensating', 'parked');

-- The start whose input an execution has, if starts that are debounced may replace it until it begins.
alter table ${schema}.workflow_executions add column debounced_by uuid;

create index workflow_executions_debounced
  on ${schema}.workflow_executions (debounced_by) where debounced_by is not null;

-- Which schedules a worker declares.
alter table ${schema}.workers add column schedules text[] not null default '{}';

-- What the worker that started last declares of a queue, and what an operator has set instead.
alter table ${schema}.queues
  add column declared_limits jsonb,
  add column override_limits jsonb,
  add column override_by text,
  add column override_at timestamptz,
  -- What counts of both. A queue is limited if any of it holds, or if it is paused.
  add column limited boolean not null default false,
  add column concurrency int,
  add column key_concurrency int,
  add column rate int,
  add column rate_period interval,
  add column key_rate int,
  add column key_rate_period interval,
  add column counts_waiting boolean not null default false,
  add column fair boolean not null default false,
  add column aging interval,
  add column paused_at timestamptz,
  add column paused_by text,
  add column paused_reason text,
  -- Whether no claim or start is under way that has not seen that the queue is limited. Until then
  -- nothing is begun; a worker that wants to claim waits for those, and sets it.
  add column enforced boolean not null default false,
  -- The time of the last claim that took something: that of no later one is before it.
  add column claimed_at timestamptz,
  -- The key that had its turn last, and when executions without a key were last given an empty one.
  add column turn_key text,
  add column marked_at timestamptz,
  -- How many executions were begun, and when, within the last period of the rate.
  add column grant_times timestamptz[] not null default '{}',
  add column grant_counts int[] not null default '{}';

-- A claim writes the row of a limited queue.
alter table ${schema}.queues set (fillfactor = 50);

create index queues_limited on ${schema}.queues (name) where limited;

create index queues_unenforced on ${schema}.queues (name) where limited and not enforced;

-- Counts the changes of limits that a worker's claims and starts must have seen.
alter table ${schema}.workers add column limit_epoch bigint not null default 0;

create table ${schema}.queue_keys (
  queue text not null references ${schema}.queues (name) on delete cascade,
  key text not null,
  grant_times timestamptz[] not null default '{}',
  grant_counts int[] not null default '{}',
  primary key (queue, key)
);

-- What a worker owns, by queue and key: for takeover, drain and limits.
drop index ${schema}.workflow_executions_owner;

create index workflow_executions_owner
  on ${schema}.workflow_executions (locked_by, queue, limit_key) where locked_by is not null;

-- What may be claimed in limited queues, for each definition by key: first what has not begun, which rates
-- and waiting executions hold back. Executions of limited queues have an empty key if they have none.
-- Claims ask for the time in these words, which no other index has: whatever the statistics say, they step
-- through this one.
create index workflow_executions_limited
  on ${schema}.workflow_executions (
    queue, workflow_name, workflow_version, coalesce(fingerprint, ''), limit_key,
    (case when started_at is null then 0 else 1 end),
    (case when wake_at <= updated_at then -priority::bigint else 2147483649 end),
    (case when limit_key is not null then wake_at end), id)
  where (case when limit_key is not null then wake_at end) is not null;

-- What has begun in limited queues, and waits.
create index workflow_executions_begun
  on ${schema}.workflow_executions (queue, limit_key)
  where limit_key is not null and started_at is not null and locked_by is null
    and status in ('waiting', 'pending', 'compensating');
