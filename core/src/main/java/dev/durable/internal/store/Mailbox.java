package dev.durable.internal.store;

/** What the statements about things that are sent to an execution have in common. */
final class Mailbox {

  /**
   * Sent first, in one transaction with whatever sends something to an execution or ends one of its
   * waits: only the next statement sees what others committed while we waited for the lock.
   */
  static final Template LOCK =
      new Template(
          "Mailbox.LOCK",
          """
          select pg_catalog.count(*) from (
            select 1 from ${schema}.workflow_executions where id = ?::uuid for no key update) locked
          """);

  /** The place in the mailbox of execution {@code e} after all others. The lock is ours. */
  static final String LAST =
      """
      coalesce((select pg_catalog.max(p.id) from ${schema}.pending_events p
                where p.workflow_id = e.id), 0::bigint)""";

  /**
   * Whether what is in the mailbox decides the wait {@code g}: that it is cancelled, one of its
   * signals, or all of them.
   */
  static final String DECIDED =
      """
      exists (
        select 1 from ${schema}.pending_events p
        where p.workflow_id = g.workflow_id and p.status = 'pending'
          and (p.kind || ':' || p.event_name = 'cancel:' || g.seq::text
            or p.kind || ':' || p.event_name = any (g.signals)
              and (g.mode = 'any' or not exists (
                select 1 from pg_catalog.unnest(g.signals) as missing(signal)
                where not exists (
                  select 1 from ${schema}.pending_events o
                  where o.workflow_id = g.workflow_id and o.status = 'pending'
                    and o.kind || ':' || o.event_name = missing.signal)))))""";

  /** The same, counting only what was sent before that time. */
  static String decidedBefore(String time) {
    String pending = ".status = 'pending'";
    return DECIDED
        .replace("p" + pending, "p" + pending + " and p.inserted_at < " + time)
        .replace("o" + pending, "o" + pending + " and o.inserted_at < " + time);
  }

  /** Whether the execution {@code e} has passed its deadline, even if nothing has ended it yet. */
  static final String LATE =
      """
      coalesce(e.deadline_at <= ${time} and e.status in ('pending', 'running', 'waiting'), false)""";

  private Mailbox() {}
}
