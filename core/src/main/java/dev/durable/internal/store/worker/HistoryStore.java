package dev.durable.internal.store.worker;

import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.StepExecution;
import dev.durable.internal.store.client.MailboxStore;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Pipeline;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.SqlRunner;
import dev.durable.internal.store.jdbc.StatementTemplate;
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

/** Reads histories of executions. */
public final class HistoryStore {

  private static final StatementTemplate EXISTS =
      new StatementTemplate(
          "HistoryStore.EXISTS", "select 1 from ${schema}.workflow_executions where id = ?::uuid");

  public static final List<StatementTemplate> STATEMENTS = List.of(EXISTS);

  private final Database database;
  private final Schema schema;
  private final HistoryStatement statement;

  /**
   * @param database where
   * @param schema whose tables
   */
  public HistoryStore(Database database, Schema schema) {
    this.database = database.byKey();
    this.schema = schema;
    this.statement = new HistoryStatement(schema);
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
    statement.load(pipeline, whole, unreadable, histories::putAll);
    statement.reload(pipeline, spans, unreadable, histories::putAll);
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

  /**
   * The history of one execution.
   *
   * @throws ExecutionNotFoundException if it does not exist
   */
  public List<StepExecution> steps(UUID execution) {
    AtomicBoolean exists = new AtomicBoolean();
    AtomicReference<Map<UUID, List<HistoryRow>>> steps = new AtomicReference<>(Map.of());
    Pipeline pipeline =
        new Pipeline()
            .add(schema.of(EXISTS), bind -> bind.uuid(execution), row -> exists.set(row.next()));
    statement.load(pipeline, List.of(execution), null, steps::set);
    pipeline.execute(database, "read the history of execution " + execution);
    if (!exists.get()) {
      throw new ExecutionNotFoundException(execution, schema.prefix());
    }
    return steps.get().getOrDefault(execution, List.of()).stream().map(HistoryRow::row).toList();
  }
}
