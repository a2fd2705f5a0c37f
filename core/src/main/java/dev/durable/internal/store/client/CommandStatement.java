package dev.durable.internal.store.client;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/**
 * The statement with which an operator's command on one execution begins, and the check that its
 * status allows the command.
 */
public final class CommandStatement {

  /**
   * Sent before a command, in one transaction with it: the command's snapshot then also has the
   * history that an owner committed while we waited for the lock.
   */
  private static final StatementTemplate LOCK =
      new StatementTemplate(
          "CommandStatement.LOCK",
          """
          select pg_catalog.count(*) from (
            select 1 from ${schema}.workflow_executions e
            where e.id in (select ?::uuid union all
                           select c.parent_workflow_id from ${schema}.workflow_executions c
                           where c.id = ?::uuid)
            order by e.id for no key update) locked
          """);

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(LOCK);

  private final Schema schema;

  CommandStatement(Schema schema) {
    this.schema = schema;
  }

  /** Adds what locks the execution and its parent. */
  void lock(Pipeline pipeline, UUID id) {
    pipeline.add(schema.of(LOCK), bind -> bind.uuid(id).uuid(id));
  }

  /**
   * Reads the status before a command, and throws unless the command was allowed.
   *
   * @throws ExecutionNotFoundException if there is no such execution
   * @throws ExecutionStateException if its status forbids the command
   */
  void require(ResultSet row, UUID id, String operation, String allowed) throws SQLException {
    if (!row.next()) {
      throw new ExecutionNotFoundException(id, schema.prefix());
    }
    if (!row.getBoolean(2)) {
      throw new ExecutionStateException(
          id, operation, ExecutionStatus.of(row.getString(1)), allowed);
    }
  }
}
