package dev.durable.internal.store.worker;

import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The statement for lanes in which more executions have slept than a claim reads. */
public final class WakeStatement {

  /**
   * Puts executions that have slept and are due in their place among the rest, by priority. A claim
   * reads only the oldest of them; this is for when there are more.
   */
  private static final StatementTemplate WAKE =
      new StatementTemplate(
          "WakeStatement.WAKE",
          LaneSql.filled(
              """
      with recursive ${clock}, ${asked}, ${lanes}, awake as materialized (
        select c.id
        from mine m cross join lateral (
          select e.id from ${schema}.workflow_executions e
          where ${in_lane} and ${turn} is null and e.wake_at <= ${time}
          ${in_turn} limit ${window}
          for no key update skip locked) c
      )
      update ${schema}.workflow_executions e set updated_at = ${time}
      from awake a where e.id = a.id
      """));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(WAKE);

  private final String wake;

  WakeStatement(Schema schema) {
    this.wake = schema.of(WAKE);
  }

  /** Puts some executions that have slept and are due in their place among the rest. */
  void wake(SqlRunner runner, UUID worker, Collection<String> queues, List<Edition> runs) {
    runner.update(
        "put in order what has slept",
        wake,
        bind ->
            LaneSql.bind(bind.now(), Lane.all(queues, runs), ClaimRoom.NONE, 1, Map.of())
                .uuid(worker));
  }
}
