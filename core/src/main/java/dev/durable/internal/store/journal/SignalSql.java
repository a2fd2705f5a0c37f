package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.StatementTemplate;

/**
 * Parts of the statements that send signals to an execution, or end its waits.
 *
 * <p>Each looks up the few rows that matter, whatever PostgreSQL assumes about the tables: it may
 * have analyzed them when they were empty, or when each execution had one row, and a plan stays for
 * long. So the key of each lookup is an expression of which only one index knows: a signal is found
 * by {@code workflow_id::text}, and a place in the mailbox by {@code workflow_id}. And {@code
 * offset 0} or {@code = any (array(select …))} keeps a lookup from becoming a join or a table of
 * all rows. A row of a wait is read for its path, which is not in the primary key: that would be
 * read alone, from end to end.
 */
public final class SignalSql {

  /**
   * Sent first in a transaction that sends a signal to an execution or ends one of its waits: only
   * the next statement sees what others committed while we waited for the lock.
   */
  public static final StatementTemplate LOCK =
      new StatementTemplate(
          "SignalSql.LOCK",
          """
          select pg_catalog.count(*) from (
            select 1 from ${schema}.workflow_executions where id = ?::uuid for no key update) locked
          """);

  /**
   * The last used place in the mailbox of execution {@code e}, which is locked. Not the maximum:
   * PostgreSQL may read the whole mailbox for that, if it assumes that it is short.
   */
  public static final String LAST =
      """
      coalesce((select p.id from ${schema}.pending_events p
                where p.workflow_id = e.id order by p.id desc limit 1), 0::bigint)""";

  /** The key by which the rows of one wait are found, as an index has it. */
  public static String waitOf(String alias) {
    return "(" + alias + ".workflow_id::text || '/' || " + alias + ".seq::text)";
  }

  /**
   * The key by which the rows of waits at one path are found, as an index has it: a path may be
   * longer than an index holds.
   */
  public static String placeOf(String id, String path) {
    return "pg_catalog.hashtextextended(" + id + "::text || '/' || " + path + ", 0::bigint)";
  }

  /**
   * The question that a wait asks. There is no condition on its status: that would allow PostgreSQL
   * to read all open questions.
   */
  public static String questionOf(String id, String seq) {
    return """
        select q.id from ${schema}.pending_inputs q
                where q.workflow_id = ${id} and q.seq = ${seq} offset 0"""
        .replace("${id}", id)
        .replace("${seq}", seq);
  }

  /** Whether the question {@code i} is open; said in another way for the same reason. */
  public static final String UNANSWERED = "i.completed_at is null";

  /**
   * Whether a wait for all its signals, of which {@code g} is one, has each of them, but for the
   * one that is named: it is being sent.
   */
  private static final String COMPLETE =
      """
      not exists (
        select m.path from ${schema}.wait_groups m
        where ${m} = ${g} ${but}
          and not exists (
            select 1 from ${schema}.pending_events o
            where o.workflow_id::text = m.workflow_id::text and o.kind = m.kind
              and o.event_name = m.event_name and o.status = 'pending' offset 0) offset 0)"""
          .replace("${m}", waitOf("m"))
          .replace("${g}", waitOf("g"));

  /** Whether a signal that has come decides the wait of which {@code g} is the row for it. */
  static final String DECISIVE = "(g.mode = 'any' or " + COMPLETE.replace("${but}", "") + ")";

  /** Whether {@code new}, which is being sent, decides the wait of which {@code g} is its row. */
  public static final String NEWLY_DECISIVE =
      "(g.mode = 'any' or "
          + COMPLETE.replace("${but}", "and (m.kind, m.event_name) <> (g.kind, g.event_name)")
          + ")";

  /** Whether the time of the wait of which {@code g} is a row is not up yet. */
  public static final String OPEN =
      """
      coalesce((select s.wake_at from ${schema}.step_executions s
                where s.workflow_id = g.workflow_id and s.seq = g.seq) > ${time}, true)""";

  /**
   * Whether a signal in the mailbox of execution {@code e} decides one of its waits: its cancel,
   * one of its signals, or the last of all. Each signal looks its waits up.
   */
  static final String ANY_DECIDED =
      """
      exists (
        select 1 from ${schema}.pending_events p
        where p.workflow_id::text = e.id::text and p.status = 'pending'
          and case when p.kind = 'cancel' then exists (
                select g.path from ${schema}.wait_groups g
                where ${g} = p.workflow_id::text || '/' || p.event_name offset 0)
              else exists (
                select 1 from ${schema}.wait_groups g
                where g.workflow_id = p.workflow_id and g.kind = p.kind
                  and g.event_name = p.event_name and ${decisive} offset 0) end offset 0)"""
          .replace("${g}", waitOf("g"))
          .replace("${decisive}", DECISIVE);

  /** The same for one wait, {@code d}, which looks its signals up. */
  public static final String DECIDED =
      """
      (exists (
        select 1 from ${schema}.pending_events c
        where c.workflow_id::text = d.workflow_id::text and c.kind = 'cancel'
          and c.event_name = d.seq::text and c.status = 'pending' offset 0)
       or exists (
        select 1 from ${schema}.wait_groups g
        where ${g} = ${d} and exists (
            select 1 from ${schema}.pending_events p
            where p.workflow_id::text = g.workflow_id::text and p.kind = g.kind
              and p.event_name = g.event_name and p.status = 'pending' offset 0)
          and ${decisive} offset 0))"""
          .replace("${g}", waitOf("g"))
          .replace("${d}", waitOf("d"))
          .replace("${decisive}", DECISIVE);

  /** Whether the execution {@code e} has passed its deadline, even if it has not been ended yet. */
  public static final String LATE =
      """
      coalesce(e.deadline_at <= ${time} and e.status in ('pending', 'running', 'waiting'), false)""";

  /** Makes execution {@code e} due at once. */
  public static final String WAKE =
      "update ${schema}.workflow_executions e set wake_at = ${time}, updated_at = ${time}";

  private SignalSql() {}

  /**
   * The hint for an execution to which a signal was sent: that work is due if it has been woken, or
   * a signal to its owner if it runs.
   *
   * @param queue its queue if it has been woken, else null; as SQL, as are the others
   */
  public static String hint(String queue, String status, String id) {
    return """
        when ${queue} is not null then 'q' || ${queue}
                      when ${status} = 'running' then 'e' || ${id}::text end"""
        .replace("${queue}", queue)
        .replace("${status}", status)
        .replace("${id}", id);
  }
}
