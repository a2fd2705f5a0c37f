package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofHours;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.TransactionScope;
import dev.durable.UnknownQueueException;
import dev.durable.UnknownWorkflowException;
import dev.durable.execution.DuplicateExecutionException;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionHandle;
import dev.durable.execution.ExecutionNotFoundException;
import dev.durable.execution.ExecutionStatus;
import dev.durable.json.JsonException;
import dev.durable.json.TypeRef;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.ExecutionInfo;
import dev.durable.workflow.Workflow;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
class StartTest {

  private static final Workflow<String, String> ECHO =
      Workflow.define("echo", String.class).step("echo", text -> text).build();

  private final TestDatabase db;

  StartTest(TestDatabase db) {
    this.db = db;
  }

  private Durable worker() {
    return db.start(ECHO);
  }

  @Nested
  @Proves("G1")
  @DisplayName("Inside the caller's transaction")
  class InTheCallersTransaction {

    @Test
    void aCommitStartsIt() throws Exception {
      try (Durable durable = worker();
          Connection connection = db.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        UUID id = durable.using(connection).start(ECHO, "x", o -> o.key("tx-1")).id();
        assertThat(durable.find(id)).isEmpty();
        connection.commit();
        assertThat(durable.handle(id, ECHO).result(SOON)).isEqualTo("x");
      }
    }

    @Test
    void aRollbackNeverStartedIt() throws Exception {
      try (Durable durable = worker();
          Connection connection = db.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        UUID id = durable.using(connection).start("echo", "\"x\"", o -> o.key("tx-2")).id();
        connection.rollback();
        assertThat(durable.find(id)).isEmpty();
        assertThat(durable.find("echo", "tx-2")).isEmpty();
        assertThatThrownBy(() -> durable.handle(id).status())
            .isInstanceOf(ExecutionNotFoundException.class)
            .hasMessageContaining(id.toString())
            .hasMessageContaining("\"durable\"");
      }
    }

    @Test
    void aKeyFindsTheExecutionThatIsThere() throws Exception {
      try (Durable durable = worker();
          Connection connection = db.dataSource().getConnection()) {
        UUID first = durable.start(ECHO, "x", o -> o.key("tx-3")).id();
        connection.setAutoCommit(false);
        assertThat(durable.using(connection).start(ECHO, "y", o -> o.key("tx-3")).id())
            .isEqualTo(first);
        assertThatThrownBy(
                () ->
                    durable
                        .using(connection)
                        .start(ECHO, "y", o -> o.key("tx-3").rejectDuplicate()))
            .isInstanceOf(DuplicateExecutionException.class);
        connection.rollback();
      }
    }

    @Test
    void aBadStartLeavesTheTransactionUsable() throws Exception {
      try (Durable durable = worker();
          Connection connection = db.dataSource().getConnection()) {
        connection.setAutoCommit(false);
        TransactionScope scope = durable.using(connection);
        assertThatThrownBy(() -> scope.start("nobody", "{}", o -> {}))
            .isInstanceOf(UnknownWorkflowException.class);
        assertThatThrownBy(() -> scope.start("echo", "{", o -> {}))
            .isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> scope.start("echo", "\"a\\u0000b\"", o -> {}))
            .isInstanceOf(JsonException.class);
        assertThatThrownBy(() -> scope.cancel(new UUID(7, 7), "x"))
            .isInstanceOf(ExecutionNotFoundException.class);
        UUID id = scope.start(ECHO, "fine", o -> {}).id();
        connection.commit();
        assertThat(durable.handle(id, ECHO).result(SOON)).isEqualTo("fine");
      }
    }

