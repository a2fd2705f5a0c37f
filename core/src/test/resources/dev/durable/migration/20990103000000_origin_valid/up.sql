alter table ${schema}.workflow_executions validate constraint workflow_executions_origin_fkey;
