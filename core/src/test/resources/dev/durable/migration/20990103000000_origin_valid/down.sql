comment on column ${schema}.workflow_executions.origin_id is null;
