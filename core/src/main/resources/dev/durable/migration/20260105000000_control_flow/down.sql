alter table ${schema}.workflow_definitions drop column compensate_on_cancel, drop column compensate_on_timeout;

alter table ${schema}.step_executions drop column wake_at;
