package dev.durable.internal.store.client;

import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.InternalJson;
import dev.durable.internal.store.journal.Ownership;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads rows into the records that users see. */
public final class RowReader {

  static final String EXECUTION =
      "id, workflow_name, workflow_version, fingerprint, workflow_key, former_key, status, queue,"
          + " priority, input, output, error, current_step, tags, locked_by, lock_token, recoveries,"
          + " wake_at, deadline_at, scheduled_at, started_at, completed_at, compensated_at,"
          + " compensation_results, schedule_name, scheduled_for, parent_workflow_id, parent_step, inserted_at, updated_at";

  public static final String STEP =
      "workflow_id, seq, path, step_name, step_type, attempt, status, output, error, started_at,"
          + " completed_at, wake_at, compensation_for, child_workflow_id";

  private RowReader() {}

  static Execution execution(ResultSet row) throws SQLException {
    return new Execution(
        row.getObject("id", UUID.class),
        row.getString("workflow_name"),
        row.getInt("workflow_version"),
        row.getString("fingerprint"),
        row.getString("workflow_key"),
        row.getString("former_key"),
        ExecutionStatus.of(row.getString("status")),
        row.getString("queue"),
        row.getInt("priority"),
        row.getString("input"),
        row.getString("output"),
        InternalJson.error(row.getString("error")),
        row.getString("current_step"),
        InternalJson.tags(row.getString("tags")),
        row.getObject("locked_by", UUID.class),
        row.getLong("lock_token"),
        row.getInt("recoveries"),
        time(row, "wake_at"),
        time(row, "deadline_at"),
        time(row, "scheduled_at"),
        time(row, "started_at"),
        time(row, "completed_at"),
        time(row, "compensated_at"),
        InternalJson.compensations(row.getString("compensation_results")),
        row.getString("schedule_name"),
        time(row, "scheduled_for"),
        row.getObject("parent_workflow_id", UUID.class),
        row.getString("parent_step"),
        requiredTime(row, "inserted_at"),
        requiredTime(row, "updated_at"));
  }

  /** Reads the columns now and decodes them later: decoding may fail, for this row alone. */
  public static Supplier<StepExecution> step(ResultSet row) throws SQLException {
    UUID execution = row.getObject("workflow_id", UUID.class);
    int seq = row.getInt("seq");
    String path = row.getString("path");
    String name = row.getString("step_name");
    String type = row.getString("step_type");
    int attempt = row.getInt("attempt");
    String status = row.getString("status");
    String output = row.getString("output");
    String error = row.getString("error");
    Instant startedAt = requiredTime(row, "started_at");
    Instant completedAt = time(row, "completed_at");
    Instant wakeAt = time(row, "wake_at");
    String undoes = row.getString("compensation_for");
    UUID child = row.getObject("child_workflow_id", UUID.class);
    return () ->
        new StepExecution(
            execution,
            seq,
            path,
            name,
            StepType.of(type),
            attempt,
            StepStatus.of(status),
            output,
            InternalJson.error(error),
            startedAt,
            completedAt,
            wakeAt,
            undoes,
            child);
  }

  public static UUID id(ResultSet row) throws SQLException {
    return row.getObject(1, UUID.class);
  }

  public static Ownership ownership(ResultSet row) throws SQLException {
    return new Ownership(id(row), row.getLong(2));
  }

  /** An array of texts; empty for null. */
  public static List<String> texts(ResultSet row, int column) throws SQLException {
    return texts(row.getArray(column));
  }

  /** An array of texts; empty for null. */
  public static List<String> texts(ResultSet row, String column) throws SQLException {
    return texts(row.getArray(column));
  }

  private static List<String> texts(@Nullable Array array) throws SQLException {
    return array == null ? List.of() : List.of((String[]) array.getArray());
  }

  public static @Nullable Duration micros(ResultSet row, int column) throws SQLException {
    long micros = row.getLong(column);
    return row.wasNull()
        ? null
        : Duration.ofSeconds(micros / 1_000_000L, micros % 1_000_000L * 1_000L);
  }

  public static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  public static Instant requiredTime(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
