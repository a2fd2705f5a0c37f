drop index ${schema}.workflow_executions_origin;

drop index ${schema}.workflow_executions_note;
