create index concurrently if not exists workflow_executions_note
  on ${schema}.workflow_executions (note) where note is not null;

create index concurrently if not exists workflow_executions_origin
  on ${schema}.workflow_executions (origin_id) where origin_id is not null;
