package dev.durable.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.retry.NonRetryableException;
import dev.durable.retry.RetryPolicy;
import dev.durable.workflow.ParallelOptions;
import dev.durable.workflow.StepBody;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("What a dry run cannot tell ends it, whatever it is in")
class RefusalTest {

  private static final RetryPolicy OFTEN = RetryPolicy.constant(Duration.ofSeconds(1));

  /** Asks for what a dry run cannot tell. */
  private static String race(StepContext<?> step) throws Exception {
    var fork = step.parallel("race", with -> with.any());
    fork.branch("slow", branch -> branch.sleep("rest", Duration.ofHours(1)));
    fork.run("quick", () -> {});
    fork.join();
    return "told";
  }

  private static final Workflow<String, String> CHILD = body("child", (text, step) -> race(step));

  private static Workflow<String, String> body(String name, StepBody<String, String, String> body) {
    return Workflow.of(name, String.class, String.class, body);
  }

  private static String caught(StepContext<?> step) {
    try {
      return race(step);
    } catch (Throwable hidden) {
      return "hidden";
    }
  }

  private static String fail() {
    throw new NonRetryableException("no");
  }

  static Map<String, Workflow<String, String>> flows() {
    Map<String, Workflow<String, String>> flows = new TreeMap<>();
    flows.put("alone", CHILD);
    flows.put("caught", body("w", (text, step) -> caught(step)));
    flows.put(
        "thrown on",
        body(
            "w",
            (text, step) -> {
              try {
                return race(step);
              } catch (Throwable hidden) {
                throw new IllegalStateException(hidden);
              }
            }));
    flows.put(
        "parts of which one fails, caught",
        body(
            "w",
            (text, step) -> {
              try {
                var fork = step.parallel("race");
                fork.branch("slow", branch -> branch.sleep("rest", Duration.ofHours(1)));
                fork.branch("bad", branch -> fail());
                fork.join();
                return "told";
              } catch (Throwable hidden) {
                return "hidden";
              }
            }));
    flows.put("a child", body("w", (text, step) -> step.call("child", CHILD, text)));
    flows.put(
        "a child, caught",
        body(
            "w",
            (text, step) -> {
              try {
                return step.call("child", CHILD, text);
              } catch (Throwable hidden) {
                return "hidden";
              }
            }));
    flows.put(
        "a child's child",
        body(
            "w",
            (text, step) ->
                step.call("c", body("v", (same, own) -> own.call("d", CHILD, same)), text)));
    flows.put(
        "children of a list",
        body(
            "w",
            (text, step) ->
                ""
                    + step.callEach("each", CHILD, List.of("a", "b"), with -> with.completeAll())
                        .completed()));
    flows.put(
        "a branch",
        body(
            "w",
            (text, step) -> {
              var fork = step.parallel("all", with -> with.completeAll());
              var child = fork.branch("b", String.class, own -> own.call("child", CHILD, text));
              fork.join();
              return "" + child.outcome();
            }));
    flows.put(
        "an item",
        body(
            "w",
            (text, step) ->
                ""
                    + step.forEach(
                            "each",
                            String.class,
                            List.of(1, 2),
                            (item, own) -> caught(own),
                            with -> with.completeAll())
                        .completed()));
    flows.put(
        "an effect", body("w", (text, step) -> step.run("e", String.class, () -> caught(step))));
    flows.put(
        "a node that is tried again",
        Workflow.define("w", String.class)
            .step("s", (text, step) -> caught(step), with -> with.retry(OFTEN.maxAttempts(3)))
            .build());
    flows.put(
        "a node whose failure is handled",
        Workflow.define("w", String.class)
            .step(
                "s", (text, step) -> race(step), with -> with.onFailure((text, error) -> "handled"))
            .build());
    flows.put(
        "a branch of nodes",
        Workflow.define("w", String.class)
            .parallel(
                "all",
                par -> {
                  par.path("p", String.class, path -> path.call("child", CHILD, text -> text));
                  return par.join((text, results) -> text);
                },
                ParallelOptions::completeAll)
            .build());
    flows.put(
        "an item of nodes",
        Workflow.define("w", String.class)
            .forEach(
                "each",
                String.class,
                text -> List.of("a", "b"),
                path -> path.call("child", CHILD, text -> text),
                (text, results) -> text,
                with -> with.completeAll())
            .build());
    return flows;
  }

  static Set<String> places() {
    return flows().keySet();
  }

  @ParameterizedTest
  @MethodSource("places")
  @DisplayName("A race that cannot be told is no failure of")
  void race(String place) {
    assertThatThrownBy(() -> DryRun.of(flows().get(place)).run("a"))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("cannot tell how")
        .hasMessageContaining("/race'");
  }

  @Test
  @DisplayName("A connection that the script lacks is no failure of a child's compensation")
  void compensation() {
    Workflow<String, String> child =
        Workflow.define("child", String.class)
            .step(
                "s",
                text -> text,
                with ->
                    with.compensate(
                        "undo",
                        (text, undo) -> {
                          try {
                            undo.transaction("t", tx -> tx.connection().getCatalog());
                          } catch (Throwable hidden) {
                            throw new IllegalStateException(hidden);
                          }
                        },
                        how -> how.retry(OFTEN.maxAttempts(2))))
            .step("fails", text -> fail())
            .build();
    Workflow<String, String> parent =
        body(
            "parent",
            (text, step) ->
                "" + step.callEach("c", child, List.of(text), with -> with.completeAll()));
    assertThatThrownBy(() -> DryRun.of(parent).run("a"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("asks for a connection");
  }
}
