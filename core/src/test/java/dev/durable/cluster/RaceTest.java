package dev.durable.cluster;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilStatus;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionCancelledException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.ExecutionRows;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
class RaceTest {

  private static final int CALLERS = 100;

  private final TestDatabase db;
  private final Map<String, CountDownLatch> latches = new ConcurrentHashMap<>();
  private final Workflow<String, String> gated =
      Workflow.define("gated", String.class)
          .step(
              "wait",
              text -> {
                if (text.startsWith("fail") && latch(text).getCount() > 0) {
                  throw new IllegalStateException("not yet");
                }
                latch(text.replace("fail", "after")).await();
                return text;
              })
          .build();

  RaceTest(TestDatabase db) {
    this.db = db;
  }

  private CountDownLatch latch(String name) {
    return latches.computeIfAbsent(name, n -> new CountDownLatch(1));
  }

  @Test
  @Proves({"G15", "G14"})
  @DisplayName("Of cancel and completion exactly one wins, and it stays so")
  void ofCancelAndCompletionExactlyOneWins() throws Exception {
    try (Durable durable = db.start(gated);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      int cancelled = 0;
      for (int i = 0; i < 300; i++) {
        String name = "race" + i;
        ExecutionHandle<String> handle = durable.start(gated, name);
        CyclicBarrier both = new CyclicBarrier(2);
        Future<?> completing =
            threads.submit(
                () -> {
                  both.await();
                  latch(name).countDown();
                  return null;
                });
        boolean won = wins(threads.submit(together(both, () -> durable.cancel(handle.id()))));
        completing.get();

        String end = end(handle);
        assertThat(end).isEqualTo(won ? "cancelled" : name);
        assertThat(handle.status())
            .isEqualTo(won ? ExecutionStatus.CANCELLED : ExecutionStatus.COMPLETED);
        cancelled += won ? 1 : 0;
      }
      assertThat(cancelled).as("cancels that won").isPositive();
    }
  }

  @Test
  @Proves("G15")
  @DisplayName("Of a hundred cancels at once one wins")
  void ofAHundredCancelsAtOnceOneWins() throws Exception {
    try (Durable durable = db.start(gated)) {
      UUID id = durable.start(gated, "hundred").id();
      assertThat(winners(() -> durable.cancel(id))).isEqualTo(1);
    }
  }

  @Test
  @Proves("G14")
  @DisplayName("Of a hundred retries at once one wins")
  void ofAHundredRetriesAtOnceOneWins() throws Exception {
    try (Durable durable = db.start(gated)) {
      ExecutionHandle<String> handle = durable.start(gated, "fail");
      untilStatus(handle, ExecutionStatus.FAILED);
      latch("fail").countDown();

      assertThat(winners(() -> durable.retry(handle.id()))).isEqualTo(1);

      latch("after").countDown();
      assertThat(handle.result(SOON)).isEqualTo("fail");
    }
  }

