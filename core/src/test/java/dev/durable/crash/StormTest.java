package dev.durable.crash;

import static dev.durable.crash.StormWorker.ALL;
import static dev.durable.crash.StormWorker.JOB;
import static dev.durable.crash.StormWorker.LEASE;
import static dev.durable.crash.StormWorker.PERIOD;
import static dev.durable.crash.StormWorker.PER_KEY;
import static dev.durable.crash.StormWorker.QUEUE;
import static dev.durable.crash.StormWorker.RATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionStatus;
import dev.durable.queue.Queues;
import dev.durable.schedule.MisfirePolicy;
import dev.durable.schedule.OverlapPolicy;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.StoredSchedule;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.JavaProcess;
import dev.durable.testing.OwnedWatch;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Three processes serve schedules and a limited queue over connections that lose answers. Every 0.5
 * to 2 seconds one of them is killed and replaced, or stands still for a while, and an operator
 * changes limits or pauses the queue: for 10 seconds, or for half as long as {@code
 * -Ddurable.test.torture=PT1H} says.
 */
@Tag("newest")
@ExtendWith(DatabaseExtension.class)
class StormTest {

  private static final int WORKERS = 3;
  private static final int BACKLOG = 20;
  private static final List<String> SCHEDULES = List.of("a", "b", "c");
  private static final String OWNERS =
      "select distinct n.name from durable.workers n"
          + " join durable.workflow_executions e on e.locked_by = n.id order by 1";
  private static final Duration TIME =
      Duration.parse(System.getProperty("durable.test.torture", "PT20S")).dividedBy(2);

  private final TestDatabase db;
  private final Random random;
  private final Map<String, JavaProcess> workers = new HashMap<>();
  private final List<Thread> pauses = new ArrayList<>();
  private int processes;
  private int kills;
  private int changes;
  private long started;

  StormTest(TestDatabase db) {
    this.db = db;
    long seed = Long.getLong("durable.test.seed", System.nanoTime());
    System.out.println("storm: " + TIME + ", -Ddurable.test.seed=" + seed);
    this.random = new Random(seed);
  }

  @Test
  @Proves({"G10", "G11", "B-21"})
  @DisplayName("Through kills, pauses and lost answers, ticks start once and no limit is exceeded")
  void storm() throws Exception {
    try (Durable client = Durable.on(db.dataSource()).register(JOB).build()) {
      for (int i = 0; i < WORKERS; i++) {
        start();
      }
      Gate.until(() -> client.queues().find(QUEUE).isPresent());
      SCHEDULES.forEach(name -> client.schedules().put(everySecond(name)));
      try (OwnedWatch watch = new OwnedWatch(db, ALL, PER_KEY)) {
        rage(client, watch);
        long ticks = calmDown(client, watch);
        report(ticks);
        assertThat(watch.exceeded()).as("more than the limits").isEmpty();
        assertThat(watch.most()).as("the limit was used").isGreaterThanOrEqualTo(ALL);
        assertThat(db.beginsTooSoon(RATE, PERIOD)).as("more than the rate").isEmpty();
        assertThat(client.countByStatus(q -> {}))
            .isEqualTo(Map.of(ExecutionStatus.COMPLETED, started + ticks));
      }
    } finally {
      for (JavaProcess worker : workers.values()) {
        worker.close();
      }
    }
  }

  private void start() throws IOException {
    String name = "worker" + processes++;
    workers.put(name, StormWorker.process(db, name, random.nextLong()));
  }

  private static Schedule<Integer> everySecond(String name) {
    return Schedule.every(
        name,
        JOB,
        Duration.ofSeconds(1),
        with ->
            with.input(5)
                .limitKey(name)
                .overlap(OverlapPolicy.ALLOW)
                .misfire(MisfirePolicy.RUN_ALL));
  }

  private void rage(Durable client, OwnedWatch watch) throws Exception {
    long end = System.nanoTime() + TIME.toNanos();
    while (System.nanoTime() < end || pauses.isEmpty() || takenOver() == 0) {
      long next = System.nanoTime() + millis(500, 2_000).toNanos();
      while (System.nanoTime() < next) {
        feed(client);
        LockSupport.parkNanos(50_000_000);
      }
      strike();
      operate(client, watch);
    }
  }

  private Duration millis(int least, int most) {
    return Duration.ofMillis(random.nextInt(least, most));
  }

