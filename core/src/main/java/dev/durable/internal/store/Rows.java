package dev.durable.internal.store;

import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads rows into the records that users see. */
final class Rows {

  static final String EXECUTION =
      "id, workflow_name, workflow_version, fingerprint, workflow_key, status, queue, priority,"
          + " input, output, error, current_step, tags, locked_by, lock_token, recoveries,"
          + " wake_at, deadline_at, scheduled_at, started_at, completed_at, compensated_at,"
          + " compensation_results, parent_workflow_id, parent_step, inserted_at, updated_at";

  static final String STEP =
      "workflow_id, seq, path, step_name, step_type, attempt, status, output, error, started_at,"
          + " completed_at, wake_at, compensation_for, child_workflow_id";

  private Rows() {}

  static Execution execution(ResultSet row) throws SQLException {
    return new Execution(
        row.getObject("id", UUID.class),
        row.getString("workflow_name"),
        row.getInt("workflow_version"),
        row.getString("fingerprint"),
        row.getString("workflow_key"),
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
        row.getObject("parent_workflow_id", UUID.class),
        row.getString("parent_step"),
        requiredTime(row, "inserted_at"),
        requiredTime(row, "updated_at"));
  }

  static StepExecution step(ResultSet row) throws SQLException {
    return new StepExecution(
        row.getObject("workflow_id", UUID.class),
        row.getInt("seq"),
        row.getString("path"),
        row.getString("step_name"),
        StepType.of(row.getString("step_type")),
        row.getInt("attempt"),
        StepStatus.of(row.getString("status")),
        row.getString("output"),
        InternalJson.error(row.getString("error")),
        requiredTime(row, "started_at"),
        time(row, "completed_at"),
        time(row, "wake_at"),
        row.getString("compensation_for"),
        row.getObject("child_workflow_id", UUID.class));
  }

  static @Nullable Duration micros(ResultSet row, int column) throws SQLException {
    long micros = row.getLong(column);
    return row.wasNull()
        ? null
        : Duration.ofSeconds(micros / 1_000_000L, micros % 1_000_000L * 1_000L);
  }

  static @Nullable Instant time(ResultSet row, String column) throws SQLException {
    OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
    return time == null ? null : time.toInstant();
  }

  static Instant requiredTime(ResultSet row, String column) throws SQLException {
    return row.getObject(column, OffsetDateTime.class).toInstant();
  }
}
