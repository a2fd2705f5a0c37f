drop index ${schema}.workflow_executions_begun;
drop index ${schema}.workflow_executions_limited;
alter table ${schema}.workers drop column limit_epoch;
drop index ${schema}.queues_unenforced;
drop index ${schema}.queues_limited;
alter table ${schema}.queues reset (fillfactor);
drop index ${schema}.workflow_executions_owner;
create index workflow_executions_owner
  on ${schema}.workflow_executions (locked_by) where locked_by is not null;
drop table ${schema}.queue_keys;
alter table ${schema}.queues
  drop column declared_limits, drop column override_limits, drop column override_by,
  drop column override_at, drop column limited, drop column concurrency,
  drop column key_concurrency, drop column rate, drop column rate_period, drop column key_rate,
  drop column key_rate_period, drop column counts_waiting, drop column fair, drop column aging,
  drop column paused_at, drop column paused_by, drop column paused_reason,
  drop column enforced, drop column claimed_at, drop column turn_key, drop column marked_at,
  drop column grant_times, drop column grant_counts;
alter table ${schema}.workers drop column schedules;
drop index ${schema}.workflow_executions_debounced;
alter table ${schema}.workflow_executions drop column debounced_by;
drop index ${schema}.workflow_executions_scheduled_open;
drop index ${schema}.workflow_executions_tick;
alter table ${schema}.workflow_executions
  drop column schedule_name, drop column scheduled_for, drop column limit_key;
drop table ${schema}.schedule_backfills;
delete from ${schema}.scheduled_workflows
  where cron_expression is null or timezone is null or input is null;
update ${schema}.scheduled_workflows set queue = 'default' where queue is null;
alter table ${schema}.scheduled_workflows
  alter column cron_expression set not null,
  alter column timezone set not null,
  alter column input set not null,
  alter column queue set not null,
  drop column period, drop column anchor_at, drop column on_gap, drop column on_repeat,
  drop column from_at, drop column until_at, drop column times, drop column jitter,
  drop column priority, drop column limit_key, drop column tags, drop column timeout,
  drop column misfire_most, drop column misfire_window, drop column pause_after_failures,
  drop column input_in_code, drop column declared, drop column remove_when_undeclared,
  drop column timing_hash, drop column definition_hash,
  drop column paused_at, drop column paused_by, drop column paused_reason, drop column resumed_at,
  drop column next_tick_at, drop column queued_ticks, drop column last_tick_at,
  drop column last_workflow_id, drop column failed_at,
  drop column started_count, drop column missed_count, drop column overlapped_count;
