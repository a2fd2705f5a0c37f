package dev.durable.torture;

import static dev.durable.testing.DurableFixture.untilEnded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.execution.StepStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Commands that come twice and in the wrong order, while executions end and change their owner. A
 * hundred of one kind at once are in {@code cluster.RaceTest}.
 */
@Tag("newest")
@ExtendWith(DatabaseExtension.class)
class CommandStormTest {

  private static final int KEYS = 10;
  private static final int EACH = 100;

  private final TestDatabase db;
  private final Set<String> failed = ConcurrentHashMap.newKeySet();
  private final Workflow<String, String> shaky =
      Workflow.define("shaky", String.class)
          .step("first", text -> text)
          .step(
              "second",
              text -> {
                if (failed.add(text)) {
                  throw new IllegalStateException("the first time");
                }
                return text;
              })
          .build();

  CommandStormTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Proves({"G1", "G14", "G15"})
  @DisplayName("Starts, cancels and retries race completion and takeover without harm")
  void commandsInAnyOrder() throws Exception {
    long seed = Long.getLong("durable.test.seed", System.nanoTime());
    System.out.println("command storm: -Ddurable.test.seed=" + seed);
    Queue<UUID> started = new ConcurrentLinkedQueue<>();
    Queue<UUID> cancelled = new ConcurrentLinkedQueue<>();
    Queue<UUID> retried = new ConcurrentLinkedQueue<>();
    try (Durable durable = worker("a");
        Durable other = worker("b");
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Runnable> commands = new ArrayList<>();
      for (int i = 0; i < EACH; i++) {
        String key = "k" + i % KEYS;
        Durable through = i % 2 == 0 ? durable : other;
        commands.add(
            () -> {
              ExecutionHandle<String> handle = through.start(shaky, key, with -> with.key(key));
              if (handle.isNew()) {
                started.add(handle.id());
              }
            });
        commands.add(() -> when(through, key, id -> through.cancel(id), cancelled));
        commands.add(() -> when(through, key, id -> through.retry(id), retried));
      }
      commands.add(this::declareWorkersDead);
      Collections.shuffle(commands, new Random(seed));
      CyclicBarrier all = new CyclicBarrier(commands.size());
      List<Future<?>> running = new ArrayList<>();
      for (Runnable command : commands) {
        running.add(
            threads.submit(
                () -> {
                  all.await();
                  command.run();
                  return null;
                }));
      }
      for (Future<?> one : running) {
        one.get();
      }
      assertThat(started).hasSize(KEYS).doesNotHaveDuplicates();
      for (UUID id : started) {
        untilEnded(durable, id);
        verify(durable, id, count(cancelled, id), count(retried, id));
      }
    }
  }

  private void verify(Durable durable, UUID id, long cancels, long retries) {
    Execution execution = durable.find(id).orElseThrow();
    // What was cancelled stays so, and it fails no more than once: one command of each kind counts.
    assertThat(cancels).isEqualTo(execution.status() == ExecutionStatus.CANCELLED ? 1 : 0);
    assertThat(retries).isLessThanOrEqualTo(1);
    assertThat(durable.steps(id))
        .as("history of a %s execution", execution.status())
        .noneMatch(step -> step.status() == StepStatus.RUNNING)
        .filteredOn(step -> step.status() == StepStatus.COMPLETED)
        .filteredOn(step -> !step.path().equals("retry"))
        .extracting(step -> step.path())
        .doesNotHaveDuplicates();
    assertThat(durable.steps(id).stream().filter(step -> step.path().equals("retry")).count())
        .isEqualTo(retries);
  }

  private interface Command {
    void on(UUID id);
  }

  /** Does it if the execution is there, and notes it if it was not refused. */
  private static void when(Durable through, String key, Command command, Queue<UUID> done) {
    through
        .find("shaky", key)
        .map(Execution::id)
        .ifPresent(
            id -> {
              try {
                command.on(id);
                done.add(id);
              } catch (ExecutionStateException refused) {
                assertThat(refused).hasMessageContaining(id.toString());
              }
            });
  }

  /** As if both had been paused for long: whatever runs is taken over. */
  private void declareWorkersDead() {
    db.expireLeases();
  }

  private static long count(Queue<UUID> ids, UUID id) {
    return ids.stream().filter(id::equals).count();
  }

  private Durable worker(String name) {
    return Durable.on(db.newPool(10))
        .worker(
            w ->
                w.name(name)
                    .lease(Duration.ofSeconds(2))
                    .heartbeat(Duration.ofMillis(200))
                    .pollInterval(Duration.ofMillis(100)))
        .register(shaky)
        .startWorker();
  }
}
