package dev.durable.benchmarks.driver;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Writes a batch with one statement, one round trip and one commit. Unnests arrays as the engine
 * does.
 */
final class LimitStatement implements BatchStatement {

  private static final UUID WORKER = UUID.randomUUID();

  private static final String SQL =
      """
      with started as (
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, fingerprint, status, queue, priority, input,
           started_at, locked_by, lock_token, inserted_at, updated_at)
        select id, 'bench', 1, '%1$s', 'running', 'default', 0, input::json,
               statement_timestamp(), '%2$s', 1, statement_timestamp(), statement_timestamp()
        from (select unnest(?::uuid[]) as id, unnest(?::text[]) as input) as r
      ), stepped as (
        insert into durable.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, output, started_at,
           completed_at)
        select id, seq, 'step-' || seq, 'step-' || seq, 'step', 1, 'completed', output::json,
               statement_timestamp(), statement_timestamp()
        from (select unnest(?::uuid[]) as id, unnest(?::int[]) as seq,
                     unnest(?::text[]) as output) as r
      )
      update durable.workflow_executions e
      set status = 'completed', output = r.output::json, locked_by = null,
          updated_at = statement_timestamp(), completed_at = statement_timestamp()
      from (select unnest(?::uuid[]) as id, unnest(?::text[]) as output) as r
      where e.id = r.id
      """
          .formatted(FINGERPRINT, WORKER);

  private final Connection connection;
  private final PreparedStatement statement;

  LimitStatement(Connection connection) throws SQLException {
    this.connection = connection;
    this.statement = connection.prepareStatement(SQL);
  }

  @Override
  public void write(List<Row> batch) throws SQLException {
    List<Row.Start> starts = new ArrayList<>();
    List<Row.Step> steps = new ArrayList<>();
    List<Row.Step> ends = new ArrayList<>();
    for (Row row : batch) {
      switch (row) {
        case Row.Start start -> starts.add(start);
        case Row.Step step -> {
          steps.add(step);
          if (step.last()) {
            ends.add(step);
          }
        }
      }
    }
    array(1, "uuid", starts.stream().map(Row.Start::id).toArray(UUID[]::new));
    array(2, "text", starts.stream().map(Row.Start::input).toArray(String[]::new));
    array(3, "uuid", steps.stream().map(Row.Step::id).toArray(UUID[]::new));
    array(4, "int4", steps.stream().map(Row.Step::seq).toArray(Integer[]::new));
    array(5, "text", steps.stream().map(Row.Step::output).toArray(String[]::new));
    array(6, "uuid", ends.stream().map(Row.Step::id).toArray(UUID[]::new));
    array(7, "text", ends.stream().map(Row.Step::output).toArray(String[]::new));
    statement.executeUpdate();
  }

  private void array(int index, String type, Object[] values) throws SQLException {
    statement.setArray(index, connection.createArrayOf(type, values));
  }

  @Override
  public void close() throws SQLException {
    statement.close();
  }
}
