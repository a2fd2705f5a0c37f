drop index ${schema}.workflow_executions_children;
alter table ${schema}.pending_inputs drop column seq, drop column answer_type,
  drop column reassignments;
drop table ${schema}.pending_events;
drop table ${schema}.wait_groups;
