package dev.durable.internal.store.client;

import dev.durable.execution.Execution;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.text.StorableText;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** The rows of queues, as operators change them. Each change is one statement. */
public final class QueueStore {

  private static final String PAUSED = "pg_catalog.num_nonnulls(q.paused_at) = 1";

  private static final StatementTemplate PAUSE =
      new StatementTemplate(
          "QueueStore.PAUSE",
          """
          with ${clock}, wanted as materialized (
            select ?::text as name, ?::text as reason, ?::text as by, ?::bool as again
          )
          update ${schema}.queues q
          set paused_at = case when ${anew} then ${time} else q.paused_at end,
              paused_by = case when ${anew} then w.by else q.paused_by end,
              paused_reason = case when ${anew} then w.reason else q.paused_reason end,
              ${effective}
          from wanted w where q.name = w.name
          returning null::text
          """
              .replace("${anew}", "w.again or q.paused_at is null")
              .replace(
                  "${effective}",
                  QueueLimitsSql.effective("q.declared_limits", "q.override_limits", "true")));

  private static final StatementTemplate RESUME =
      new StatementTemplate(
          "QueueStore.RESUME",
          """
          update ${schema}.queues q
          set paused_at = null, paused_by = null, paused_reason = null, ${effective}
          where q.name = ?::text
          returning 'q' || q.name
          """
              .replace(
                  "${effective}",
                  QueueLimitsSql.effective("q.declared_limits", "q.override_limits", "false")));

  /** Without limits it takes the override away. */
  private static final StatementTemplate OVERRIDE =
      new StatementTemplate(
          "QueueStore.OVERRIDE",
          """
          with ${clock}, wanted as materialized (
            select ?::text as name, ?::jsonb as limits, ?::text as by
          )
          update ${schema}.queues q
          set override_limits = w.limits, override_by = w.by,
              override_at = case when w.limits is not null then ${time} end, ${effective}
          from wanted w where q.name = w.name
          returning 'q' || q.name
          """
              .replace(
                  "${effective}",
                  QueueLimitsSql.effective("q.declared_limits", "w.limits", PAUSED)));

  private static final StatementTemplate OWNED =
      new StatementTemplate(
          "QueueStore.OWNED",
          """
          select %s from ${schema}.workflow_executions e
          where e.locked_by is not null and e.queue = ?::text order by e.id limit ?::int
          """
              .formatted(RowReader.EXECUTION));

  public static final List<StatementTemplate> STATEMENTS = List.of(PAUSE, RESUME, OVERRIDE, OWNED);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where; its hint sender reports the queues whose limits change
   * @param schema whose tables
   */
  public QueueStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /**
   * Pauses a queue.
   *
   * @param again whether a queue that is paused gets the new reason
   * @return whether the queue exists
   */
  public boolean pause(String queue, String reason, String by, boolean again) {
    return change(
        queue,
        "pause",
        PAUSE,
        bind ->
            bind.now()
                .text(queue)
                .text(StorableText.storable(reason))
                .text(StorableText.storable(by))
                .flag(again));
  }

  /** Ends a pause; false if there is no such queue. */
  public boolean resume(String queue) {
    return change(queue, "resume", RESUME, bind -> bind.text(queue));
  }

  /**
   * Sets limits instead of those of the code; false if there is no such queue.
   *
   * @param limits the limits as {@link QueueLimitsSql} has them, or null for none
   */
  public boolean override(String queue, @Nullable String limits, @Nullable String by) {
    return change(
        queue,
        "set the limits of",
        OVERRIDE,
        bind ->
            bind.now()
                .text(queue)
                .text(limits)
                .text(by == null ? null : StorableText.storable(by)));
  }

  private boolean change(
      String queue, String doing, StatementTemplate statement, Parameters.Binding binding) {
    if (!StorableText.isStorable(queue)) {
      return false; // The driver would send another name.
    }
    Pipeline pipeline = new Pipeline();
    AtomicBoolean known = new AtomicBoolean();
    pipeline.add(
        schema.of(statement),
        binding,
        row -> {
          if (row.next()) {
            known.set(true);
            pipeline.hint(row.getString(1));
          }
        });
    pipeline.execute(database, doing + " queue '" + queue + "'");
    return known.get();
  }

  /** The executions of a queue that a worker owns, the oldest first, at most so many. */
  public List<Execution> owned(String queue, int most) {
    return database.query(
        "list what runs in queue '" + queue + "'",
        schema.of(OWNED),
        bind -> bind.text(queue).number(most),
        Answer.all(RowReader::execution));
  }
}
