package dev.durable.internal.store.worker;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.StepExecution;
import dev.durable.internal.store.client.MailboxStore;
import dev.durable.internal.store.client.RowReader;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.internal.store.journal.SignalSql;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads histories of executions. */
public final class HistoryStore {

  /**
   * Rows, the time until they are due, and the signals of open waits. A time that was set to
   * infinity by hand counts as 100 years away.
   */
  private static final String READ =
      "with ${clock} select "
          + RowReader.STEP
          + ", ${until: wake_at}"
          + ", w.signals, w.every from ${steps} s"
          + " left join lateral (select pg_catalog.bool_and(g.mode = 'all') as every,"
          + " pg_catalog.array_agg(g.kind || ':' || g.event_name order by g.place) as signals"
          + " from ${schema}.wait_groups g where "
          + SignalSql.waitOf("g")
          + " = "
          + SignalSql.waitOf("s")
          + " and s.status = 'waiting') w on true";

  private static final StatementTemplate LOAD =
      new StatementTemplate(
          "HistoryStore.LOAD",
          READ.replace("${steps}", "${schema}.step_executions")
              + " where workflow_id = any (?::uuid[]) order by workflow_id, seq");

  /** Reads some of the rows, by their places. */
  private static final StatementTemplate RELOAD =
      new StatementTemplate(
          "HistoryStore.RELOAD",
          READ.replace(
              "${steps}",
              "${rows: id uuid, low int, high int} as r cross join lateral ("
                  + "select * from ${schema}.step_executions x where x.workflow_id = r.id"
                  + " and x.seq between r.low and r.high offset 0)"));

  private static final StatementTemplate EXISTS =
      new StatementTemplate(
          "HistoryStore.EXISTS", "select 1 from ${schema}.workflow_executions where id = ?::uuid");

  public static final List<StatementTemplate> STATEMENTS = List.of(LOAD, RELOAD, EXISTS);

  private final Database database;
  private final Schema schema;

  /**
   * @param database where
   * @param schema whose tables
   */
  public HistoryStore(Database database, Schema schema) {
    this.database = database.byKey();
    this.schema = schema;
  }

  /**
   * The histories and unread signals of executions; those without any are left out.
   *
   * @param runner the claimer's
   * @param unreadable gets the executions whose history cannot be read, with the cause; the others
   *     are read
   */
  public Map<UUID, ClaimedHistory> pasts(
      SqlRunner runner, Collection<UUID> executions, Map<UUID, Throwable> unreadable) {
    return pasts(runner, executions, Map.of(), unreadable);
  }

  /**
   * The same, without reading kept histories again.
   *
   * @param kept histories up to the last stay
   */
  public Map<UUID, ClaimedHistory> pasts(
      SqlRunner runner,
      Collection<UUID> executions,
      Map<UUID, KeptHistory> kept,
      Map<UUID, Throwable> unreadable) {
    Map<UUID, List<HistoryRow>> histories = new HashMap<>();
    Map<UUID, List<MailboxStore.Signal>> mailboxes = new HashMap<>();
    List<UUID> ids = List.copyOf(executions);
    List<UUID> whole = ids.stream().filter(id -> !kept.containsKey(id)).toList();
    long now = System.nanoTime();
    List<KeptHistory.Span> spans = new ArrayList<>();
    kept.forEach((id, history) -> spans.addAll(history.unknown(id, now)));
    Pipeline pipeline = new Pipeline();
    if (!whole.isEmpty()) {
      pipeline.add(
          schema.of(LOAD),
          bind -> bind.now().uuids(whole, id -> id),
          rows -> histories.putAll(read(rows, unreadable)));
    }
    if (!spans.isEmpty()) {
      pipeline.add(
          schema.of(RELOAD),
          bind ->
              bind.now()
                  .uuids(spans, KeptHistory.Span::execution)
                  .ints(spans, KeptHistory.Span::from)
                  .ints(spans, KeptHistory.Span::to),
          rows -> histories.putAll(read(rows, unreadable)));
    }
    pipeline
        .add(
            MailboxStore.mailbox(schema),
            bind -> bind.uuids(ids, id -> id),
            rows -> mailboxes.putAll(MailboxStore.signals(rows)))
        .execute(runner, "read the history of executions");
    Set<UUID> doubtful = complete(histories, kept, now);
    Map<UUID, ClaimedHistory> pasts = new HashMap<>();
    for (UUID id : ids) {
      List<HistoryRow> rows = histories.getOrDefault(id, List.of());
      List<MailboxStore.Signal> mailbox = mailboxes.getOrDefault(id, List.of());
      if (!doubtful.contains(id) && !(rows.isEmpty() && mailbox.isEmpty())) {
        pasts.put(id, new ClaimedHistory(rows, mailbox, now));
      }
    }
    if (!doubtful.isEmpty()) {
      pasts.putAll(pasts(runner, doubtful, unreadable));
    }
    return pasts;
  }

  /** The executions whose whole history has to be read. */
  private static Set<UUID> complete(
      Map<UUID, List<HistoryRow>> histories, Map<UUID, KeptHistory> kept, long now) {
    Set<UUID> doubtful = new HashSet<>();
    kept.forEach(
        (id, history) -> {
          List<HistoryRow> all = history.with(histories.getOrDefault(id, List.of()), now);
          if (all == null) {
            doubtful.add(id);
          } else {
            histories.put(id, all);
          }
        });
    return doubtful;
  }

  private static Map<UUID, List<HistoryRow>> read(
      ResultSet rows, @Nullable Map<UUID, Throwable> unreadable) throws SQLException {
    Map<UUID, List<HistoryRow>> histories = new HashMap<>();
    while (rows.next()) {
      UUID execution = rows.getObject("workflow_id", UUID.class);
      int seq = rows.getInt("seq");
      Duration wake = RowReader.micros(rows, 15);
      List<String> signals = RowReader.texts(rows, "signals");
      boolean every = rows.getBoolean("every");
      Supplier<StepExecution> step = RowReader.step(rows);
      try {
        HistoryRow row = new HistoryRow(step.get(), wake, signals, every);
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

  /**
   * The history of one execution.
   *
   * @throws ExecutionNotFoundException if it does not exist
   */
  public List<StepExecution> steps(UUID execution) {
    AtomicBoolean exists = new AtomicBoolean();
    AtomicReference<Map<UUID, List<HistoryRow>>> steps = new AtomicReference<>(Map.of());
    new Pipeline()
        .add(schema.of(EXISTS), bind -> bind.uuid(execution), row -> exists.set(row.next()))
        .add(
            schema.of(LOAD),
            bind -> bind.now().uuids(List.of(execution), id -> id),
            rows -> steps.set(read(rows, null)))
        .execute(database, "read the history of execution " + execution);
    if (!exists.get()) {
      throw new ExecutionNotFoundException(execution, schema.prefix());
    }
    return steps.get().getOrDefault(execution, List.of()).stream().map(HistoryRow::row).toList();
  }
}
