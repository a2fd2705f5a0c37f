alter table ${schema}.workflow_executions drop column note;
