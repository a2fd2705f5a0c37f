package dev.durable.acceptance;

import static dev.durable.testing.DurableFixture.SOON;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.ExecutionHandle;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.ForkedBranch;
import dev.durable.workflow.ForkedBranches;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
@DisplayName("A body whose thread is interrupted, and that makes calls")
@Tag("newest")
class InterruptedBodyTest {

  private static final Event<String> NEVER = Event.of("never", String.class);
  private static final Event<String> HERE = Event.of("here", String.class);

  private final Workflow<Loud, String> child =
      Workflow.of("child", Loud.class, String.class, (loud, step) -> "child");

  private final TestDatabase db;
  private final Map<String, Integer> entries = new ConcurrentHashMap<>();
  private final Queue<String> disturbed = new ConcurrentLinkedQueue<>();

  InterruptedBodyTest(TestDatabase db) {
    this.db = db;
  }

  /** A value that interrupts the thread that writes it. */
  record Loud(String text) {
    @Override
    public String text() {
      Thread.currentThread().interrupt();
      return text;
    }
  }

  /** The pool, which notes each call on it or its connections by an interrupted thread. */
  private DataSource watched() {
    return watched(DataSource.class, db.dataSource());
  }

  private <T> T watched(Class<T> type, T real) {
    InvocationHandler watch =
        (proxy, method, arguments) -> {
          if (Thread.currentThread().isInterrupted()) {
            disturbed.add(method.getName() + " by " + Thread.currentThread().getName());
          }
          try {
            Object result = method.invoke(real, arguments);
            return method.getName().equals("getConnection")
                ? watched(Connection.class, (Connection) result)
                : result;
          } catch (InvocationTargetException failed) {
            throw failed.getCause();
          }
        };
    ClassLoader loader = InterruptedBodyTest.class.getClassLoader();
    return type.cast(Proxy.newProxyInstance(loader, new Class<?>[] {type}, watch));
  }

  /** The calls, which all leave the interrupt to the body. */
  private Map<String, Waits.Body> calls() {
    Map<String, Waits.Body> all = new LinkedHashMap<>();
    all.put("await", (s, step) -> step.await("w", HERE));
    all.put("await limited", (s, step) -> Waits.text(step.await("w", HERE, ofHours(1))));
    all.put("await late", (s, step) -> Waits.text(step.await("w", NEVER, ofMillis(20))));
    all.put(
        "ask late", (s, step) -> Waits.text(step.ask("q", Question.text("Why?"), ofMillis(20))));
    all.put(
        "awaitAny late",
        (s, step) ->
            Waits.text(step.awaitAny("w", ofMillis(20), any -> any.on(NEVER, never -> never))));
    all.put("awaitAll late", (s, step) -> step.awaitAll("w", ofMillis(20), NEVER, HERE).toString());
    all.put(
        "sleep",
        (s, step) -> {
          step.sleep("z", ofMillis(20));
          return "slept";
        });
    all.put("run", (s, step) -> step.run("e", String.class, () -> "ran"));
    all.put(
        "transaction",
        (s, step) ->
            step.transaction(
                "t",
                String.class,
                tx -> {
                  try (var statement = tx.connection().createStatement()) {
                    statement.execute("select 1");
                  }
                  return "committed";
                }));
    all.put("progress", (s, step) -> saved(step));
    all.put("call", (s, step) -> step.call("c", child, new Loud(s)));
    all.put(
        "call limited", (s, step) -> Waits.text(step.call("c", child, new Loud(s), ofHours(1))));
    all.put(
        "start with a key",
        (s, step) -> step.start("c", child, new Loud(s), with -> with.key(s)).toString());
    all.put("parallel", (s, step) -> joined(step));
    return all;
  }

  private static String saved(StepContext<String> step) {
    step.progress(7);
    return "saved " + step.progress(Integer.class).orElseThrow();
  }

  private static String joined(StepContext<String> step) throws Exception {
    ForkedBranches<String> fork = step.parallel("p");
    ForkedBranch<String> late =
        fork.branch(
            "late",
            String.class,
            branch -> {
              Thread.currentThread().interrupt();
              return Waits.text(branch.await("w", NEVER, ofMillis(20)));
            });
    fork.join();
    return late.get();
  }

  /** The others: what interrupts is not the body. */
  private Map<String, Workflow<String, String>> others() {
    Map<String, Workflow<String, String>> all = new LinkedHashMap<>();
    all.put(
        "transaction with a loud result",
        Workflow.define("loud_result", String.class)
            .transaction("t", Loud.class, (s, tx) -> new Loud(s))
            .step("quiet", String.class, Loud::toString)
            .build());
    all.put(
        "effect with a loud result",
        Workflow.of(
            "loud_effect",
            String.class,
            String.class,
            (s, step) -> step.transaction("t", Loud.class, tx -> new Loud(s)).toString()));
    all.put(
        "condition of a repeat",
        Workflow.define("condition", String.class)
            .repeatUntil(
                "repeat",
                s -> {
                  Thread.currentThread().interrupt();
                  return true;
                },
                p -> p.step("s", s -> s))
            .await(
                "w",
                NEVER,
                (String s, String never) -> never,
                with -> with.timeout(ofMillis(20)).onTimeout(s -> "late"))
            .build());
    return all;
  }

  private Workflow<String, String> interrupted(String name, String call, Waits.Body body) {
    return Waits.body(
        name,
        (s, step) -> {
          entries.merge(call, 1, Integer::sum);
          Thread.currentThread().interrupt();
          String result = body.run(s, step);
          return result + ", interrupted: " + Thread.currentThread().isInterrupted();
        });
  }

  @Test
  @DisplayName("goes on, keeps the interrupt, and no call takes it to the database")
  void goesOn() {
    Map<String, Workflow<String, String>> all = new LinkedHashMap<>();
    calls().forEach((call, body) -> all.put(call, interrupted("w" + all.size(), call, body)));
    Map<String, Workflow<String, String>> others = others();
    try (Durable durable =
        Durable.on(watched())
            .register(child)
            .register(all.values().toArray(Workflow<?, ?>[]::new))
            .register(others.values().toArray(Workflow<?, ?>[]::new))
            .startWorker()) {
      Map<String, ExecutionHandle<String>> handles = new LinkedHashMap<>();
      all.forEach((call, workflow) -> handles.put(call, durable.start(workflow, call)));
      handles.values().forEach(handle -> durable.send(handle.id(), HERE, "came"));
      Map<String, ExecutionHandle<String>> besides = new LinkedHashMap<>();
      others.forEach((what, workflow) -> besides.put(what, durable.start(workflow, what)));
      handles.forEach(
          (call, handle) ->
              assertThat(handle.result(SOON)).as(call).endsWith(", interrupted: true"));
      besides.forEach((what, handle) -> assertThat(handle.result(SOON)).as(what).isNotEmpty());
      assertThat(disturbed).isEmpty();
    }
    entries.forEach((call, times) -> assertThat(times).as(call).isLessThanOrEqualTo(3));
    assertThat(db.violations()).isEmpty();
  }
}