  private void feed(Durable client) {
    long open =
        db.number("select count(*) from durable.workflow_executions where completed_at is null");
    List<Integer> more =
        IntStream.range(0, (int) Math.max(0, BACKLOG - open))
            .map(i -> random.nextInt(60))
            .boxed()
            .toList();
    client.startAll(
        JOB,
        more,
        (input, with) -> {
          if (input > 5) {
            with.limitKey("k" + input % 5);
          }
        });
    started += more.size();
  }

  /** Kills a worker, or pauses it for around its lease: one that owns something, if any does. */
  private void strike() throws Exception {
    List<String> names = db.rows(OWNERS).stream().filter(workers::containsKey).toList();
    if (names.isEmpty()) {
      names = workers.keySet().stream().sorted().toList();
    }
    String name = names.get(random.nextInt(names.size()));
    JavaProcess worker = workers.get(name);
    if (kills == 0 || (!pauses.isEmpty() && random.nextInt(3) == 0)) {
      workers.remove(name).close();
      start();
      kills++;
    } else {
      Duration time = pauses.isEmpty() ? LEASE.plusSeconds(1) : millis(200, 3_500);
      worker.pause();
      pauses.add(Thread.startVirtualThread(() -> resume(worker, time)));
    }
  }

  private static void resume(JavaProcess worker, Duration time) {
    try {
      Thread.sleep(time);
      worker.resume();
    } catch (IOException | InterruptedException failure) {
      throw new IllegalStateException(failure);
    }
  }

  private void operate(Durable client, OwnedWatch watch) {
    Queues queues = client.queues();
    changes++;
    switch (random.nextInt(4)) {
      case 0 -> watch.change(ALL, PER_KEY, () -> queues.clearOverrides(QUEUE));
      case 1 -> {
        queues.pause(QUEUE, "The test looks.");
        List<String> owned = owned();
        LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
        assertThat(owned).as("owned before the pause").containsAll(owned());
        queues.resume(QUEUE);
      }
      default -> {
        int all = random.nextInt(2, 7);
        int perKey = random.nextInt(1, 4);
        watch.change(
            all, perKey, () -> queues.limits(QUEUE, l -> l.globalConcurrency(all).perKey(perKey)));
      }
    }
  }

  private List<String> owned() {
    return db.rows(
        "select id, lock_token from durable.workflow_executions where locked_by is not null");
  }

  /**
   * Lets all come to its end; returns how many ticks there were, of which each has started once.
   */
  private long calmDown(Durable client, OwnedWatch watch) throws InterruptedException {
    for (Thread pause : pauses) {
      pause.join();
    }
    watch.change(ALL, PER_KEY, () -> client.queues().clearOverrides(QUEUE));
    long ticks = 0;
    for (String name : SCHEDULES) {
      client.schedules().pause(name, "The test looks.");
      StoredSchedule paused = client.schedules().find(name).orElseThrow();
      List<Instant> expected = expected(paused);
      assertThat(ticks(name)).as(name).containsExactlyElementsOf(expected);
      assertThat(paused.started()).as(name).isEqualTo(expected.size());
      assertThat(paused.missed() + paused.overlapped()).as(name).isZero();
      ticks += expected.size();
    }
    Gate.until(
        () ->
            db.number("select count(*) from durable.workflow_executions where completed_at is null")
                == 0);
    return ticks;
  }

  /** Each second from the first tick to the last. */
  private static List<Instant> expected(StoredSchedule schedule) {
    Instant first = schedule.settings().timing().after(schedule.insertedAt());
    return Stream.iterate(
            first, tick -> tick.isBefore(schedule.next()), tick -> tick.plusSeconds(1))
        .toList();
  }

  private List<Instant> ticks(String schedule) {
    return db
        .rows(
            "select (extract(epoch from scheduled_for) * 1000000)::bigint"
                + " from durable.workflow_executions"
                + " where schedule_name = ? order by scheduled_for",
            schedule)
        .stream()
        .map(micros -> Instant.EPOCH.plus(Long.parseLong(micros), ChronoUnit.MICROS))
        .toList();
  }

  private void report(long ticks) {
    System.out.printf(
        "%d kills, %d pauses, %d changes by the operator, %d ticks, %d other starts,"
            + " %d taken over%n",
        kills, pauses.size(), changes, ticks, started, takenOver());
  }

  private long takenOver() {
    return db.number("select count(*) from durable.workflow_executions where recoveries > 0");
  }
}
