package dev.durable.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.execution.StepType;
import dev.durable.internal.codec.Payloads;
import dev.durable.internal.engine.run.Attempt;
import dev.durable.internal.engine.run.Children;
import dev.durable.internal.engine.run.RunState;
import dev.durable.internal.engine.run.Uncommitted;
import dev.durable.internal.journal.FencedException;
import dev.durable.internal.journal.Journal;
import dev.durable.internal.service.Services;
import dev.durable.internal.service.Timers;
import dev.durable.internal.store.Stores;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.Ownership;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.worker.Claimed;
import dev.durable.internal.store.worker.ClaimedHistory;
import dev.durable.internal.store.worker.LastDefinition;
import dev.durable.internal.transaction.TransactionRunner;
import dev.durable.json.JsonCodec;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.ChildOptions;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The executions of these runs are not in the database, so whatever they write is refused. */
class LongBodiesTest {

  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final TestDatabase db = TestDatabase.migrated();
  private final Workflow<String, String> workflow =
      Workflow.define("long", String.class).step("s", text -> text).build();
  private final Schema schema = new Schema("durable");
  private final Database database = new Database(db.dataSource());
  private final Stores stores = Stores.on(database, schema);
  private final Services services = new Services("long-bodies", PATIENCE);
  private final Timers timers = services.timers("timers");
  private final Journal journal =
      new Journal(services, database, PATIENCE, stores.journal(), hints -> {});
  private final CountDownLatch abandoned = new CountDownLatch(2);
  private final Engine engine =
      new Engine(
          timers,
          new Definitions(List.of(workflow)),
          stores,
          new Payloads(JsonCodec.jackson(), Long.MAX_VALUE, Long.MAX_VALUE),
          journal,
          new TransactionRunner(database, PATIENCE, stores.journal(), hints -> {}, null),
          new NoChildren(),
          Duration.ofHours(1),
          (id, end) -> {});

  @AfterEach
  void close() {
    journal.close();
    timers.shutdownNow();
    db.close();
  }

  @Test
  @Proves("F2.3")
  @DisplayName("No writer of the journal waits for a body that waits for the journal")
  void writersWaitForNoBody() throws Exception {
    Attempt first = attempt();
    Attempt second = attempt();
    // As a body does that offers a fact to a full journal: it waits with its attempt's lock held.
    whileLocked(
        first,
        () -> {
          show(first);
          assertThat(answer()).isInstanceOf(FencedException.class);
          whileLocked(
              second,
              () -> {
                show(second);
                assertThat(answer()).isInstanceOf(FencedException.class);
              });
        });
    assertThat(abandoned.await(30, TimeUnit.SECONDS)).isTrue();
  }

  private static Attempt attempt() {
    return new Attempt("s", StepType.STEP, 1, null, false, null);
  }

  private void show(Attempt attempt) {
    RunState run = run(attempt);
    run.bodies().begun(attempt);
    new LongBodies(run).show(-1);
  }

  /** The answer of the journal to one more entry. */
  private Throwable answer() {
    Attempt other = attempt();
    RunState run = run(other);
    Attempt.Showing showing = Objects.requireNonNull(other.show(run.history()));
    CompletableFuture<Void> written = run.journal().offer(Uncommitted.of(List.of(showing.row())));
    return written.handle((done, failure) -> failure).orTimeout(20, TimeUnit.SECONDS).join();
  }

  /** A run that interrupts its body when it is abandoned. */
  private RunState run(Attempt attempt) {
    Ownership owner = new Ownership(TimeOrderedIds.next(), 2);
    Claimed claimed =
        new Claimed(
            new LastDefinition(owner, workflow.name(), workflow.version(), workflow.fingerprint()),
            null,
            "default",
            null,
            Map.of(),
            "\"x\"",
            null,
            null,
            false);
    return new RunState(
        engine.services(),
        claimed,
        workflow,
        ClaimedHistory.NONE,
        reason -> {
          attempt.interrupt();
          abandoned.countDown();
        });
  }

  /** Does something once, with the lock of an attempt held. */
  private static void whileLocked(Attempt attempt, Runnable work) {
    AtomicBoolean begun = new AtomicBoolean();
    attempt.interrupt();
    attempt.interruptsBy(
        () -> {
          if (begun.compareAndSet(false, true)) {
            work.run();
          }
        });
    assertThat(begun).isTrue();
  }

  private static final class NoChildren implements Children {

    @Override
    public <I> StartRow prepare(Workflow<I, ?> child, I input, ChildOptions options) {
      throw new IllegalStateException("these runs start nothing");
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
}