    @Test
    void aCancelCommitsWithTheCaller() throws Exception {
      try (Durable durable = worker();
          Connection connection = db.dataSource().getConnection()) {
        UUID id = durable.start(ECHO, "x", o -> o.delay(ofHours(1))).id();
        connection.setAutoCommit(false);
        durable.using(connection).cancel(id, "no");
        connection.rollback();
        assertThat(durable.handle(id).status()).isEqualTo(ExecutionStatus.PENDING);
        durable.using(connection).cancel(id, "no");
        connection.commit();
        assertThat(durable.handle(id).status()).isEqualTo(ExecutionStatus.CANCELLED);
      }
    }
  }

  @Nested
  @Proves("B-59")
  @DisplayName("With a business key")
  class WithAKey {

    @Test
    void aSecondStartReturnsTheFirst() {
      try (Durable durable = worker()) {
        ExecutionHandle<String> first = durable.start(ECHO, "one", o -> o.key("same"));
        assertThat(first.isNew()).isTrue();
        assertThat(first.result(SOON)).isEqualTo("one");
        ExecutionHandle<String> second = durable.start(ECHO, "two", o -> o.key("same"));
        assertThat(second.isNew()).isFalse();
        assertThat(second.id()).isEqualTo(first.id());
        assertThat(second.result(SOON)).isEqualTo("one");
        assertThat(durable.find("echo", "same").orElseThrow().id()).isEqualTo(first.id());
      }
    }

    @Test
    void aSecondStartMayBeRejected() {
      try (Durable durable = worker()) {
        UUID first = durable.start(ECHO, "one", o -> o.key("reject")).id();
        assertThatThrownBy(() -> durable.start(ECHO, "two", o -> o.key("reject").rejectDuplicate()))
            .isInstanceOf(DuplicateExecutionException.class)
            .hasMessageContaining("'reject'")
            .hasMessageContaining(first.toString())
            .satisfies(
                failure ->
                    assertThat(((DuplicateExecutionException) failure).existing())
                        .isEqualTo(first));
      }
    }

    @Test
    void theSameKeyInOneBatchStartsOnce() {
      try (Durable durable = worker()) {
        List<ExecutionHandle<String>> handles =
            durable.startAll(ECHO, List.of("a", "b", "c"), (text, o) -> o.key("batch"));
        assertThat(handles).extracting(ExecutionHandle::id).containsOnly(handles.get(0).id());
        assertThat(handles).filteredOn(ExecutionHandle::isNew).hasSize(1);
      }
    }

    @Test
    void manyCallersAtOnceStartOne() throws Exception {
      AtomicInteger runs = new AtomicInteger();
      Workflow<String, Integer> counted =
          Workflow.define("counted", String.class)
              .step("count", Integer.class, text -> runs.incrementAndGet())
              .build();
      try (Durable durable = db.start(counted);
          Durable other = db.start(counted);
          ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<ExecutionHandle<Integer>>> calls = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          Durable via = i % 2 == 0 ? durable : other;
          calls.add(callers.submit(() -> via.start(counted, "x", o -> o.key("race"))));
        }
        Set<UUID> ids = new HashSet<>();
        int fresh = 0;
        for (Future<ExecutionHandle<Integer>> call : calls) {
          ids.add(call.get().id());
          fresh += call.get().isNew() ? 1 : 0;
          assertThat(call.get().result(SOON)).isEqualTo(1);
        }
        assertThat(ids).hasSize(1);
        assertThat(fresh).isEqualTo(1);
      }
    }

    @Test
    void twoWorkflowsMayHaveTheSameKey() {
      Workflow<String, String> other =
          Workflow.define("other", String.class).step("s", text -> text + "!").build();
      try (Durable durable = db.start(ECHO, other)) {
        ExecutionHandle<String> one = durable.start(ECHO, "x", o -> o.key("shared"));
        ExecutionHandle<String> two = durable.start(other, "x", o -> o.key("shared"));
        assertThat(one.result(SOON)).isEqualTo("x");
        assertThat(two.result(SOON)).isEqualTo("x!");
      }
    }
  }

  @Nested
  class ByName {

    record Item(String name, int count) {}

    private final Workflow<Item, Item> typed =
        Workflow.define("typed", Item.class).step("same", item -> item).build();

    @Test
    void takesAndGivesJson() {
      try (Durable durable = db.start(typed)) {
        assertThat(durable.start("typed", "{\"name\":\"a\",\"count\":2}").result(SOON))
            .isEqualToIgnoringWhitespace("{\"name\":\"a\",\"count\":2}");
      }
    }

    @Test
    void refusesWhatIsNotJson() {
      try (Durable durable = db.start(typed)) {
        for (String json : List.of("", "{", "{} {}", "nothing")) {
          assertThatThrownBy(() -> durable.start("typed", json)).isInstanceOf(JsonException.class);
        }
        assertThat(
                durable.executions(q -> q.workflow("typed").status(ExecutionStatus.FAILED)).items())
            .isEmpty();
      }
    }

    @Test
    void refusesWhatDoesNotFit() {
      try (Durable durable = db.start(typed)) {
        assertThatThrownBy(() -> durable.start("typed", "{\"count\":\"many\"}"))
            .isInstanceOf(JsonException.class)
            .hasMessageContaining("Item");
      }
    }

    @Test
    void aClientWithoutTheDefinitionStartsWhatAWorkerKnows() {
      try (Durable durable = db.start(typed);
          Durable client = Durable.on(db.dataSource()).build()) {
        ExecutionHandle<String> handle = client.start("typed", "{\"name\":\"b\",\"count\":1}");
        assertThat(handle.result(SOON)).contains("\"b\"");
        assertThat(client.handle(handle.id(), typed).result(SOON)).isEqualTo(new Item("b", 1));
        assertThatThrownBy(() -> client.start("typed", "{")).isInstanceOf(JsonException.class);
        assertThat(durable.steps(handle.id())).hasSize(1);
      }
    }

    @Test
    @Proves("B-55")
    @DisplayName("An unknown workflow is refused with the known ones")
    void anUnknownWorkflowIsRefused() {
      try (Durable durable = db.start(typed, ECHO)) {
        assertThatThrownBy(() -> durable.start("tpyed", "{}"))
            .isInstanceOf(UnknownWorkflowException.class)
            .hasMessageContaining("'tpyed'")
            .hasMessageContaining("echo")
            .hasMessageContaining("typed")
            .hasMessageContaining(".register(");
        Workflow<String, String> unregistered =
            Workflow.define("unregistered", String.class).step("s", text -> text).build();
        assertThatThrownBy(() -> durable.start(unregistered, "x"))
            .isInstanceOf(UnknownWorkflowException.class);
      }
    }
  }

  @Test
  @Proves("B-55")
  @DisplayName("A queue without workers is refused with the known ones")
  void anUnknownQueueIsRefused() {
    try (Durable durable =
        Durable.on(db.dataSource())
            .register(ECHO)
            .worker(w -> w.queue("mail", q -> {}))
            .startWorker()) {
      assertThatThrownBy(() -> durable.start(ECHO, "x", o -> o.queue("mial")))
          .isInstanceOf(UnknownQueueException.class)
          .hasMessageContaining("'mial'")
          .hasMessageContaining("mail")
          .hasMessageContaining("default")
          .hasMessageContaining(".queue(\"mial\", q -> {})) and startWorker();");
      assertThat(durable.start(ECHO, "x", o -> o.queue("mail")).result(SOON)).isEqualTo("x");
      assertThat(durable.countByStatus(q -> q.queue("mial"))).isEmpty();
    }
  }

  @Test
  @Proves({"R-098", "R-101"})
  @DisplayName("An empty input is accepted, and so is a single step")
  void anEmptyInputIsAccepted() {
    Workflow<Map<String, Object>, Integer> sizes =
        Workflow.define("sizes", new TypeRef<Map<String, Object>>() {})
            .step("size", Integer.class, map -> map.size())
            .build();
    try (Durable durable = db.start(sizes)) {
      assertThat(durable.start(sizes, Map.of()).result(SOON)).isZero();
    }
  }

  @Test
  @Proves("B-50")
  @DisplayName("A start is owned from its first moment: no other worker can run it as well")
  void aStartIsOwnedFromItsFirstMoment() {
    Gate gate = new Gate();
    AtomicInteger runs = new AtomicInteger();
    Workflow<String, String> held =
        Workflow.define("held", String.class)
            .step(
                "wait",
                text -> {
                  runs.incrementAndGet();
                  gate.pass();
                  return text;
                })
            .build();
    try (Durable durable = db.start(held);
        Durable other = db.start(held)) {
      ExecutionHandle<String> handle = durable.start(held, "x");
      gate.awaitReached();
      Execution running = durable.find(handle.id()).orElseThrow();
      assertThat(running.status()).isEqualTo(ExecutionStatus.RUNNING);
      assertThat(running.worker()).isNotNull();
      assertThat(running.wakeAt()).isNull();
      assertThat(other.start(held, "y", o -> o.delay(ofHours(1))).status())
          .isEqualTo(ExecutionStatus.PENDING);
      gate.open();
      assertThat(handle.result(SOON)).isEqualTo("x");
      assertThat(runs).hasValue(1);
      other
          .executions(q -> q.workflow("held").status(ExecutionStatus.PENDING))
          .items()
          .forEach(execution -> other.cancel(execution.id()));
    }
  }

  @Test
  void whatABodySeesOfItsExecution() {
    Workflow<String, String> info =
        Workflow.of(
            "info",
            String.class,
            String.class,
            (in, step) -> {
              ExecutionInfo own = step.execution();
              return own.workflow()
                  + own.version()
                  + own.key()
                  + own.queue()
                  + own.tags()
                  + step.path()
                  + step.attempt()
                  + step.isCancelled();
            });
    try (Durable durable = db.start(info)) {
      assertThat(durable.start(info, "x", o -> o.key("k").tag("tenant", "acme")).result(SOON))
          .isEqualTo("info1kdefault{tenant=acme}body1false");
    }
  }
}
