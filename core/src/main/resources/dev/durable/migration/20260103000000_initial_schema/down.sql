drop table ${schema}.scheduled_workflows;
drop table ${schema}.pending_inputs;
drop table ${schema}.step_executions;
drop table ${schema}.workflow_executions;
