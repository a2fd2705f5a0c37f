alter table ${schema}.workflow_executions drop constraint workflow_executions_origin_fkey;

alter table ${schema}.workflow_executions drop column origin_id;

alter table ${schema}.workflow_executions drop column note;
