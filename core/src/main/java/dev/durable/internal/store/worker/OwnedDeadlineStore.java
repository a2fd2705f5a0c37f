package dev.durable.internal.store.worker;

import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.Ownership;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Deadlines of executions that a worker owns: their runs end them. */
public final class OwnedDeadlineStore {

  /** A deadline that was set to infinity by hand counts as 100 years away. */
  private static final StatementTemplate UNTIL_DEADLINE =
      new StatementTemplate(
          "OwnedDeadlineStore.UNTIL_DEADLINE",
          """
      with ${clock}
      select ${until: e.deadline_at}
      from ${schema}.workflow_executions e
      where e.id = ?::uuid and e.lock_token = ?::bigint and ${owned}
      """);

  public static final List<StatementTemplate> STATEMENTS = List.of(UNTIL_DEADLINE);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public OwnedDeadlineStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /** The time until its deadline by the database's clock; null if it has none, or is not owned. */
  public @Nullable Duration untilDeadline(Ownership owner) {
    return database
        .query(
            "check the deadline of execution " + owner.id(),
            schema.of(UNTIL_DEADLINE),
            bind -> bind.now().uuid(owner.id()).number(owner.token()),
            row -> Optional.ofNullable(row.next() ? RowReader.micros(row, 1) : null))
        .orElse(null);
  }
}
