package dev.durable.family;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.execution.DuplicateExecutionException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionStateException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves({"F8.4", "F8.6"})
@DisplayName("Keys")
class KeysTest {

  private static final Event<String> GO = Event.of("go", String.class);

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("say", s -> s + "!").build();

  private static final Workflow<String, String> WAITS =
      Workflow.define("waits", String.class).await("go", GO, (s, got) -> s + got).build();

  private final TestDatabase db;

  KeysTest(TestDatabase db) {
    this.db = db;
  }

  private Durable start(Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource()).register(ECHO, WAITS).register(workflows).startWorker();
  }

  private Durable client(Workflow<?, ?> workflow) {
    try (Durable worker = start(workflow)) {
      return Durable.on(db.dataSource()).build();
    }
  }

  @Test
  @Proves("F8.4")
  @DisplayName("startAndSend says so if the execution with the key has ended")
  void nothingIsSentToWhatHasEnded() {
    try (Durable durable = start()) {
      UUID id = durable.startAndSend(WAITS, "a", GO, "1", with -> with.key("k")).id();
      assertThat(durable.handle(id, WAITS).result(SOON)).isEqualTo("a1");
      assertThatThrownBy(() -> durable.startAndSend(WAITS, "b", GO, "2", with -> with.key("k")))
          .isInstanceOf(ExecutionStateException.class)
          .hasMessageContaining("'go'")
          .hasMessageContaining(id.toString())
          .hasMessageContaining("completed");
      durable.start(WAITS, "c", with -> with.key("cancelled"));
      UUID cancelled = durable.find("waits", "cancelled").orElseThrow().id();
      durable.cancel(cancelled);
      assertThatThrownBy(
              () -> durable.startAndSend(WAITS, "b", GO, "2", with -> with.key("cancelled")))
          .isInstanceOfSatisfying(
              ExecutionStateException.class,
              refused -> assertThat(refused.status()).isEqualTo(ExecutionStatus.CANCELLED));
    }
  }

  @Test
  @Proves("F8.4")
  @DisplayName("Of two equal keys in one list the first input wins, and the order is kept")
  void theFirstOfTwoEqualKeysWins() {
    int keys = 5_000;
    List<Integer> inputs = IntStream.range(0, 2 * keys).boxed().toList();
    Workflow<Integer, Integer> same =
        Workflow.define("same", Integer.class).step("x", n -> n).build();
    try (Durable client = client(same)) {
      List<ExecutionHandle<Integer>> handles =
          client.startAll(same, inputs, (input, with) -> with.key("k" + input / 2));
      assertThat(handles).hasSize(2 * keys);
      List<String> stored =
          db.rows(
              "select id, workflow_key, input from durable.workflow_executions"
                  + " where workflow_name = 'same' order by input::text::int");
      assertThat(stored).hasSize(keys);
      for (int i = 0; i < keys; i++) {
        assertThat(handles.get(2 * i).isNew()).isTrue();
        assertThat(handles.get(2 * i + 1).isNew()).isFalse();
        assertThat(handles.get(2 * i + 1).id()).isEqualTo(handles.get(2 * i).id());
        assertThat(stored.get(i)).isEqualTo(handles.get(2 * i).id() + "|k" + i + "|" + 2 * i);
      }
    }
  }

  @Test
  @Proves("F8.4")
  @DisplayName("A second equal key in one list that rejects duplicates is refused")
  void theSecondOfTwoEqualKeysIsRefused() {
    try (Durable durable = start()) {
      assertThatThrownBy(
              () ->
                  durable.startAll(
                      ECHO, List.of("a", "b"), (s, with) -> with.key("twice").rejectDuplicate()))
          .isInstanceOf(DuplicateExecutionException.class);
      assertThat(durable.find("echo", "twice").orElseThrow().input()).isEqualTo("\"a\"");
    }
  }

  @Test
  @Proves("F8.4")
  @DisplayName("rejectDuplicate() without a key is refused, however it is started")
  void nothingToBeADuplicateOf() throws SQLException {
    try (Durable durable = start();
        Connection connection = db.newConnection()) {
      connection.setAutoCommit(false);
      String needed = "rejectDuplicate() needs a key";
      assertThatThrownBy(() -> durable.start(ECHO, "a", with -> with.rejectDuplicate()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(needed);
      assertThatThrownBy(() -> durable.start("echo", "\"a\"", with -> with.rejectDuplicate()))
          .hasMessageContaining(needed);
      assertThatThrownBy(
              () -> durable.startAll(ECHO, List.of("a"), (s, with) -> with.rejectDuplicate()))
          .hasMessageContaining(needed);
      assertThatThrownBy(
              () -> durable.startAndSend(WAITS, "a", GO, "x", with -> with.rejectDuplicate()))
          .hasMessageContaining(needed);
      assertThatThrownBy(
              () -> durable.using(connection).start(ECHO, "a", with -> with.rejectDuplicate()))
          .hasMessageContaining(needed);
    }
  }

  @Test
  @Proves("F8.6")
  @DisplayName("Inside an effect the idempotency key is the effect's own")
  void eachEffectHasAKeyOfItsOwn() {
    Workflow<String, String> flow =
        Workflow.of(
            "effects",
            String.class,
            String.class,
            (String s, StepContext<String> step) -> {
              String before = step.idempotencyKey();
              String one = step.run("one", String.class, step::idempotencyKey);
              String two =
                  step.run(
                      "two",
                      String.class,
                      () ->
                          step.run("inner", String.class, step::idempotencyKey)
                              + " "
                              + step.idempotencyKey());
              try {
                step.run(
                    "three",
                    String.class,
                    () -> {
                      throw new IllegalStateException("no");
                    });
              } catch (IllegalStateException caught) {
                // What matters is the key after it.
              }
              assertThat(one).isEqualTo(before + "/one");
              assertThat(two).isEqualTo(before + "/inner " + before + "/two");
              assertThat(step.idempotencyKey()).isEqualTo(before);
              return "fine";
            });
    try (Durable durable = start(flow)) {
      assertThat(durable.start(flow, "a").result(SOON)).isEqualTo("fine");
    }
  }
}
