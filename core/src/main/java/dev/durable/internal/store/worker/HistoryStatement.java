package dev.durable.internal.store.worker;

import dev.durable.execution.StepExecution;
import dev.durable.internal.codec.FailureJson;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.RecordedUndo;
import dev.durable.internal.store.journal.SignalSql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The statements that read rows of history. */
public final class HistoryStatement {

  /**
   * Rows, the time until they are due, their age, and the signals of open waits. A time that was
   * set to infinity by hand counts as 100 years away.
   */
  private static final String READ =
      "with ${clock} select "
          + RowReader.STEP
          + ", ${until: wake_at}, ${since: started_at}"
          + ", w.signals, w.every, s.compensated_by, s.input as body_input from ${steps} s"
          + " left join lateral (select pg_catalog.bool_and(g.mode = 'all') as every,"
          + " pg_catalog.array_agg(g.kind || ':' || g.event_name order by g.place) as signals"
          + " from ${schema}.wait_groups g where "
          + SignalSql.waitOf("g")
          + " = "
          + SignalSql.waitOf("s")
          + " and s.status = 'waiting') w on true";

  private static final StatementTemplate LOAD =
      new StatementTemplate(
          "HistoryStatement.LOAD",
          READ.replace("${steps}", "${schema}.step_executions")
              + " where workflow_id = any (?::uuid[]) order by workflow_id, seq");

  /** Reads some of the rows, by their places. */
  private static final StatementTemplate RELOAD =
      new StatementTemplate(
          "HistoryStatement.RELOAD",
          READ.replace(
              "${steps}",
              "${rows: id uuid, low int, high int} as r cross join lateral ("
                  + "select * from ${schema}.step_executions x where x.workflow_id = r.id"
                  + " and x.seq between r.low and r.high offset 0)"));

  /** For the registry. */
  public static final List<StatementTemplate> STATEMENTS = List.of(LOAD, RELOAD);

  private final String load;
  private final String reload;

  HistoryStatement(Schema schema) {
    this.load = schema.of(LOAD);
    this.reload = schema.of(RELOAD);
  }

  /**
   * Reads whole histories; sends nothing for none.
   *
   * @param unreadable gets the executions whose history cannot be read, with the cause; null if
   *     that is to be thrown
   * @param histories gets the rows of each execution that has some
   */
  void load(
      Pipeline pipeline,
      List<UUID> executions,
      @Nullable Map<UUID, Throwable> unreadable,
      Consumer<Map<UUID, List<HistoryRow>>> histories) {
    if (!executions.isEmpty()) {
      pipeline.add(
          load,
          bind -> bind.now().uuids(executions, id -> id),
          rows -> histories.accept(read(rows, unreadable)));
    }
  }

  /** Reads parts of histories in the same way. */
  void reload(
      Pipeline pipeline,
      List<KeptHistory.Span> spans,
      Map<UUID, Throwable> unreadable,
      Consumer<Map<UUID, List<HistoryRow>>> histories) {
    if (!spans.isEmpty()) {
      pipeline.add(
          reload,
          bind ->
              bind.now()
                  .uuids(spans, KeptHistory.Span::execution)
                  .ints(spans, KeptHistory.Span::from)
                  .ints(spans, KeptHistory.Span::to),
          rows -> histories.accept(read(rows, unreadable)));
    }
  }

  private static Map<UUID, List<HistoryRow>> read(
      ResultSet rows, @Nullable Map<UUID, Throwable> unreadable) throws SQLException {
    Map<UUID, List<HistoryRow>> histories = new HashMap<>();
    while (rows.next()) {
      UUID execution = rows.getObject("workflow_id", UUID.class);
      int seq = rows.getInt("seq");
      Duration wake = RowReader.micros(rows, 15);
      Duration age = Objects.requireNonNull(RowReader.micros(rows, 16));
      List<String> signals = RowReader.texts(rows, "signals");
      boolean every = rows.getBoolean("every");
      RecordedUndo undo = undo(rows);
      String error = rows.getString("error");
      Supplier<StepExecution> step = RowReader.step(rows);
      try {
        HistoryRow row =
            new HistoryRow(
                step.get(),
                wake,
                age,
                signals,
                every,
                undo,
                FailureJson.calls(error),
                FailureJson.lasts(error));
        histories.computeIfAbsent(execution, id -> new ArrayList<>()).add(row);
      } catch (RuntimeException damaged) {
        if (unreadable == null) {
          throw damaged;
        }
        unreadable.put(
            execution,
            new IllegalStateException(
                "row " + seq + " of its history: " + damaged.getMessage(), damaged));
      }
    }
    return histories;
  }

  private static @Nullable RecordedUndo undo(ResultSet row) throws SQLException {
    String compensation = row.getString("compensated_by");
    return compensation == null
        ? null
        : new RecordedUndo(compensation, row.getString("body_input"));
  }
}
