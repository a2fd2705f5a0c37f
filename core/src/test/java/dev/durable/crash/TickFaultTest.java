package dev.durable.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.HintSender;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.journal.StartRow;
import dev.durable.internal.store.schedule.DueSchedule;
import dev.durable.internal.store.schedule.Served;
import dev.durable.internal.store.schedule.TickStore;
import dev.durable.schedule.OverlapPolicy;
import dev.durable.schedule.Schedule;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The transaction that serves a tick, hit at each of its statements and at its commit. */
@ExtendWith(DatabaseExtension.class)
class TickFaultTest {

  private static final Workflow<String, String> W =
      Workflow.define("w", String.class).step("s", text -> text).build();

  private static final Instant TICK = Instant.parse("2026-01-05T09:00:00Z");
  private static final TickStore.Scope ALL = new TickStore.Scope(List.of(), List.of(), List.of());

  private final TestDatabase db;

  TickFaultTest(TestDatabase db) {
    this.db = db;
  }

  @ParameterizedTest
  @EnumSource(Fault.Mode.class)
  @Proves({"G10", "B-21"})
  @DisplayName("Wherever a tick is cut off, and however often it is tried, it has one execution")
  void oneExecution(Fault.Mode mode) {
    db.start(W).close();
    try (Durable client = Durable.on(db.dataSource()).register(W).build();
        HikariDataSource pool = db.newPool(20)) {
      FaultyDataSource counted = new FaultyDataSource(pool);
      int statements = 1;
      for (int number = 0; number <= statements; number++) {
        String name = mode + " " + number;
        schedule(client, name);
        FaultyDataSource data = number == 0 ? counted : new FaultyDataSource(pool);
        data.arm(number == 0 ? Fault.NONE : new Fault(number, mode, false));
        serve(data);
        if (number == 0) {
          statements = counted.count();
          assertThat(statements).isGreaterThanOrEqualTo(5);
        } else {
          assertThat(data.hit()).as(name).isNotNull();
          db.awaitNoTransactions();
        }
        assertThat(executions(name)).as(name).isLessThanOrEqualTo(2);
        serve(new FaultyDataSource(pool));
        assertThat(executions(name)).as(name).isEqualTo(2);
        assertThat(
                db.rows(
                    "select status from durable.workflow_executions where schedule_name = ?"
                        + " order by id",
                    name))
            .as(name)
            .containsExactly("cancelled", "pending");
        assertThat(client.schedules().find(name).orElseThrow().started()).as(name).isEqualTo(1);
        client.schedules().delete(name);
      }
    }
  }

  /** A schedule that is due, and whose last execution has not begun yet. */
  private void schedule(Durable client, String name) {
    client
        .schedules()
        .put(
            Schedule.every(
                name,
                W,
                Duration.ofHours(1),
                with -> with.input("x").from(TICK).overlap(OverlapPolicy.CANCEL_RUNNING)));
    client.schedules().trigger(name);
    db.nextTick(name, TICK);
  }

  private long executions(String schedule) {
    return db.number(
        "select count(*) from durable.workflow_executions where schedule_name = ?", schedule);
  }

  private static void serve(FaultyDataSource data) {
    TickStore ticks =
        new TickStore(new Database(data.dataSource()), new Schema("durable"), HintSender.SILENT);
    try {
      ticks.serve(ALL, 10, TickFaultTest::planned);
    } catch (DurableException cutOff) {
      // It is tried again.
    }
  }

  private static Served planned(DueSchedule due) {
    StartRow start =
        new StartRow(
            TimeOrderedIds.next(),
            new StartRow.Definition("w", 1, W.fingerprint()),
            StartRow.KeyUse.NONE,
            StartRow.Turn.now("default", 0),
            "\"x\"",
            Map.of(),
            StartRow.Limit.NONE,
            new StartRow.Tick(due.name(), due.next()),
            null);
    Instant next = due.now().plus(1, ChronoUnit.HOURS);
    return new Served(List.of(start), due.running(), next, next, List.of(), 0, 0, 0, null, null);
  }
}
