package dev.durable.internal.engine;

import dev.durable.execution.StepExecution;
import dev.durable.execution.StepStatus;
import dev.durable.execution.StepType;
import dev.durable.internal.codec.JsonValue;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.engine.flow.Walk;
import dev.durable.internal.engine.run.Children;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Strand;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.service.Services;
import dev.durable.internal.service.Timers;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.journal.JournalStore;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.HistoryRow;
import dev.durable.internal.store.worker.LastDefinition;
import dev.durable.internal.text.NodePath;
import dev.durable.internal.transaction.TransactionRunner;
import dev.durable.json.JsonCodec;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.Node;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * For benchmarks only, in this package because walks are internal: an execution whose steps have
 * all been committed is walked once more. The database is never asked.
 */
public final class CommittedWalk implements AutoCloseable {

  private final Workflow<?, ?> workflow;
  private final Claimed claimed;
  private final ClaimedHistory claimedHistory;
  private final Journal journal;
  private final Timers timers;
  private final Engine engine;

  private CommittedWalk(Workflow<?, ?> workflow, Claimed claimed, ClaimedHistory claimedHistory) {
    Database database = new Database(new PGSimpleDataSource());
    Schema sql = new Schema("durable");
    JournalStore store = new JournalStore(sql);
    this.workflow = workflow;
    this.claimed = claimed;
    this.claimedHistory = claimedHistory;
    Duration patience = Duration.ofSeconds(5);
    Services services = new Services("walk", patience);
    this.journal = new Journal(services, database, patience, store, hints -> {});
    this.timers = services.timers("timers");
    this.engine =
        new Engine(
            timers,
            new Definitions(List.of(workflow)),
            Stores.on(database, sql),
            new Payloads(JsonCodec.jackson(), Long.MAX_VALUE, Long.MAX_VALUE),
            journal,
            new TransactionRunner(database, patience, store, hints -> {}, null),
            new NoChildren(),
            Duration.ofSeconds(1),
            (id, end) -> {});
  }

  /** An execution of a workflow whose nodes are all steps. */
  public static CommittedWalk of(Workflow<?, ?> workflow) {
    UUID id = UUID.randomUUID();
    List<HistoryRow> rows = new ArrayList<>();
    for (Node node : workflow.root().children()) {
      rows.add(
          new HistoryRow(
              completed(id, rows.size(), node.name()), null, Duration.ZERO, List.of(), false));
    }
    Claimed claimed =
        new Claimed(
            new LastDefinition(
                new Ownership(id, 2), workflow.name(), workflow.version(), workflow.fingerprint()),
            null,
            "default",
            null,
            Map.of(),
            "1",
            null,
            null,
            false);
    return new CommittedWalk(workflow, claimed, new ClaimedHistory(rows, List.of(), 0));
  }

  private static StepExecution completed(UUID id, int seq, String name) {
    return new StepExecution(
        id,
        seq,
        name,
        name,
        StepType.STEP,
        1,
        StepStatus.COMPLETED,
        Integer.toString(seq),
        null,
        Instant.EPOCH,
        Instant.EPOCH,
        null,
        null,
        null);
  }

  /** A walk over committed steps starts nothing. */
  private static final class NoChildren implements Children {
    @Override
    public <I> StartRow prepare(Workflow<I, ?> child, I input, ChildOptions options) {
      throw new IllegalStateException("a walk over committed steps starts nothing");
    }

    @Override
    public @Nullable UUID holder(String workflow, String key) {
      return null;
    }

    @Override
    public boolean goesOn(UUID child, String workflow) {
      return false;
    }
  }

  /** Reads the history and walks from the beginning; the last result. */
  public String toTheEnd() throws Exception {
    JsonValue input = JsonValue.of(claimed.input());
    RunState run = new RunState(engine.services(), claimed, workflow, claimedHistory, reason -> {});
    return new Walk(Strand.passing(run)).sequence(workflow.root(), NodePath.ROOT, input).json();
  }

  @Override
  public void close() {
    journal.close();
    timers.shutdownNow();
  }
}
