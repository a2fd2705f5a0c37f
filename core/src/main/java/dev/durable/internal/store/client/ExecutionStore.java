package dev.durable.internal.store.client;

import dev.durable.execution.ErrorInfo;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Parameters;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Single executions, and how they ended. */
public final class ExecutionStore {

  private static final StatementTemplate FIND =
      new StatementTemplate(
          "ExecutionStore.FIND",
          "select "
              + RowReader.EXECUTION
              + " from ${schema}.workflow_executions where id = ?::uuid");

  private static final StatementTemplate FIND_BY_KEY =
      new StatementTemplate(
          "ExecutionStore.FIND_BY_KEY",
          "select "
              + RowReader.EXECUTION
              + " from ${schema}.workflow_executions"
              + " where workflow_name = ?::text and workflow_key = ?::text");

  private static final StatementTemplate CHILDREN =
      new StatementTemplate(
          "ExecutionStore.CHILDREN",
          "select "
              + RowReader.EXECUTION
              + " from ${schema}.workflow_executions where parent_workflow_id = ?::uuid"
              + " order by id");

  private static final StatementTemplate ENDED =
      new StatementTemplate(
          "ExecutionStore.ENDED",
          """
          select id, status, output, error from ${schema}.workflow_executions
          where id = any (?::uuid[]) and status = any (?::text[])
          """);

  private static final StatementTemplate EXISTING =
      new StatementTemplate(
          "ExecutionStore.EXISTING",
          "select id from ${schema}.workflow_executions where id = any (?::uuid[])");

  public static final List<StatementTemplate> STATEMENTS =
      List.of(FIND, FIND_BY_KEY, CHILDREN, ENDED, EXISTING);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public ExecutionStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  /**
   * How an execution ended, or why it is parked.
   *
   * @param status final, or parked
   * @param output JSON of the result, if completed
   * @param error the reason if it did not complete
   */
  public record End(ExecutionStatus status, @Nullable String output, @Nullable ErrorInfo error) {}

  /** The execution of that id. */
  public Optional<Execution> find(UUID id) {
    return one(schema.of(FIND), bind -> bind.uuid(id));
  }

  /** The execution of that workflow with that key. */
  public Optional<Execution> find(String workflow, String key) {
    return one(schema.of(FIND_BY_KEY), bind -> bind.text(workflow).text(key));
  }

  /** The children of an execution, the oldest first. */
  public List<Execution> children(UUID parent) {
    return database.query(
        "list the children of execution " + parent,
        schema.of(CHILDREN),
        bind -> bind.uuid(parent),
        Answer.all(RowReader::execution));
  }

  /** The ends of those of these executions that have ended or are parked. */
  public Map<UUID, End> ended(Collection<UUID> ids) {
    return database.query(
        "ask for results",
        schema.of(ENDED),
        bind ->
            bind.uuids(List.copyOf(ids), id -> id)
                .texts(List.copyOf(ExecutionStatus.SETTLED), ExecutionStatus::text),
        rows -> {
          Map<UUID, End> ends = new HashMap<>();
          while (rows.next()) {
            ends.put(rows.getObject(1, UUID.class), end(rows));
          }
          return ends;
        });
  }

  private static End end(ResultSet row) throws SQLException {
    return new End(
        ExecutionStatus.of(row.getString(2)),
        row.getString(3),
        InternalJson.error(row.getString(4)));
  }

  /** Returns an exception for each of these that does not exist. */
  public Map<UUID, ExecutionNotFoundException> missing(Collection<UUID> ids) {
    return database.query(
        "ask whether executions exist",
        schema.of(EXISTING),
        bind -> bind.uuids(List.copyOf(ids), id -> id),
        rows -> {
          Map<UUID, ExecutionNotFoundException> missing = new HashMap<>();
          ids.forEach(id -> missing.put(id, new ExecutionNotFoundException(id, schema.prefix())));
          while (rows.next()) {
            missing.remove(rows.getObject(1, UUID.class));
          }
          return missing;
        });
  }

  private Optional<Execution> one(String query, Parameters.Binding binding) {
    return database.query("find an execution", query, binding, Answer.first(RowReader::execution));
  }
}
