package dev.durable.internal.store.client;

import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionQuery;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.Page;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner.Answer;
import dev.durable.internal.store.jdbc.StatementTemplate;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Lists of executions. Ids are made in the order of time, so newest first is a walk down the
 * primary key.
 */
public final class QueryStore {

  private static final String ID = "00000000-0000-7000-8000-000000000000";

  /**
   * Counts executions that are not completed in their indexes; all others are completed. So no
   * table of millions of rows is read.
   */
  private static final String COUNT_ALL =
      """
      with open as materialized (
        select e.status, pg_catalog.count(*) as number from ${schema}.workflow_executions e
        where ${indexed} group by e.status
        union all
        select 'running', pg_catalog.count(*) from ${schema}.workflow_executions e where ${running}
        union all
        select 'pending', pg_catalog.count(*) from ${schema}.workflow_executions e where ${pending}
      )
      select o.status, o.number from open o
      union all
      select 'completed',
             (select pg_catalog.count(*) from ${schema}.workflow_executions)
               - (select pg_catalog.sum(o.number)::bigint from open o)
      """
          .replace("${indexed}", StatusCondition.INDEXED)
          .replace("${running}", StatusCondition.RUNNING)
          .replace("${pending}", StatusCondition.PENDING);

  /** The statements of a query that uses every condition. */
  public static final List<StatementTemplate> STATEMENTS = statements();

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public QueryStore(Database database, Schema schema) {
    this.database = database;
    this.schema = schema;
  }

  private static List<StatementTemplate> statements() {
    QueryConditions filter =
        QueryConditions.of(
            ExecutionQuery.of(
                with ->
                    with.workflow("any")
                        .key("any")
                        .keyHistory("any")
                        .queue("any")
                        .schedule("any")
                        .idPrefix(ID)
                        .status(ExecutionStatus.FAILED)
                        .tag("any", "any")
                        .since(Instant.EPOCH)
                        .until(Instant.EPOCH)));
    filter.add("id < ?::uuid", bind -> bind.uuid(UUID.fromString(ID)));
    return List.of(
        new StatementTemplate("QueryStore.list", list(filter)),
        new StatementTemplate("QueryStore.count", count(filter)),
        new StatementTemplate("QueryStore.COUNT_ALL", COUNT_ALL));
  }

  /** A page of the matching executions. */
  public Page<Execution> list(ExecutionQuery query) {
    QueryConditions filter = QueryConditions.of(query);
    if (query.after() != null) {
      UUID after = query.after();
      filter.add("id < ?::uuid", bind -> bind.uuid(after));
    }
    filter.bind(bind -> bind.number(query.limit() + 1));
    List<Execution> rows = ask(list(filter), filter, Answer.all(RowReader::execution));
    boolean more = rows.size() > query.limit();
    List<Execution> page = more ? rows.subList(0, query.limit()) : rows;
    return new Page<>(page, more ? page.get(page.size() - 1).id() : null);
  }

  private static String list(QueryConditions filter) {
    return "select "
        + RowReader.EXECUTION
        + " from ${schema}.workflow_executions"
        + filter.where()
        + " order by id desc limit ?::bigint";
  }

  /** The number of matching executions by status. */
  public Map<ExecutionStatus, Long> countByStatus(ExecutionQuery query) {
    QueryConditions filter = QueryConditions.of(query);
    if (!filter.isEmpty()) {
      return ask(count(filter), filter, QueryStore::counts);
    }
    Map<ExecutionStatus, Long> counts = ask(COUNT_ALL, filter, QueryStore::counts);
    counts.values().removeIf(number -> number == 0);
    return counts;
  }

  private static String count(QueryConditions filter) {
    return "select status, pg_catalog.count(*) from ${schema}.workflow_executions"
        + filter.where()
        + " group by status";
  }

  private static Map<ExecutionStatus, Long> counts(ResultSet row) throws SQLException {
    Map<ExecutionStatus, Long> counts = new EnumMap<>(ExecutionStatus.class);
    while (row.next()) {
      counts.put(ExecutionStatus.of(row.getString(1)), row.getLong(2));
    }
    return counts;
  }

  private <T> T ask(String template, QueryConditions filter, Answer<T> answer) {
    return database.query("list executions", schema.of(template), filter::bindAll, answer);
  }
}
