alter table ${schema}.workflow_executions add column note text;
