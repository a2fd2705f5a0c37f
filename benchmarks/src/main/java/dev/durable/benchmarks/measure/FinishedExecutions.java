package dev.durable.benchmarks.measure;

import dev.durable.benchmarks.driver.Target;
import dev.durable.migration.DurableMigration;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** Writes finished executions of three steps, in sets, with results of a few bytes. */
public final class FinishedExecutions {

  private static final int CHUNK = 250_000;

  // Ids of version 7, some years old, in order.
  private static final String ID =
      "(lpad(to_hex(1500000000000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid";

  private static final String EXECUTIONS =
      """
      insert into durable.workflow_executions
        (id, workflow_name, workflow_version, fingerprint, status, queue, priority, input, output,
         started_at, completed_at, lock_token, inserted_at, updated_at)
      select :id, 'bench', 1, '0123456789abcdef0123456789abcdef', 'completed', 'default', 0,
             json_build_object('order', n), jsonb_build_object('order', n),
             timestamptz '2020-01-01' + n * interval '1 ms',
             timestamptz '2020-01-01' + n * interval '1 ms', 1,
             timestamptz '2020-01-01' + n * interval '1 ms',
             timestamptz '2020-01-01' + n * interval '1 ms'
      from generate_series(:from::bigint, :to::bigint) n
      """;

  private static final String STEPS =
      """
      insert into durable.step_executions
        (workflow_id, seq, step_name, path, step_type, attempt, status, output, started_at,
         completed_at)
      select :id, s, 'step-' || s + 1, 'step-' || s + 1, 'step', 1, 'completed',
             json_build_object('order', n),
             timestamptz '2020-01-01' + n * interval '1 ms',
             timestamptz '2020-01-01' + n * interval '1 ms'
      from generate_series(:from::bigint, :to::bigint) n, generate_series(0, 2) s
      """;

  private FinishedExecutions() {}

  /** Creates the tables and fills them. */
  public static void write(Target target, long executions) throws SQLException {
    try (var pool = target.pool(1)) {
      DurableMigration.on(pool).up();
    }
    try (Connection connection = target.connect();
        Statement statement = connection.createStatement()) {
      statement.execute("set synchronous_commit = off");
      for (long from = 1; from <= executions; from += CHUNK) {
        long to = Math.min(executions, from + CHUNK - 1);
        statement.execute(chunk(EXECUTIONS, from, to));
        statement.execute(chunk(STEPS, from, to));
      }
      statement.execute("vacuum (analyze, freeze)");
      statement.execute("checkpoint");
    }
  }

  private static String chunk(String sql, long from, long to) {
    return sql.replace(":id", ID)
        .replace(":from", Long.toString(from))
        .replace(":to", Long.toString(to));
  }
}
