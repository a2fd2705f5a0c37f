-- A column that older libraries do not know, and a foreign key that is not checked yet.
alter table ${schema}.workflow_executions add column note text;

alter table ${schema}.workflow_executions add column origin_id uuid;

alter table ${schema}.workflow_executions add constraint workflow_executions_origin_fkey
  foreign key (origin_id) references ${schema}.workflow_executions on delete set null not valid;
