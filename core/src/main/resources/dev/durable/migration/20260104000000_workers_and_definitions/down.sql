drop table ${schema}.queues;
drop table ${schema}.workflow_definitions;
drop table ${schema}.workers;
