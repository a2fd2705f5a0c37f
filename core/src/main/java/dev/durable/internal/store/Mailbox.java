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

  private Mailbox() {}
}
