package dev.durable.internal.store.journal;

import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The statements that lock the executions of a batch of entries, in the order of their ids, before
 * anything is written for them.
 */
public final class EntryLockStatement {

  /** An execution that ends sends a signal to its parent, and a sender locks the receiver. */
  private static final String NEEDED =
      """
      select r.id, r.token, r.id as needed from ${rows: id uuid, token bigint} as r
      union all
      select r.id, r.token, c.parent_workflow_id
      from ${rows: id uuid, token bigint} as r
      join ${schema}.workflow_executions c on c.id = r.id and c.lock_token = r.token
      order by 3
      """;

  /**
   * Returns for each row whether its execution is still owned. No condition leaves rows out: it
   * would be checked before the lock, and skip that as well.
   */
  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "EntryLockStatement.LOCK",
          """
      select n.id, n.token, n.needed = n.id and e.lock_token = n.token and e.owned
      from (${needed}) n
      cross join lateral (
        select e.lock_token, ${owned} as owned
        from ${schema}.workflow_executions e where e.id = n.needed
        for no key update
      ) as e
      """
              .replace("${needed}", NEEDED));

  /**
   * Takes the locks that are free. Returns for each row whether a lock of another session keeps it
   * from its owner.
   */
  private static final StatementTemplate LOCK_FREE =
      new StatementTemplate(
          "EntryLockStatement.LOCK_FREE",
          """
      select n.id, n.token,
             e.id is null
               and exists (select 1 from ${schema}.workflow_executions x where x.id = n.needed)
      from (${needed}) n
      left join lateral (
        select e.id from ${schema}.workflow_executions e where e.id = n.needed
        for no key update skip locked
      ) as e on true
      """
              .replace("${needed}", NEEDED));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(LOCK, LOCK_FREE);

  private final String lock;
  private final String lockFree;

  EntryLockStatement(Schema schema) {
    this.lock = schema.of(LOCK);
    this.lockFree = schema.of(LOCK_FREE);
  }

  /** Locks the executions of a batch; collects those that are still owned. */
  void lock(Pipeline pipeline, EntryBatch batch, Collection<UUID> owned) {
    lock(pipeline, lock, batch, owner -> owned.add(owner.id()));
  }

  /** Locks those executions of a batch that are free; collects the others. */
  void lockFree(Pipeline pipeline, EntryBatch batch, Collection<Ownership> locked) {
    lock(pipeline, lockFree, batch, locked::add);
  }

  private static void lock(
      Pipeline pipeline, String text, EntryBatch batch, Consumer<Ownership> answers) {
    pipeline.add(
        text,
        bind -> Ownership.bind(Ownership.bind(bind, batch.owners()), batch.ended()),
        result -> {
          while (result.next()) {
            if (result.getBoolean(3)) {
              answers.accept(new Ownership(result.getObject(1, UUID.class), result.getLong(2)));
            }
          }
        });
  }
}
