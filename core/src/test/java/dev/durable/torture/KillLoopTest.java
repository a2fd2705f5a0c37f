package dev.durable.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.JavaProcess;
import dev.durable.testing.JumpingClock;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.torture.Bank.Transfer;
import dev.durable.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three processes, of which a random one is killed and replaced every 0.5 to 3 seconds: for 20
 * seconds, or for as long as {@code -Ddurable.test.torture=PT1H} says.
 */
@Tag("newest")
@ExtendWith(DatabaseExtension.class)
class KillLoopTest {

  private static final int WORKERS = 3;
  private static final int IN_FLIGHT = 60;
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final List<String> ZONES =
      List.of("Pacific/Kiritimati", "America/Los_Angeles", "Asia/Kathmandu", "UTC");
  private static final Duration TIME =
      Duration.parse(System.getProperty("durable.test.torture", "PT20S"));

  private final TestDatabase db;
  private final Random random;
  private final Histogram recoveries = new Histogram(Duration.ofMillis(500));
  private final long[] expected = new long[Bank.ACCOUNTS];
  private final List<ExecutionHandle<Transfer>> transfers = new ArrayList<>();
  private final List<JavaProcess> workers = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private int started;
  private int kills;
  private int hits;

  @TempDir private Path folder;

  KillLoopTest(TestDatabase db) {
    this.db = db;
    long seed = Long.getLong("durable.test.seed", System.nanoTime());
    System.out.println("kill -9 loop: " + TIME + ", -Ddurable.test.seed=" + seed);
    this.random = new Random(seed);
  }

  @Test
  @Proves({"G3", "G4", "G5", "G12", "G13"})
  @DisplayName("After kill -9, again and again, money is conserved and nothing is lost")
  void moneyIsConserved() throws Exception {
    db.script(Bank.TABLES);
    Arrays.fill(expected, 1_000);
    Path effects = folder.resolve("effects");
    try (JavaProcess log = JavaProcess.start(EffectLog.class, effects.toString())) {
      Gate.until(() -> Files.exists(EffectLog.portFile(effects)));
      int port = Integer.parseInt(Files.readString(EffectLog.portFile(effects)));
      Workflow<Transfer, Transfer> transfer = Bank.transfer(port);
      try (Durable client = Durable.on(db.dataSource()).register(transfer).build()) {
        torture(client, transfer, port);
        for (ExecutionHandle<Transfer> handle : transfers) {
          handle.result(LONG);
        }
        report();
        verify(client, EffectLog.read(effects));
      } finally {
        for (JavaProcess worker : workers) {
          worker.close();
        }
      }
    }
  }

  private void torture(Durable client, Workflow<Transfer, Transfer> transfer, int port)
      throws Exception {
    db.createDefaultQueue();
    for (int i = 0; i < WORKERS; i++) {
      workers.add(startWorker(i, port));
    }
    long end = System.nanoTime() + TIME.toNanos();
    // On a slow machine most of the killed are still starting.
    while (System.nanoTime() < end || hits == 0) {
      long next = System.nanoTime() + Duration.ofMillis(500 + random.nextInt(2_500)).toNanos();
      while (System.nanoTime() < next) {
        feed(client, transfer);
        recoveries.look(this::freed);
        LockSupport.parkNanos(20_000_000);
      }
      kill(random.nextInt(WORKERS), port);
    }
    while (recoveries.isWaiting()) {
      recoveries.look(this::freed);
      LockSupport.parkNanos(20_000_000);
    }
  }

  /**
   * Each in a zone of its own; the first of the three, and whatever replaces it, has a clock that
   * jumps; every third to start neither sends nor hears hints.
   */
  private JavaProcess startWorker(int place, int port) throws IOException {
    List<String> options = new ArrayList<>();
    options.add("-Duser.timezone=" + ZONES.get(started % ZONES.size()));
    if (place == 0) {
      options.add(JumpingClock.option(folder));
    }
    boolean hints = started % 3 != 0;
    String name = "worker" + started++;
    names.add(name);
    return JavaProcess.start(
        options,
        Bank.class,
        db.url(),
        db.user(),
        db.password(),
        name,
        Integer.toString(port),
        Boolean.toString(hints));
  }

