package dev.durable.internal.store.worker;

import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Makes the limits of a queue hold, and keeps its rows in order. */
public final class LimitStore {

  /** Before those of the workers, as in {@code WorkerStore.REGISTER}. */
  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "LimitStore.LOCK", "select 1 from ${schema}.queues where name = ?::text for update");

  /**
   * Waits for the claims and starts of all workers that are under way, since those lock the
   * worker's row: what they take is committed and counts. Those that had begun and come to that
   * lock later find another epoch than they have seen, and take nothing.
   */
  private static final StatementTemplate COUNT_EPOCH =
      new StatementTemplate(
          "LimitStore.COUNT_EPOCH",
          """
      update ${schema}.workers n set limit_epoch = n.limit_epoch + 1
      from (select w.id from ${schema}.workers w
            where w.dead_at is null
              and exists (select 1 from ${schema}.queues q
                          where q.name = ?::text and q.limited and not q.enforced)
            order by w.id for update) l
      where n.id = l.id
      """);

  private static final StatementTemplate ENFORCE =
      new StatementTemplate(
          "LimitStore.ENFORCE",
          """
      update ${schema}.queues set enforced = true, marked_at = null
      where name = ?::text and limited and not enforced
      """);

  /**
   * Gives executions an empty key that were started before their queue was limited: among those
   * with a key they are found by it.
   */
  private static final StatementTemplate MARK =
      new StatementTemplate(
          "LimitStore.MARK",
          """
      with found as materialized (
        select e.id from ${schema}.workflow_executions e
        where e.queue = ?::text and e.wake_at is not null and e.limit_key is null
        limit ?::bigint for no key update skip locked
      )
      update ${schema}.workflow_executions e set limit_key = '' from found f where e.id = f.id
      returning 1
      """);

  /** Also forgets the keys of which nothing has begun within the period of the rate. */
  private static final StatementTemplate MARKED =
      new StatementTemplate(
          "LimitStore.MARKED",
          """
      with ${clock}, forgotten as (
        delete from ${schema}.queue_keys k using ${schema}.queues q
        where q.name = ?::text and k.queue = q.name
          and (q.key_rate_period is null
               or k.grant_times[pg_catalog.array_upper(k.grant_times, 1)] at time zone 'UTC'
                    <= (select utc from t) - q.key_rate_period)
      )
      update ${schema}.queues set marked_at = ${time} where name = ?::text
      """);

  private static final StatementTemplate KNOWN =
      new StatementTemplate(
          "LimitStore.KNOWN",
          """
      select n.limit_epoch, array(select q.name from ${schema}.queues q where q.limited)
      from ${schema}.workers n where n.id = ?::uuid and n.dead_at is null
      """);

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS =
      List.of(LOCK, COUNT_EPOCH, ENFORCE, MARK, MARKED, KNOWN);

  private static final int BATCH = 1_000;

  private final Schema schema;

  /**
   * @param schema whose tables
   */
  public LimitStore(Schema schema) {
    this.schema = schema;
  }

  /** Makes the limits of a queue hold from now on, if it is limited and they do not yet. */
  public void enforce(SqlRunner runner, String queue) {
    new Pipeline()
        .add(schema.of(LOCK), bind -> bind.text(queue))
        .add(schema.of(COUNT_EPOCH), bind -> bind.text(queue))
        .add(schema.of(ENFORCE), bind -> bind.text(queue))
        .execute(runner, "enforce the limits of queue " + queue);
  }

  /** Reads what a worker has to know of limits; null if it is dead. */
  @Nullable KnownLimits known(SqlRunner runner, UUID worker) {
    return runner
        .query(
            "read which queues are limited",
            schema.of(KNOWN),
            bind -> bind.uuid(worker),
            Answer.first(
                row ->
                    new KnownLimits(worker, row.getLong(1), Set.copyOf(RowReader.texts(row, 2)))))
        .orElse(null);
  }

  /** Gives some executions of a limited queue that have no key an empty one. */
  void mark(SqlRunner runner, String queue) {
    AtomicInteger marked = new AtomicInteger();
    new Pipeline()
        .add(
            schema.of(MARK),
            bind -> bind.text(queue).number(BATCH),
            rows -> {
              marked.set(0);
              while (rows.next()) {
                marked.incrementAndGet();
              }
            })
        .execute(runner, "give executions of queue " + queue + " an empty limit key");
    if (marked.get() < BATCH) {
      runner.update(
          "note that the executions of queue " + queue + " have limit keys",
          schema.of(MARKED),
          bind -> bind.now().text(queue).text(queue));
    }
  }
}
