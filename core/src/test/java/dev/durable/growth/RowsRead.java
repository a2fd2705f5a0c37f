package dev.durable.growth;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.testing.Gate;
import dev.durable.testing.TestDatabase;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Counts the rows and index entries that the engine reads for a piece of work. The figures of a
 * session are in the statistics once it has ended, so each piece of work gets a pool of its own.
 */
final class RowsRead {

  private static final String OF_TABLES =
      """
      select t.relname, t.seq_tup_read + coalesce(sum(i.idx_tup_read), 0)
      from pg_stat_user_tables t left join pg_stat_user_indexes i on i.relid = t.relid
      where t.schemaname = 'durable'
        and t.relname in ('step_executions', 'wait_groups', 'pending_events')
      group by t.relname, t.seq_tup_read
      """;

  private static final List<String> TABLES =
      List.of("workflow_executions", "step_executions", "wait_groups", "pending_events");

  private final TestDatabase db;

  RowsRead(TestDatabase db) {
    this.db = db;
    db.stopAutovacuum();
  }

  /** Lets PostgreSQL analyze the tables as they are now. */
  void analyze() {
    TABLES.forEach(table -> db.script("analyze durable." + table));
  }

  /** The rows that the sessions of this work read, by table. */
  Map<String, Long> during(Consumer<HikariDataSource> work) {
    Map<String, Long> before = now();
    try (HikariDataSource pool = pool()) {
      work.accept(pool);
    }
    Map<String, Long> read = now();
    before.forEach((table, rows) -> read.merge(table, -rows, Long::sum));
    return read;
  }

  private HikariDataSource pool() {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(db.url());
    config.setUsername(db.user());
    config.setPassword(db.password());
    config.addDataSourceProperty("ApplicationName", "counted");
    config.setMaximumPoolSize(8);
    return new HikariDataSource(config);
  }

  private Map<String, Long> now() {
    Gate.until(
        () ->
            db.number(
                    "select count(*) from pg_stat_activity where datname = current_database()"
                        + " and application_name = 'counted'")
                == 0);
    db.script("select pg_stat_clear_snapshot(), pg_stat_force_next_flush()");
    Map<String, Long> rows = new TreeMap<>();
    for (String row : db.rows(OF_TABLES)) {
      String[] column = row.split("\\|", -1);
      rows.put(column[0], Long.parseLong(column[1]));
    }
    return rows;
  }
}