  /** Kills a worker in the middle of its work; a replacement starts at once. */
  private void kill(int which, int port) throws Exception {
    workers.get(which).close();
    kills++;
    String name = names.remove(names.size() - WORKERS + which);
    List<String> lost =
        db.rows(
            "select e.locked_by::text || ' ' || e.lock_token || ' ' || e.id"
                + " from durable.workflow_executions e join durable.workers n on n.id = e.locked_by"
                + " where n.name = ?",
            name);
    lost.forEach(recoveries::begin);
    hits += lost.isEmpty() ? 0 : 1;
    JavaProcess replacement = startWorker(which, port);
    workers.set(which, replacement);
    // Keeps the names in the order of the workers.
    names.add(names.size() - WORKERS + which, names.remove(names.size() - 1));
  }

  /** Which of these have been picked up by another owner. */
  private List<String> freed(List<String> lost) {
    List<String> still =
        db.rows(
            "select locked_by::text || ' ' || lock_token || ' ' || id"
                + " from durable.workflow_executions"
                + " where status in ('pending', 'running', 'waiting')");
    List<String> pending =
        db.rows(
            "select id::text from durable.workflow_executions"
                + " where status in ('pending', 'waiting')");
    return lost.stream()
        .filter(
            one ->
                !still.contains(one) && !pending.contains(one.substring(one.lastIndexOf(" ") + 1)))
        .toList();
  }

  /** By the time in it: so it was made by a clock that jumps. */
  private static boolean isFromAnotherDay(String id) {
    Instant time = Instant.ofEpochMilli(UUID.fromString(id).getMostSignificantBits() >>> 16);
    return Duration.between(time, Instant.now()).abs().compareTo(Duration.ofDays(1)) > 0;
  }

  private void feed(Durable client, Workflow<Transfer, Transfer> transfer) {
    long open =
        db.number("select count(*) from durable.workflow_executions where status <> 'completed'");
    List<Transfer> more =
        IntStream.range(0, (int) Math.max(0, IN_FLIGHT - open)).mapToObj(i -> random()).toList();
    transfers.addAll(client.startAll(transfer, more, (input, with) -> {}));
  }

  private Transfer random() {
    Transfer next =
        new Transfer(
            random.nextInt(Bank.ACCOUNTS), random.nextInt(Bank.ACCOUNTS), random.nextInt(100));
    expected[next.from()] -= next.amount();
    expected[next.to()] += next.amount();
    return next;
  }

  private void report() {
    System.out.printf(
        "%d kills, %d transfers, %d taken over; from the kill to the next owner:%n%s",
        kills,
        transfers.size(),
        db.number("select count(*) from durable.workflow_executions where recoveries > 0"),
        recoveries);
  }

  private void verify(Durable client, Map<String, Long> effects) {
    long all = transfers.size();
    assertThat(client.countByStatus(q -> {})).isEqualTo(Map.of(ExecutionStatus.COMPLETED, all));
    assertThat(db.rows("select balance from accounts order by id"))
        .as("balances")
        .isEqualTo(Arrays.stream(expected).mapToObj(Long::toString).toList());
    assertThat(db.rows("select execution, step from movements"))
        .as("transactional effects")
        .doesNotHaveDuplicates()
        .hasSize((int) (2 * all));
    assertThat(effects).as("effects outside, by key").hasSize((int) (2 * all));
    assertThat(db.number("select count(*) from durable.step_executions where status = 'completed'"))
        .as("committed results")
        .isEqualTo(5 * all);
    assertThat(db.rows("select 1 from durable.step_executions where status = 'running'")).isEmpty();
    assertThat(db.number("select count(*) from durable.workflow_executions where recoveries > 0"))
        .as("executions that lost an owner")
        .isPositive();
    // The worker whose clock jumps is one of the three that live; it may be starting yet.
    Gate.until(
        () ->
            db.rows("select id from durable.workers").stream()
                .anyMatch(KillLoopTest::isFromAnotherDay));
  }
}
