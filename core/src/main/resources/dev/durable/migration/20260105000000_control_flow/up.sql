-- When the next attempt of a failed step, or the next round of a repeat, is due.
alter table ${schema}.step_executions add column wake_at timestamptz;

-- Whether a cancel first undoes what has been done.
alter table ${schema}.workflow_definitions
  add column compensate_on_cancel boolean not null default false;

-- Whether a workflow timeout does, and there may be something to undo.
alter table ${schema}.workflow_definitions
  add column compensate_on_timeout boolean not null default false;
