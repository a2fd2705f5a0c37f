package dev.durable.internal.store.journal;

/**
 * Parts of the statements that end executions from outside: by cancel, by their deadline, or with
 * their parent.
 */
public final class EndingSql {

  /** The statuses of executions that have ended. */
  public static final String FINAL =
      "('completed', 'failed', 'cancelled', 'compensated', 'compensation_failed')";

  /** The final statuses without a result. */
  static final String FRUITLESS = "('failed', 'cancelled', 'compensated', 'compensation_failed')";

  /**
   * The columns that a cancel reads of execution {@code e}; {@code undo} says whether its
   * definition wants completed steps undone first.
   */
  public static final String BEFORE =
      """
      select e.id, e.status, e.locked_by, e.lock_token,
             e.started_at is not null and e.compensation_results is null and exists (
               select 1 from ${schema}.workflow_definitions d
               where d.name = e.workflow_name and d.version = e.workflow_version
                 and d.fingerprint = e.fingerprint and d.compensate_on_cancel) as undo
      from ${schema}.workflow_executions e""";

  /**
   * Cancels the executions {@code before}. Raising the token fences the owner; the hint lets it
   * interrupt the body at once.
   */
  public static final String CANCELLED =
      """
      update ${schema}.workflow_executions e
      set ${ended}, locked_by = null
      from before b, (select ?::jsonb as error) o
      where e.id = b.id and b.status in ('pending', 'running', 'waiting', 'parked')
      returning e.id, e.queue, b.undo, b.locked_by, b.lock_token"""
          .replace("${ended}", ended("'cancelled'", "b.undo", "o.error"));

  /**
   * The same for an execution that is given up. Whatever its history has may have to be undone: the
   * worker that undoes it finds out. One that was being undone has not been undone for good.
   */
  public static final String BEFORE_GIVING_UP =
      """
      select e.id, e.status, e.locked_by, e.lock_token,
             e.compensation_results is null and coalesce((
               select true from ${schema}.step_executions s
               where s.workflow_id = e.id and s.status = 'completed'
                 and s.step_type <> 'retry' limit 1), false) as undo
      from ${schema}.workflow_executions e""";

  /** Gives up the executions {@code before}: they fail, or are undone first. */
  public static final String GIVEN_UP =
      """
      update ${schema}.workflow_executions e
      set ${ended}, recoveries = 0
      from before b, (select ?::jsonb as error) o
      where e.id = b.id and b.status = 'parked'
      returning e.id, e.queue, b.undo, b.locked_by, b.lock_token"""
          .replace(
              "${ended}",
              ended(
                  "case when e.compensation_results is null then 'failed'"
                      + " else 'compensation_failed' end",
                  "b.undo",
                  "o.error"));

  private EndingSql() {}

  /**
   * The columns of execution {@code e} at its end, or when its compensation begins instead.
   *
   * @param status the status at its end, as SQL
   * @param undo whether its compensation begins, as SQL
   * @param error why it ends, as SQL
   */
  public static String ended(String status, String undo, String error) {
    return """
        status = case when ${undo} then 'compensating' else ${status} end,
            error = ${error}, lock_token = e.lock_token + 1::bigint, updated_at = ${time},
            compensation_results = case
              when ${undo} then pg_catalog.jsonb_set(
                '{"cause": null, "results": [], "plan": null}'::jsonb, '{cause}'::text[], ${error}, true)
              else e.compensation_results end,
            wake_at = case when ${undo} then ${time} end,
            completed_at = case when not ${undo} then ${time} end"""
        .replace("${status}", status)
        .replace("${undo}", undo)
        .replace("${error}", error);
  }

  /**
   * Deletes the waits of the executions in a common table expression, and closes their questions.
   */
  public static String closed(String executions) {
    return """
        waits as (
          delete from ${schema}.wait_groups g
          where g.workflow_id = any (array(select o.id from ${executions} o))
        ), inputs as (
          update ${schema}.pending_inputs i set status = 'cancelled', completed_at = ${time}
          where i.workflow_id = any (array(select o.id from ${executions} o)) and ${unanswered}
        )"""
        .replace("${unanswered}", SignalSql.UNANSWERED)
        .replace("${executions}", executions);
  }
}
