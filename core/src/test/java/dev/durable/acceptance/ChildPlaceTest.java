package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@Proves({"B-56", "R-063"})
@Tag("newest")
@DisplayName("A child's queue, priority and limit key")
class ChildPlaceTest {

  private static final Workflow<String, String> PLAIN =
      Workflow.define("plain", String.class).step("echo", text -> text).build();

  private static final Workflow<String, String> PLACED =
      Workflow.define("placed", String.class, with -> with.queue("ships"))
          .step("echo", text -> text)
          .build();

  private static final Workflow<String, String> BODY =
      Workflow.of(
          "body",
          String.class,
          String.class,
          (text, step) -> {
            step.call("call", PLAIN, "call");
            step.call(
                "own", PLAIN, "own", with -> with.queue("ships").priority(1).limitKey("other"));
            step.call("placed", PLACED, "placed");
            step.callEach("each", PLAIN, List.of("each"));
            step.callEach(
                "each_own", PLAIN, List.of("each_own"), with -> with.priority(2).limitKey("last"));
            step.start("start", PLAIN, "start");
            return text;
          });

  private static final Workflow<String, String> TREE =
      Workflow.define("tree", String.class)
          .call("call", PLAIN, text -> "call", (text, result) -> text)
          .call(
              "own",
              PLAIN,
              text -> "own",
              (text, result) -> text,
              with -> with.limitKey(text -> text + "-own"))
          .callEach(
              "each",
              PLAIN,
              text -> List.of("each"),
              (text, results) -> text,
              with -> with.limitKey(item -> item + "-own"))
          .start("start", PLAIN, text -> "start", with -> with.limitKey(text -> text + "-start"))
          .build();

  private final TestDatabase db;

  ChildPlaceTest(TestDatabase db) {
    this.db = db;
  }

  private List<String> children(UUID parent) {
    return db.rows(
        "select input #>> '{}', queue, priority, limit_key from durable.workflow_executions"
            + " where parent_workflow_id = ? order by id",
        parent);
  }

  private static ExecutionHandle<String> start(Durable durable, Workflow<String, String> parent) {
    return durable.start(parent, "x", o -> o.queue("bulk").priority(7).limitKey("tenant"));
  }

  private Durable worker(Workflow<?, ?>... workflows) {
    return Durable.on(db.dataSource())
        .register(workflows)
        .worker(w -> w.queue("bulk", q -> {}).queue("ships", q -> {}))
        .startWorker();
  }

  @Test
  @DisplayName("are its parent's, but for what its call or its workflow names")
  void ofABody() {
    try (Durable durable = worker(PLAIN, PLACED, BODY)) {
      ExecutionHandle<String> parent = start(durable, BODY);
      parent.result(SOON);
      assertThat(children(parent.id()))
          .containsExactly(
              "call|bulk|7|tenant",
              "own|ships|1|other",
              "placed|ships|7|tenant",
              "each|bulk|7|tenant",
              "each_own|bulk|2|last",
              "start|bulk|7|tenant");
    }
  }

  @Test
  @DisplayName("may be made of the data in a tree")
  void ofATree() {
    try (Durable durable = worker(PLAIN, TREE)) {
      ExecutionHandle<String> parent = start(durable, TREE);
      parent.result(SOON);
      assertThat(children(parent.id()))
          .containsExactly(
              "call|bulk|7|tenant",
              "own|bulk|7|x-own",
              "each|bulk|7|each-own",
              "start|bulk|7|x-start");
    }
  }

  @Test
  @DisplayName("are not the parent's queue if that keeps the parent's place while it waits")
  void ofACountingQueue() {
    try (Durable durable = worker(PLAIN, TREE)) {
      durable.queues().limits("bulk", l -> l.globalConcurrency(1).countWaiting(true));
      ExecutionHandle<String> parent = start(durable, TREE);
      parent.result(SOON);
      assertThat(children(parent.id())).first().isEqualTo("call|default|7|tenant");
      durable.queues().clearOverrides("bulk");
    }
  }

  @Test
  @DisplayName("are not the parent's queue if its worker has not the child's workflow")
  void ofAnotherWorker() {
    try (Durable other = db.start(PLAIN, PLACED);
        Durable durable = worker(BODY)) {
      ExecutionHandle<String> parent = start(durable, BODY);
      parent.result(SOON);
      assertThat(children(parent.id())).first().isEqualTo("call|default|7|tenant");
    }
  }
}
