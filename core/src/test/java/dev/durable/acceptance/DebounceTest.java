package dev.durable.acceptance;

import static dev.durable.IfEnded.RESTART;
import static dev.durable.testing.DurableFixture.SOON;
import static dev.durable.testing.DurableFixture.untilEnded;
import static dev.durable.testing.DurableFixture.untilItAwaitsAnEvent;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.StartOptions;
import dev.durable.execution.DuplicateExecutionException;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proxies;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@ExtendWith(DatabaseExtension.class)
@Tag("newest")
@DisplayName("Starts that are debounced")
class DebounceTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private static final Workflow<String, String> REINDEX =
      Workflow.define("reindex", String.class, with -> with.timeout(ofHours(2)))
          .step("index", text -> text)
          .build();

  private static final Workflow<String, String> WAITS =
      Workflow.define("waits", String.class).await("go", GO, (s, got) -> s + got).build();

  private final TestDatabase db;

  DebounceTest(TestDatabase db) {
    this.db = db;
  }

  private static Consumer<StartOptions> hourly(String key) {
    return o -> o.debounce(key, ofHours(1));
  }

  private Execution find(Durable durable, ExecutionHandle<?> handle) {
    return durable.find(handle.id()).orElseThrow();
  }

  private void age(UUID id, Duration age) {
    db.update(
        "update durable.workflow_executions set inserted_at = inserted_at - ? * interval '1 ms'"
            + " where id = ?",
        age.toMillis(),
        id);
  }

  @Test
  @DisplayName("become one execution, which has all that the last of them gave")
  void becomeOne() {
    try (Durable durable = db.start(REINDEX)) {
      ExecutionHandle<String> first =
          durable.start(
              REINDEX, "1", o -> o.debounce("all", ofMinutes(1)).priority(3).tag("by", "a"));
      Execution before = find(durable, first);
      ExecutionHandle<String> second =
          durable.start(
              REINDEX,
              "2",
              o -> o.debounce("all", ofHours(3)).priority(5).tag("to", "b").timeout(ofHours(1)));
      assertThat(first.isNew()).isTrue();
      assertThat(second.isNew()).isFalse();
      assertThat(second.id()).isEqualTo(first.id());
      Execution after = find(durable, first);
      assertThat(after.input()).isEqualTo("\"2\"");
      assertThat(after.priority()).isEqualTo(5);
      assertThat(after.tags()).containsOnlyKeys("to");
      assertThat(after.key()).isEqualTo("all");
      assertThat(after.lockToken()).isZero();
      assertThat(after.wakeAt())
          .isEqualTo(after.updatedAt().plus(ofHours(3)))
          .isEqualTo(after.scheduledAt());
      assertThat(after.deadlineAt()).isEqualTo(after.wakeAt().plus(ofHours(1)));
      assertThat(after.updatedAt()).isAfter(before.updatedAt());
      durable.reschedule(first.id(), Duration.ZERO);
      assertThat(first.result(SOON)).isEqualTo("2");
    }
  }

  @Test
  @DisplayName("are put off no longer than the last of them allows, counted from the first")
  void atMost() {
    try (Durable durable = db.start(REINDEX)) {
      ExecutionHandle<String> first =
          durable.start(REINDEX, "1", o -> o.debounce("most", ofMinutes(5), ofHours(1)));
      age(first.id(), ofMinutes(58));
      durable.start(REINDEX, "2", o -> o.debounce("most", ofMinutes(5), ofHours(1)));
      Execution capped = find(durable, first);
      assertThat(capped.wakeAt()).isEqualTo(capped.insertedAt().plus(ofHours(1)));
      durable.start(REINDEX, "3", hourly("most"));
      assertThat(find(durable, first).wakeAt()).isAfter(capped.wakeAt());
      age(first.id(), ofMinutes(10));
      durable.start(REINDEX, "4", o -> o.debounce("most", ofMinutes(5), ofHours(1)));
      assertThat(first.result(SOON)).isEqualTo("4");
    }
  }

  @Test
  @DisplayName("make another execution once the one before has begun")
  void anotherOnceItHasBegun() {
    try (Durable durable = db.start(WAITS)) {
      ExecutionHandle<String> begun = durable.start(WAITS, "1", hourly("begun"));
      durable.reschedule(begun.id(), Duration.ZERO);
      untilItAwaitsAnEvent(durable, begun.id());
      ExecutionHandle<String> next = durable.start(WAITS, "2", hourly("begun"));
      assertThat(next.isNew()).isTrue();
      assertThat(durable.find("waits", "begun").orElseThrow().id()).isEqualTo(next.id());
      assertThat(find(durable, begun)).returns("begun", Execution::formerKey);
      durable.send(begun.id(), GO, "!");
      assertThat(begun.result(SOON)).isEqualTo("1!");
      durable.cancel(next.id());
      ExecutionHandle<String> third = durable.start(WAITS, "3", hourly("begun"));
      assertThat(third.isNew()).isTrue();
      durable.cancel(third.id());
      assertThat(db.violations()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FAILED", "PARKED"})
  @DisplayName("leave one that has failed as it is; one that is parked may still go on")
  void afterALaterStart(ExecutionStatus status) {
    String key = "left-" + status;
    try (Durable durable = db.start(REINDEX)) {
      ExecutionHandle<String> old = durable.start(REINDEX, "1", hourly(key));
      db.update(
          "update durable.workflow_executions set status = ?, error = '{\"type\": \"x\"}',"
              + " started_at = now(), wake_at = null, completed_at = "
              + (status.isFinal() ? "now()" : "null")
              + " where id = ?",
          status.text(),
          old.id());
      ExecutionHandle<String> next = durable.start(REINDEX, "2", hourly(key));
      assertThat(next.isNew()).isTrue();
      if (status == ExecutionStatus.FAILED) {
        assertThatThrownBy(() -> durable.retry(old.id()))
            .isInstanceOf(ExecutionStateException.class)
            .hasMessageContaining("has taken its key");
      } else {
        durable.retry(old.id());
        assertThat(old.result(SOON)).isEqualTo("1");
      }
      durable.cancel(next.id());
    }
  }

  @Test
  @DisplayName("replace no execution that was started with a key of its own")
  void aPlainKey() {
    try (Durable durable = db.start(REINDEX)) {
      UUID plain = durable.start(REINDEX, "1", o -> o.key("plain").delay(ofHours(1))).id();
      assertThatThrownBy(() -> durable.start(REINDEX, "2", hourly("plain")))
          .isInstanceOfSatisfying(
              DuplicateExecutionException.class,
              refused -> assertThat(refused.existing()).isEqualTo(plain));
      durable.cancel(plain);
      ExecutionHandle<String> next = durable.start(REINDEX, "3", hourly("plain"));
      assertThat(next.isNew()).isTrue();
      assertThat(durable.start(REINDEX, "4", o -> o.key("plain").ifEnded(RESTART)).id())
          .isEqualTo(next.id());
      assertThat(find(durable, next).input()).isEqualTo("\"3\"");
      durable.cancel(next.id());
    }
  }

  @Test
  @DisplayName("are the same by name with JSON, in a list, and with an event")
  void inEveryForm() {
    try (Durable durable = db.start(REINDEX, WAITS)) {
      ExecutionHandle<String> first = durable.start("reindex", "\"1\"", hourly("forms"));
      List<ExecutionHandle<String>> listed =
          durable.startAll(
              REINDEX,
              List.of("2", "x", "3", "4"),
              (text, o) -> o.debounce(text.equals("x") ? "other" : "forms", ofHours(1)));
      assertThat(listed)
          .extracting(ExecutionHandle::isNew)
          .containsExactly(false, true, false, false);
      assertThat(listed.get(3).id()).isEqualTo(first.id()).isEqualTo(listed.get(0).id());
      assertThat(find(durable, first).input()).isEqualTo("\"4\"");
      ExecutionHandle<String> sent = durable.startAndSend(WAITS, "1", GO, "!", hourly("forms"));
      assertThat(durable.startAndSend(WAITS, "2", GO, "?", hourly("forms")).id())
          .isEqualTo(sent.id());
      durable.reschedule(sent.id(), Duration.ZERO);
      assertThat(sent.result(SOON)).isEqualTo("2!");
      durable.cancel(first.id());
      durable.cancel(listed.get(1).id());
    }
  }

  @Test
  @DisplayName("belong to the caller's transaction")
  void inTheCallersTransaction() throws SQLException {
    try (Durable durable = db.start(REINDEX);
        Connection connection = db.newConnection()) {
      connection.setAutoCommit(false);
      ExecutionHandle<String> first = durable.start(REINDEX, "1", hourly("tx"));
      durable.using(connection).start(REINDEX, "no", hourly("tx"));
      connection.rollback();
      assertThat(find(durable, first).input()).isEqualTo("\"1\"");
      assertThat(durable.using(connection).start(REINDEX, "2", hourly("tx")).id())
          .isEqualTo(first.id());
      assertThat(durable.using(connection).start(REINDEX, "3", hourly("tx")).isNew()).isFalse();
      assertThatThrownBy(() -> durable.start(REINDEX, "4", hourly("tx")))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(first.id().toString());
      connection.commit();
      assertThat(find(durable, first).input()).isEqualTo("\"3\"");
      durable.start(REINDEX, "5", hourly("tx"));
      assertThat(find(durable, first).input()).isEqualTo("\"5\"");
      durable.cancel(first.id());
    }
  }

  @Test
  @DisplayName("replace once if the answer is lost, also if the execution has begun meanwhile")
  void aLostAnswer() {
    try (Durable durable = db.start(REINDEX)) {
      ExecutionHandle<String> first = durable.start(REINDEX, "1", hourly("lost"));
      AtomicInteger losses = new AtomicInteger();
      DataSource losing =
          losingTheAnswer(
              losses,
              () -> {
                durable.reschedule(first.id(), Duration.ZERO);
                untilEnded(durable, first.id());
              });
      try (Durable client = Durable.on(losing).register(REINDEX).build()) {
        ExecutionHandle<String> second = client.start(REINDEX, "2", hourly("lost"));
        assertThat(losses).hasValue(1);
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.result(SOON)).isEqualTo("2");
        assertThat(durable.executions(q -> q.workflow("reindex").keyHistory("lost")).items())
            .hasSize(1);
      }
    }
  }

  @Test
  @DisplayName("insert once if the answer is lost, and do not replace what a later one gave")
  void aLostInsert() {
    try (Durable durable = db.start(REINDEX)) {
      AtomicInteger losses = new AtomicInteger();
      DataSource losing =
          losingTheAnswer(losses, () -> durable.start(REINDEX, "later", hourly("inserted")));
      try (Durable client = Durable.on(losing).register(REINDEX).build()) {
        ExecutionHandle<String> first = client.start(REINDEX, "1", hourly("inserted"));
        assertThat(losses).hasValue(1);
        assertThat(first.isNew()).isTrue();
        assertThat(find(durable, first).input()).isEqualTo("\"later\"");
        durable.cancel(first.id());
      }
    }
  }

  private DataSource losingTheAnswer(AtomicInteger losses, Runnable meanwhile) {
    return Proxies.of(
        DataSource.class,
        (method, arguments) -> {
          Object result = Proxies.call(db.dataSource(), method, arguments);
          return result instanceof Connection connection
              ? losingTheAnswer(connection, losses, meanwhile)
              : result;
        });
  }

  private static Connection losingTheAnswer(
      Connection connection, AtomicInteger losses, Runnable meanwhile) {
    return Proxies.of(
        Connection.class,
        (method, arguments) -> {
          Object result = Proxies.call(connection, method, arguments);
          String sql = arguments.length > 0 ? String.valueOf(arguments[0]) : "";
          return result instanceof PreparedStatement statement && sql.contains("set former_key")
              ? losingTheAnswer(statement, losses, meanwhile)
              : result;
        });
  }

  private static PreparedStatement losingTheAnswer(
      PreparedStatement statement, AtomicInteger losses, Runnable meanwhile) {
    return Proxies.of(
        PreparedStatement.class,
        (method, arguments) -> {
          Object result = Proxies.call(statement, method, arguments);
          if (method.getName().startsWith("execute") && losses.compareAndSet(0, 1)) {
            meanwhile.run();
            throw new SQLException("The answer is lost.", "08006");
          }
          return result;
        });
  }

  @Test
  @DisplayName("have no other key, time or way with duplicates, and wait for some time")
  void optionsThatExcludeIt() {
    for (Consumer<StartOptions> other :
        List.<Consumer<StartOptions>>of(
            o -> o.key("k"),
            o -> o.delay(ofSeconds(1)),
            o -> o.at(Instant.EPOCH),
            o -> o.ifEnded(RESTART),
            StartOptions::rejectDuplicate)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> StartOptions.of(o -> other.accept(o.debounce("k", ofMillis(1)))))
          .withMessageContaining("leave out");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(o -> o.debounce("k", Duration.ZERO)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(o -> o.debounce(" ", ofSeconds(1))));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> StartOptions.of(o -> o.debounce("k", ofSeconds(2), ofSeconds(1))));
  }
}
