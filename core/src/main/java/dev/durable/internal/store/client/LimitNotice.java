package dev.durable.internal.store.client;

import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.util.List;

/**
 * Tells the workers, in the transaction that makes a queue limited, that they no longer know all
 * limited queues.
 */
public final class LimitNotice {

  /**
   * Does not wait for claims: those that are under way count as before, until the limits are
   * enforced. A worker that registers meanwhile waits for this transaction, see {@code
   * WorkerStore.REGISTER}.
   */
  private static final StatementTemplate TELL =
      new StatementTemplate(
          "LimitNotice.TELL",
          """
      update ${schema}.workers n set limit_epoch = n.limit_epoch + 1
      from (select w.id from ${schema}.workers w
            where w.dead_at is null
              and exists (select 1 from ${schema}.queues q
                          where q.name = ?::text and q.limited and not q.enforced)
            order by w.id for no key update) l
      where n.id = l.id
      """);

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(TELL);

  private LimitNotice() {}

  /** Adds the notice about a queue whose row a statement before may have made limited. */
  static void add(Pipeline pipeline, Schema schema, String queue) {
    pipeline.add(schema.of(TELL), bind -> bind.text(queue));
  }
}
