package dev.durable.cluster;

import static dev.durable.cluster.ScheduleWorker.TICKED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.schedule.MisfirePolicy;
import dev.durable.schedule.OverlapPolicy;
import dev.durable.schedule.Schedule;
import dev.durable.schedule.StoredSchedule;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.JavaProcess;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several processes serve the same schedules. */
@Tag("newest")
@ExtendWith(DatabaseExtension.class)
class ScheduleClusterTest {

  private final TestDatabase db;

  ScheduleClusterTest(TestDatabase db) {
    this.db = db;
  }

  @Test
  @Proves("G10")
  @DisplayName(
      "Of three workers one is killed and one paused: each second's tick has one execution")
  void killedAndPaused() throws Exception {
    try (Durable client = Durable.on(db.dataSource()).register(TICKED).build();
        JavaProcess first = ScheduleWorker.process(db, "first");
        JavaProcess second = ScheduleWorker.process(db, "second");
        JavaProcess third = ScheduleWorker.process(db, "third")) {
      for (String name : List.of("a", "b", "c")) {
        client
            .schedules()
            .put(
                Schedule.every(
                    name,
                    TICKED,
                    Duration.ofSeconds(1),
                    with ->
                        with.input(name)
                            .overlap(OverlapPolicy.ALLOW)
                            .misfire(MisfirePolicy.RUN_ALL)));
      }
      untilStarted(client, 2);
      first.close();
      untilStarted(client, 4);
      second.pause();
      untilStarted(client, 6);
      second.resume();
      untilStarted(client, 7);
      assertThat(third.isAlive()).isTrue();
      for (String name : List.of("a", "b", "c")) {
        client.schedules().pause(name, "The test looks.");
        StoredSchedule paused = client.schedules().find(name).orElseThrow();
        assertThat(ticks(client, name))
            .containsExactlyElementsOf(expected(paused))
            .hasSize((int) paused.started());
        assertThat(paused.missed() + paused.overlapped()).isZero();
      }
    }
  }

  private static void untilStarted(Durable client, long number) {
    Gate.until(
        () -> client.schedules().list(q -> {}).stream().allMatch(s -> s.started() >= number));
  }

  /** Each second from the first tick to the last. */
  private static List<Instant> expected(StoredSchedule schedule) {
    Instant first = schedule.settings().timing().after(schedule.insertedAt());
    return Stream.iterate(
            first, tick -> tick.isBefore(schedule.next()), tick -> tick.plusSeconds(1))
        .toList();
  }

  private static List<Instant> ticks(Durable client, String schedule) {
    return client.executions(q -> q.schedule(schedule).limit(1_000)).items().stream()
        .map(Execution::scheduledFor)
        .sorted()
        .toList();
  }
}