  @Test
  @Proves("G1")
  @DisplayName("Of a hundred starts with one key at once one is new")
  void ofAHundredStartsWithOneKeyAtOnceOneIsNew() throws Exception {
    latch("keyed").countDown();
    try (Durable durable = db.start(gated);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CyclicBarrier all = new CyclicBarrier(CALLERS);
      List<Future<ExecutionHandle<String>>> starts = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        starts.add(
            threads.submit(
                () -> {
                  all.await();
                  return durable.start(gated, "keyed", with -> with.key("the key"));
                }));
      }
      List<ExecutionHandle<String>> handles = new ArrayList<>();
      for (Future<ExecutionHandle<String>> start : starts) {
        handles.add(start.get());
      }
      assertThat(handles).extracting(ExecutionHandle::id).containsOnly(handles.get(0).id());
      assertThat(handles).filteredOn(ExecutionHandle::isNew).hasSize(1);
      assertThat(handles.get(0).result(SOON)).isEqualTo("keyed");
    }
  }

  @Test
  @Proves({"G12", "B-06"})
  @DisplayName("A cancel closes the attempt that was shown while it waited")
  void aCancelClosesTheAttemptThatWasShownWhileItWaited() throws Exception {
    try (Durable durable = db.start(gated)) {
      UUID id = durable.start(gated, "shown").id();
      whileLocked(id, insertStep(id, "running", ""), () -> durable.cancel(id));
      assertThat(steps(id)).containsExactly("wait|cancelled");
    }
  }

  @Test
  @Proves("G14")
  @DisplayName("A retry finds its place after the failure that was committed while it waited")
  void aRetryFindsItsPlaceAfterTheFailureThatWasCommittedWhileItWaited() throws Exception {
    try (Durable durable = Durable.on(db.dataSource()).register(gated).build()) {
      UUID id = ownedBy(db.createIdleWorker());
      String failing =
          insertStep(id, "failed", ", clock_timestamp()")
              + "; update durable.workflow_executions set status = 'failed', locked_by = null,"
              + " error = '{\"type\": \"t\", \"message\": \"m\"}', completed_at = now()"
              + " where id = '"
              + id
              + "'";
      whileLocked(id, failing, () -> durable.retry(id));
      assertThat(steps(id)).containsExactly("wait|failed", "retry|completed");
      durable.cancel(id);
    }
  }

  @Test
  @Proves({"G12", "G13", "F11.4"})
  @DisplayName(
      "A takeover skips locked executions, and closes the attempt that was shown meanwhile")
  void aTakeoverClosesTheAttemptThatWasShownWhileItPassedBy() throws Exception {
    UUID gone = db.createDeadWorker();
    UUID id = ownedBy(gone);
    UUID other = ownedBy(gone);
    latch("x").countDown();
    try (Connection owner = db.dataSource().getConnection();
        Statement sql = owner.createStatement()) {
      ExecutionRows.lockAsAnEntryDoes(owner, id);
      sql.execute(insertStep(id, "running", ""));
      try (Durable worker =
          Durable.on(db.dataSource())
              .register(gated)
              .worker(w -> w.lease(Duration.ofMillis(900)).heartbeat(Duration.ofMillis(100)))
              .startWorker()) {
        assertThat(worker.handle(other).result(SOON)).isEqualTo("\"x\"");
        owner.commit();
        assertThat(worker.handle(id).result(SOON)).isEqualTo("\"x\"");
      }
      owner.setAutoCommit(true);
    }
    assertThat(steps(id)).containsExactly("wait|failed", "wait|completed");
  }

  @Test
  @Proves({"G2", "B-34"})
  @DisplayName("An owner that was replaced while its body ran writes nothing")
  void anOwnerThatWasReplacedWhileItsBodyRanWritesNothing() {
    try (Durable durable = db.start(gated)) {
      UUID id = durable.start(gated, "replaced").id();
      Gate.until(() -> latches.containsKey("replaced"));
      UUID successor = db.createIdleWorker();
      db.giveTo(successor, id);
      latch("replaced").countDown();
      durable.start(gated, "replaced").result(SOON);
      assertThat(steps(id)).isEmpty();
      assertThat(durable.find(id).orElseThrow().status()).isEqualTo(ExecutionStatus.RUNNING);
      assertThat(durable.find(id).orElseThrow().worker()).isEqualTo(successor);
      durable.cancel(id);
    }
  }

  /** Locks the execution as its owner's writer does, until another session waits for it. */
  private void whileLocked(UUID id, String statement, Runnable action) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        Connection owner = db.dataSource().getConnection();
        Statement sql = owner.createStatement()) {
      ExecutionRows.lockAsAnEntryDoes(owner, id);
      sql.execute(statement);
      Future<?> waiting = threads.submit(action);
      db.awaitBlocked(1);
      owner.commit();
      owner.setAutoCommit(true);
      waiting.get();
    }
  }

  private static String insertStep(UUID id, String status, String completedAt) {
    return "insert into durable.step_executions"
        + " (workflow_id, seq, step_name, path, step_type, attempt, status, started_at"
        + (completedAt.isEmpty() ? "" : ", completed_at")
        + ") values ('"
        + id
        + "', 0, 'wait', 'wait', 'step', 1, '"
        + status
        + "', clock_timestamp()"
        + completedAt
        + ")";
  }

  private UUID ownedBy(UUID worker) {
    return db.addOwned(worker, "gated", gated.fingerprint(), "\"x\"");
  }

  private List<String> steps(UUID id) {
    return db.rows(
        "select path, status from durable.step_executions where workflow_id = ? order by seq", id);
  }

  private static int winners(Runnable operation) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CyclicBarrier all = new CyclicBarrier(CALLERS);
      List<Future<Boolean>> results = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        results.add(threads.submit(together(all, operation)));
      }
      int winners = 0;
      for (Future<Boolean> result : results) {
        winners += wins(result) ? 1 : 0;
      }
      return winners;
    }
  }

  private static boolean wins(Future<Boolean> result) throws Exception {
    return result.get();
  }

  /** True if the operation won, false if it was refused because of the execution's status. */
  private static Callable<Boolean> together(CyclicBarrier barrier, Runnable operation) {
    return () -> {
      barrier.await();
      try {
        operation.run();
        return true;
      } catch (ExecutionStateException refused) {
        return false;
      }
    };
  }

  private static String end(ExecutionHandle<String> handle) {
    try {
      return handle.result(SOON);
    } catch (ExecutionCancelledException cancelled) {
      return "cancelled";
    }
  }
}
