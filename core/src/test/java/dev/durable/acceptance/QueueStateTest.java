package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilWaiting;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMinutes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.durable.Durable;
import dev.durable.UnknownQueueException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.internal.store.jdbc.Database;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.TimeOrderedIds;
import dev.durable.internal.store.worker.WorkerStore;
import dev.durable.internal.store.worker.WorkerStore.Duties;
import dev.durable.queue.QueueLimits;
import dev.durable.queue.QueueState;
import dev.durable.queue.QueueStats;
import dev.durable.queue.QueueWorker;
import dev.durable.queue.Queues;
import dev.durable.queue.Rate;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Logs;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("What a queue has")
class QueueStateTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private static final List<String> NONE = List.of();

  private final TestDatabase db;
  private final Gate gate = new Gate();

  QueueStateTest(TestDatabase db) {
    this.db = db;
  }

  private final Workflow<String, String> held =
      Workflow.define("held", String.class).step("hold", gate::hold).build();

  private static final Workflow<String, String> WAITS =
      Workflow.define("waits", String.class).await("go", GO, (s, got) -> s + got).build();

  private static final Workflow<String, String> SLEEPS =
      Workflow.define("sleeps", String.class).sleep("sleep", ofHours(1)).build();

  private Durable worker(String queue) {
    return Durable.on(db.dataSource())
        .register(held, WAITS, SLEEPS)
        .worker(w -> w.name("here").queue(queue, q -> q.globalConcurrency(20).perKey(2)))
        .startWorker();
  }

  private static QueueState state(Durable durable, String queue) {
    return durable.queues().find(queue).orElseThrow();
  }

  @Test
  @DisplayName("counts each execution that has not ended once, and those of the last hour")
  void counts() throws Exception {
    try (Durable durable = worker("counted")) {
      Queues queues = durable.queues();
      assertThat(state(durable, "counted").stats())
          .isEqualTo(
              new QueueStats(
                  0, 0, 0, 0, null, 0, 0, 0, 0, state(durable, "counted").stats().workers()));
      ExecutionHandle<String> running = durable.start(held, "x", o -> o.queue("counted"));
      gate.awaitReached();
      UUID waiting = durable.start(WAITS, "x", o -> o.queue("counted")).id();
      UUID sleeping = durable.start(SLEEPS, "x", o -> o.queue("counted")).id();
      untilWaiting(durable, waiting);
      untilWaiting(durable, sleeping);
      UUID delayed = durable.start(WAITS, "x", o -> o.queue("counted").delay(ofHours(1))).id();
      UUID due = durable.start(WAITS, "x", o -> o.queue("counted").delay(ofHours(1))).id();
      db.update(
          "update durable.workflow_executions set workflow_name = 'elsewhere', status = 'waiting',"
              + " wake_at = now() - interval '10 minutes',"
              + " inserted_at = now() - interval '10 minutes' where id = ?",
          due);
      cancelled(durable, ofMinutes(0));
      cancelled(durable, ofMinutes(10));
      cancelled(durable, ofHours(2));
      QueueStats stats = state(durable, "counted").stats();
      assertThat(stats.due()).isEqualTo(1);
      assertThat(stats.delayed()).isEqualTo(1);
      assertThat(stats.running()).isEqualTo(1);
      assertThat(stats.waiting()).isEqualTo(2);
      assertThat(stats.open()).isEqualTo(5);
      assertThat(stats.oldestDue()).isBetween(ofMinutes(10), ofMinutes(11));
      assertThat(stats.startedLastMinute()).isEqualTo(5);
      assertThat(stats.startedLastHour()).isEqualTo(7);
      assertThat(stats.endedLastMinute()).isEqualTo(1);
      assertThat(stats.endedLastHour()).isEqualTo(2);
      assertThat(stats.workers())
          .containsExactly(new QueueWorker(durable.worker().orElseThrow().id(), "here", true, 1));
      assertThat(queues.list()).extracting(QueueState::name).contains("counted", "default");
      assertThat(queues.list())
          .filteredOn(queue -> queue.name().equals("counted"))
          .extracting(queue -> queue.stats().open())
          .containsExactly(5L);
      String change = "update durable.workflow_executions set status = '%s' where id = ?";
      db.update(change.formatted("compensating"), waiting);
      assertThat(state(durable, "counted").stats().waiting()).as("also to be undone").isEqualTo(2);
      db.update(change.formatted("waiting"), waiting);
      gate.open();
      assertThat(running.result(SOON)).isEqualTo("x");
      durable.cancel(waiting);
      durable.cancel(sleeping);
      durable.cancel(delayed);
      durable.cancel(due);
    }
  }

  /** An execution that was started and cancelled so long ago. */
  private void cancelled(Durable durable, Duration ago) {
    UUID id = durable.start(WAITS, "x", o -> o.queue("counted").delay(ofHours(3))).id();
    durable.cancel(id);
    db.update(
        "update durable.workflow_executions set inserted_at = inserted_at - ?::interval,"
            + " completed_at = completed_at - ?::interval,"
            + " id = (lpad(to_hex((extract(epoch from now() - ?::interval) * 1000)::bigint), 12, '0')"
            + " || right(replace(id::text, '-', ''), 20))::uuid where id = ?",
        ago.toString(),
        ago.toString(),
        ago.toString(),
        id);
  }

  @Test
  @DisplayName("tells of executions that no live worker serves")
  void warns() {
    try (Durable client = Durable.on(db.dataSource()).register(WAITS).build()) {
      try (Durable durable = worker("deserted")) {
        assertThat(state(client, "deserted").stats().isServed()).isTrue();
        durable.worker().orElseThrow().pause();
        Gate.until(() -> !state(client, "deserted").stats().isServed());
      }
      assertThat(state(client, "deserted").warning()).isEmpty();
      UUID left;
      try (Logs logs = Logs.of("dev.durable", Level.WARN)) {
        left = client.start(WAITS, "x", o -> o.queue("deserted")).id();
        client.cancel(client.start(WAITS, "x", o -> o.queue("deserted")).id());
        assertThat(logs.lines(Level.WARN, "'deserted', which no live worker serves")).hasSize(1);
      }
      assertThat(state(client, "deserted").warning().orElseThrow())
          .contains("'deserted' has 1 execution that", "no live worker");
      client.cancel(left);
    }
  }

  @Test
  @DisplayName("are its live workers, whose leases have not run out")
  void served() {
    try (Durable client = Durable.on(db.dataSource()).register(WAITS).build()) {
      db.update("insert into durable.queues (name, first_seen_at) values ('rows', now())");
      UUID id = TimeOrderedIds.next();
      new WorkerStore(new Database(db.dataSource()), new Schema("durable"))
          .register(id, "row", new Duties(Set.of("rows"), NONE, NONE, NONE), ofMinutes(30));
      assertThat(state(client, "rows").stats().workers()).as("claims nothing yet").isEmpty();
      db.update("update durable.workers set editions = '{}' where id = ?", id);
      assertThat(state(client, "rows").stats().workers())
          .containsExactly(new QueueWorker(id, "row", true, 0));
      db.expireLease("row");
      assertThat(state(client, "rows").stats().workers()).isEmpty();
      db.setHeartbeatsBack(ofHours(-1));
      assertThat(state(client, "rows").stats().isServed()).isTrue();
      db.declareDead(id);
      assertThat(state(client, "rows").stats().workers()).isEmpty();
    }
  }

  @Test
  @DisplayName("is a pause with its reason, until it is resumed; a second one replaces it")
  void pauses() {
    try (Durable durable = worker("paused")) {
      Queues queues = durable.queues();
      queues.pause("paused", "bank is down", "jane");
      QueueState first = state(durable, "paused");
      assertThat(first.paused().reason()).isEqualTo("bank is down");
      assertThat(first.paused().by()).isEqualTo("jane");
      queues.pause("paused", "bank is slow");
      QueueState second = state(durable, "paused");
      assertThat(second.paused().reason()).isEqualTo("bank is slow");
      assertThat(second.paused().by()).isEmpty();
      assertThat(second.paused().at()).isAfter(first.paused().at());
      assertThat(db.rows("select limited from durable.queues where name = 'paused'"))
          .containsExactly("t");
      queues.limits("paused", l -> l.noGlobalConcurrency().noPerKey());
      assertThat(db.rows("select limited from durable.queues where name = 'paused'"))
          .containsExactly("t");
      queues.clearOverrides("paused");
      queues.resume("paused");
      queues.resume("paused");
      assertThat(state(durable, "paused").paused()).isNull();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> queues.pause("paused", " "))
          .withMessageContaining("blank");
      assertThat(state(durable, "paused").isPaused()).isFalse();
    }
  }

  @Test
  @DisplayName("are the limits of the code, and instead of them what an operator has set")
  void overrides() {
    try (Durable durable = worker("limited")) {
      Queues queues = durable.queues();
      QueueLimits declared = new QueueLimits(20, 2, null, null, false, false, null);
      assertThat(state(durable, "limited"))
          .returns(declared, QueueState::limits)
          .returns(declared, QueueState::declared)
          .returns(null, QueueState::override);
      queues.limits(
          "limited",
          "jane",
          l ->
              l.globalConcurrency(5).noPerKey().rate(7, ofMinutes(1)).fair(true).aging(ofHours(1)));
      QueueState set = state(durable, "limited");
      assertThat(set.declared()).isEqualTo(declared);
      assertThat(set.limits())
          .isEqualTo(
              new QueueLimits(5, null, new Rate(7, ofMinutes(1)), null, false, true, ofHours(1)));
      assertThat(set.override().by()).isEqualTo("jane");
      assertThat(set.override().names())
          .containsExactlyInAnyOrder("globalConcurrency", "perKey", "rate", "fair", "aging");
      assertThat(effective("limited")).isEqualTo("5|null|7|00:01:00|t|01:00:00");
      queues.limits("limited", l -> l.countWaiting(true));
      assertThat(state(durable, "limited").limits())
          .isEqualTo(new QueueLimits(20, 2, null, null, true, false, null));
      queues.clearOverrides("limited");
      queues.clearOverrides("limited");
      assertThat(state(durable, "limited"))
          .returns(declared, QueueState::limits)
          .returns(null, QueueState::override);
      assertThat(effective("limited")).isEqualTo("20|2|null|null|f|null");
    }
  }

  private String effective(String queue) {
    return db.rows(
            "select concurrency, key_concurrency, rate, rate_period, fair, aging"
                + " from durable.queues where name = ?",
            queue)
        .getFirst();
  }

  @Test
  @DisplayName("belongs to the caller's transaction, which cannot drain it")
  void inTheCallersTransaction() throws SQLException {
    try (Durable durable = worker("tx");
        Connection connection = db.newConnection()) {
      connection.setAutoCommit(false);
      Queues inside = durable.using(connection).queues();
      inside.pause("tx", "migration");
      assertThat(inside.find("tx").orElseThrow().isPaused()).isTrue();
      assertThat(state(durable, "tx").isPaused()).isFalse();
      assertThatThrownBy(() -> inside.drain("tx", ofHours(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("independently()");
      connection.rollback();
      inside.limits("tx", l -> l.perKey(1));
      connection.commit();
      assertThat(state(durable, "tx").limits().perKey()).isEqualTo(1);
    }
  }

  @Test
  @DisplayName("is nothing if no worker has ever served it")
  void unknown() {
    try (Durable durable = worker("known")) {
      Queues queues = durable.queues();
      assertThat(queues.find("knwon")).isEmpty();
      assertThatThrownBy(() -> queues.pause("knwon", "typo"))
          .isInstanceOf(UnknownQueueException.class)
          .hasMessageContaining("known");
      assertThatThrownBy(() -> queues.resume("knwon")).isInstanceOf(UnknownQueueException.class);
      assertThatThrownBy(() -> queues.limits("knwon", l -> l.perKey(1)))
          .isInstanceOf(UnknownQueueException.class);
      assertThatThrownBy(() -> queues.clearOverrides("knwon"))
          .isInstanceOf(UnknownQueueException.class);
      assertThatThrownBy(() -> queues.drain("knwon", ofHours(1)))
          .isInstanceOf(UnknownQueueException.class);
      assertThatIllegalArgumentException().isThrownBy(() -> queues.drain("known", ofHours(-1)));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> queues.limits("known", l -> {}))
          .withMessageContaining("clearOverrides");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> queues.limits("known", l -> l.globalConcurrency(0)))
          .withMessageContaining("at least 1: 0");
    }
  }
}
