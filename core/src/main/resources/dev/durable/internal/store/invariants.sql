-- What must hold whenever no transaction is open. Each row is a violation: the rule, the execution, the detail.

select 'a running execution has an owner that is a known worker' as rule, e.id, e.locked_by::text as detail
from ${schema}.workflow_executions e
where e.locked_by is not null and not exists (select 1 from ${schema}.workers n where n.id = e.locked_by)

union all
select 'an execution that is not final has a reason to make progress', e.id, e.status
from ${schema}.workflow_executions e
where e.status in ('pending', 'running', 'waiting', 'compensating') and e.wake_at is null and e.locked_by is null
  and not (e.status = 'waiting' and exists (
    select 1 from ${schema}.wait_groups g where g.workflow_id = e.id))

union all
select 'nothing that was sent lies unnoticed', e.id, p.kind || ':' || p.event_name
from ${schema}.workflow_executions e
join ${schema}.wait_groups g on g.workflow_id = e.id
join ${schema}.pending_events p on p.workflow_id = e.id and p.status = 'pending'
  and (p.kind || ':' || p.event_name = 'cancel:' || g.seq
    or (g.mode = 'any' and (p.kind, p.event_name) = (g.kind, g.event_name)))
where e.status = 'waiting' and e.wake_at is null

union all
select 'an open wait has a waiting row of history in an execution that may go on', g.workflow_id, g.path
from ${schema}.wait_groups g
where not exists (
  select 1 from ${schema}.step_executions s join ${schema}.workflow_executions e on e.id = s.workflow_id
  where s.workflow_id = g.workflow_id and s.seq = g.seq and s.path = g.path and s.status = 'waiting'
    and e.status in ('pending', 'running', 'waiting', 'parked'))

union all
select 'what has ended waits for nothing', s.workflow_id, s.path
from ${schema}.step_executions s join ${schema}.workflow_executions e on e.id = s.workflow_id
where s.status = 'waiting' and s.step_type in ('wait', 'child')
  and e.status not in ('pending', 'running', 'waiting', 'parked')

union all
select 'an open question has an open wait', i.workflow_id, i.path
from ${schema}.pending_inputs i
where i.status = 'pending' and not exists (
  select 1 from ${schema}.wait_groups g where g.workflow_id = i.workflow_id and g.seq = i.seq)

union all
select 'a parent that waits has been told of the end of its child', c.parent_workflow_id, c.id::text
from ${schema}.workflow_executions c
join ${schema}.wait_groups g on g.workflow_id = c.parent_workflow_id and g.kind = 'child' and g.event_name = c.id::text
where c.status in ('completed', 'failed', 'cancelled', 'compensated', 'compensation_failed')
  and not exists (select 1 from ${schema}.pending_events p
                  where p.workflow_id = g.workflow_id and p.kind = 'child' and p.event_name = c.id::text)

union all
select 'a child ends with a parent that failed', c.id, p.status
from ${schema}.workflow_executions c join ${schema}.workflow_executions p on p.id = c.parent_workflow_id
where c.parent_close_policy = 'cancel' and c.status in ('pending', 'running', 'waiting')
  and p.status in ('failed', 'cancelled', 'compensated', 'compensation_failed')

union all
select 'a final or parked execution has neither owner nor due time', e.id, e.status
from ${schema}.workflow_executions e
where e.status in ('completed', 'failed', 'cancelled', 'compensated', 'compensation_failed', 'parked')
  and (e.wake_at is not null or e.locked_by is not null)

union all
select 'an execution has an end time exactly when it is final', e.id, e.status
from ${schema}.workflow_executions e
where (e.status in ('completed', 'failed', 'cancelled', 'compensated', 'compensation_failed')) <> (e.completed_at is not null)

union all
select 'a completed execution has a result and no error', e.id, e.error::text
from ${schema}.workflow_executions e
where e.status = 'completed' and (e.output is null or e.error is not null)

union all
select 'a completed execution has undone nothing', e.id, e.compensation_results::text
from ${schema}.workflow_executions e
where e.status = 'completed' and (e.compensation_results is not null or exists (
  select 1 from ${schema}.step_executions s where s.workflow_id = e.id and s.is_compensation))

union all
select 'a failed, cancelled, undone or parked execution says why', e.id, e.status
from ${schema}.workflow_executions e
where e.status in ('failed', 'cancelled', 'parked', 'compensating', 'compensated', 'compensation_failed')
  and e.error is null

union all
select 'an execution that was claimed has a token and a start time', e.id, e.lock_token::text
from ${schema}.workflow_executions e
where e.status in ('running', 'waiting', 'completed') and (e.lock_token < 1 or e.started_at is null)

union all
select 'a waiting execution wakes no later than its deadline', e.id, e.wake_at::text
from ${schema}.workflow_executions e
where e.status = 'waiting' and e.wake_at > e.deadline_at

union all
select 'a step belongs to an execution', s.workflow_id, s.path
from ${schema}.step_executions s
where not exists (select 1 from ${schema}.workflow_executions e where e.id = s.workflow_id)

union all
select 'a step completes once', s.workflow_id, s.path
from ${schema}.step_executions s
where s.status = 'completed' and s.step_type not in ('retry', 'wait', 'child')
group by s.workflow_id, s.path having count(*) > 1

union all
select 'an attempt is recorded once', s.workflow_id, s.path || ' #' || s.attempt
from ${schema}.step_executions s
where s.step_type <> 'retry'
group by s.workflow_id, s.path, s.attempt having count(*) > 1

union all
select 'a step runs only in a running execution', s.workflow_id, s.path
from ${schema}.step_executions s join ${schema}.workflow_executions e on e.id = s.workflow_id
where s.status = 'running' and e.status not in ('running', 'compensating')

union all
select 'a step has an end time exactly when it does not run', s.workflow_id, s.path
from ${schema}.step_executions s
where (s.status in ('running', 'waiting')) <> (s.completed_at is null)

union all
select 'attempts of a step are recorded in order', a.workflow_id, a.path
from ${schema}.step_executions a
join ${schema}.step_executions b on b.workflow_id = a.workflow_id and b.path = a.path
where a.step_type <> 'retry' and b.seq > a.seq and b.attempt <= a.attempt

union all
select 'an execution that is being undone, or has been, says what was undone', e.id, e.status
from ${schema}.workflow_executions e
where e.status in ('compensating', 'compensated', 'compensation_failed') and e.compensation_results is null

union all
select 'a step is undone once', s.workflow_id, s.compensation_for
from ${schema}.step_executions s
where s.is_compensation and s.status = 'completed'
group by s.workflow_id, s.path, s.compensation_for having count(*) > 1
