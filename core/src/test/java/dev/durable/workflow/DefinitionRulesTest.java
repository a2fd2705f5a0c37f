package dev.durable.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.testing.Proves;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DefinitionRulesTest {

  enum Size {
    SMALL,
    LARGE
  }

  sealed interface Shape permits Round, Square {}

  sealed interface Round extends Shape permits Circle, Ellipse {}

  record Circle() implements Round {}

  record Ellipse() implements Round {}

  record Square() implements Shape {}

  private static WorkflowBuilder<Integer, Integer> define() {
    return Workflow.define("checked", Integer.class);
  }

  private static String problem(WorkflowBuilder<?, ?> builder) {
    try {
      builder.build();
    } catch (InvalidWorkflowException invalid) {
      return invalid.getMessage();
    }
    throw new AssertionError("it was built");
  }

  @Nested
  @Proves({"R-038", "R-039", "R-040"})
  @DisplayName("Where a decision can go")
  class Jumps {

    private WorkflowBuilder<Integer, Integer> to(String target) {
      return define()
          .step("before", n -> n)
          .decide("check", List.of(target), n -> Decision.next())
          .step("after", n -> n)
          .step("text", String.class, n -> "" + n)
          .step("takesText", Integer.class, text -> 1)
          .branch("by", n -> n > 0, c -> c.when(true, p -> p.step("in", n -> n)).otherwise(p -> p))
          .parallel(
              "both",
              par -> {
                par.step("a", Integer.class, (n, step) -> n);
                return par.join((n, results) -> n);
              })
          .forEach("each", Integer.class, n -> List.of(n), p -> p.step("item", n -> n), w -> {})
          .repeatUntil("again", n -> true, p -> p.step("round", n -> n));
    }

    @Test
    void forwardAndIntoACase() {
      for (String target : List.of("after", "by", "by/true", "by/true/in", "both", "again")) {
        assertThat(to(target).build().node("check")).isNotNull();
      }
    }

    @Test
    void notToWhatIsNotThere() {
      assertThat(problem(to("nowhere"))).contains("'nowhere'", "does not exist");
      assertThat(problem(to("by/false"))).contains("'by' has no 'false'");
    }

    @Test
    void notBackwardsOrToItself() {
      assertThat(problem(to("before"))).contains("backwards", ".repeatUntil(");
      assertThat(problem(to("check"))).contains("itself");
    }

    @Test
    void notToWhatTakesAnotherType() {
      assertThat(problem(to("takesText"))).contains("takes java.lang.String", "java.lang.Integer");
    }

    @Test
    void notIntoABlock() {
      for (String target : List.of("both/a", "each/item", "again/round")) {
        assertThat(problem(to(target))).contains("cannot be jumped into");
      }
    }

    @Test
    void notOutOfABranchOrAnItem() {
      assertThat(
              problem(
                  define()
                      .parallel(
                          "both",
                          par -> {
                            par.path(
                                "a",
                                Integer.class,
                                p -> p.decide("out", List.of("end"), n -> Decision.next()));
                            return par.join((n, results) -> n);
                          })
                      .step("end", n -> n)))
          .contains("'both/a/out' cannot go to 'end'", "would leave parallel 'both'");
      assertThat(
              problem(
                  define()
                      .forEach(
                          "each",
                          Integer.class,
                          n -> List.of(n),
                          p -> p.decide("out", List.of("end"), n -> Decision.next()),
                          w -> {})
                      .step("end", n -> n)))
          .contains("would leave forEach 'each'");
    }
  }

  @Nested
  @DisplayName("Values that a branch must cover")
  class Coverages {

    @Test
    void everyConstantAndBothFlags() {
      assertThat(
              problem(
                  define()
                      .branch(
                          "by",
                          n -> Size.SMALL,
                          c -> c.when(Size.SMALL, p -> p.step("s", n -> n)))))
          .contains("'by' does not cover LARGE");
      assertThat(
              problem(
                  define().branch("by", n -> n > 0, c -> c.when(true, p -> p.step("s", n -> n)))))
          .contains("does not cover false");
    }

    @Test
    void everyClassOfASealedType() {
      Consumer<Cases<Integer, Integer, Shape, Integer>> onlyRound =
          c -> c.when(Round.class, p -> p.step("r", n -> n));
      assertThat(problem(define().branch("by", n -> (Shape) new Circle(), onlyRound)))
          .contains("does not cover Square");
      Consumer<Cases<Integer, Integer, Shape, Integer>> all =
          c ->
              c.when(Round.class, p -> p.step("r", n -> n))
                  .when(Square.class, p -> p.step("s", n -> n));
      assertThat(define().branch("by", n -> (Shape) new Circle(), all).build()).isNotNull();
    }

    @Test
    void somethingToHandOn() {
      assertThat(
              problem(
                  define()
                      .<Integer, String>branch(
                          "by",
                          String.class,
                          n -> n,
                          c -> c.when(1, p -> p.step("s", String.class, n -> "")))))
          .contains("may match no case");
    }
  }

  @Test
  void namesOptionsAndBlocks() {
    assertThat(problem(define().branch("by", n -> n, c -> {}))).contains("'by' has no cases");
    assertThat(problem(define().parallel("both", par -> par.join((n, results) -> n))))
        .contains("'both' has no branches");
    assertThat(
            problem(
                define()
                    .parallel(
                        "both",
                        par -> {
                          par.step("a", Integer.class, (n, step) -> n);
                          return par.join((n, results) -> n);
                        },
                        with -> with.quorum(2))))
        .contains("wants 2 branches to complete, but has 1");
    assertThat(problem(define().repeatUntil("again", n -> true, p -> p)))
        .contains("'again' has no steps");
    assertThat(
            problem(
                define()
                    .branch(
                        "by",
                        n -> n,
                        c ->
                            c.when(1, p -> p.step("twice", n -> n).step("twice", n -> n))
                                .otherwise(p -> p.step("~", n -> n)))))
        .contains("Two steps are called 'by/1/twice'", "'by/otherwise/~' has a");
    assertThat(problem(define().step("once", n -> n, w -> w.compensate("a/b", n -> {}))))
        .contains("compensation 'a/b'");
  }

  @Test
  void aPathIsNoWorkflowOfItsOwn() {
    assertThatThrownBy(
            () ->
                define()
                    .branch(
                        "by",
                        n -> n,
                        c ->
                            c.otherwise(
                                p -> {
                                  p.build();
                                  return p;
                                })))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("build belongs to the whole workflow 'checked'");
    WorkflowBuilder<Integer, Integer> outer = define().step("one", n -> n);
    assertThatThrownBy(() -> outer.branch("by", n -> n, c -> c.otherwise(p -> outer)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'by/otherwise' must go on from the path that it is given");
  }

  /** A definition with one path, which is made of the path's definition. */
  private interface WithPath {
    WorkflowBuilder<?, ?> of(PathDefinition<Integer, Integer, Integer> path);
  }

  private static Map<String, WithPath> paths() {
    return Map.of(
        "vip/true",
        path -> define().when("vip", n -> true, path),
        "vip/false",
        path -> define().when("vip", n -> true, p -> p, path),
        "by/otherwise",
        path -> define().branch("by", n -> n, c -> c.when(1, p -> p).otherwise(path)),
        "by/1",
        path -> define().branch("by", n -> n, c -> c.when(1, path).otherwise(p -> p)),
        "both/a",
        path ->
            define()
                .parallel(
                    "both",
                    par -> {
                      par.path("a", Integer.class, path);
                      return par.join((n, results) -> n);
                    }),
        "each",
        path -> define().forEach("each", Integer.class, n -> List.of(n), path),
        "again",
        path -> define().repeatUntil("again", n -> true, path),
        "again/vip/true",
        path -> define().repeatUntil("again", n -> true, p -> p.when("vip", n -> true, path)));
  }

  static Set<String> places() {
    return paths().keySet();
  }

  @ParameterizedTest
  @MethodSource("places")
  @DisplayName(
      "Steps that were added to a path and are not in what it returns are refused, by name")
  void lostSteps(String place) {
    WithPath flow = paths().get(place);
    assertThatThrownBy(
            () ->
                flow.of(
                    p -> {
                      p.step("discount", n -> n);
                      p.step("gift", n -> n);
                      return p;
                    }))
        .isInstanceOf(InvalidWorkflowException.class)
        .hasMessageContaining(
            "The path '"
                + place
                + "' has steps that are not in what it returns: 'discount', 'gift'. Each call"
                + " returns a new definition: chain the calls, or return the last one.");
    StepFunction<Integer, Integer> same = n -> n;
    assertThatThrownBy(
            () ->
                flow.of(
                    p -> {
                      var one = p.step("one", same);
                      one.step("two", same).sleep("rest", n -> Duration.ZERO);
                      return one.step("two", same);
                    }))
        .isInstanceOf(InvalidWorkflowException.class)
        .hasMessageContaining("'" + place + "'")
        .hasMessageContaining("returns: 'two', 'rest'. Each");
    assertThatThrownBy(() -> flow.of(p -> null))
        .isInstanceOf(InvalidWorkflowException.class)
        .hasMessageContaining("The path '" + place + "' returns null");
  }

  @ParameterizedTest
  @MethodSource("places")
  @DisplayName("A path may be made piece by piece")
  void pieces(String place) {
    WorkflowBuilder<?, ?> made =
        paths()
            .get(place)
            .of(
                p -> {
                  var begun = begun(p);
                  return begun.step("end", n -> n);
                });
    assertThat(made.build().nodes().keySet()).contains(place + "/begin", place + "/end");
  }

  private static WorkflowBuilder<Integer, Integer> begun(WorkflowBuilder<Integer, Integer> path) {
    return path.step("begin", n -> n);
  }

  @Test
  @DisplayName(
      "Two workflows may share their beginning, and paths of a branch go on from their own")
  void beginnings() {
    WorkflowBuilder<Integer, Integer> begin = begun(define());
    assertThat(begin.step("a", n -> n).build().nodes()).hasSize(2);
    assertThat(begin.step("b", n -> n).build().nodes()).hasSize(2);
    List<WorkflowBuilder<Integer, Integer>> first = new ArrayList<>();
    assertThatThrownBy(
            () ->
                define()
                    .when(
                        "vip",
                        n -> true,
                        p -> {
                          first.add(p.step("gift", n -> n));
                          return first.get(0);
                        },
                        p -> first.get(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'vip/false' must go on from");
  }

  @Test
  @DisplayName("The fingerprint knows everything that decides where a walk goes")
  void theFingerprint() {
    String one =
        define()
            .decide("d", List.of("e"), n -> Decision.next())
            .step("e", n -> n)
            .build()
            .fingerprint();
    String other =
        define()
            .decide("d", List.of(), n -> Decision.next())
            .step("e", n -> n)
            .build()
            .fingerprint();
    assertThat(one).isNotEqualTo(other);
    String renamed =
        define()
            .branch("b", n -> n, c -> c.otherwise(p -> p.step("x", n -> n)))
            .build()
            .fingerprint();
    String nested =
        define()
            .branch("b", n -> n, c -> c.otherwise(p -> p.step("y", n -> n)))
            .build()
            .fingerprint();
    assertThat(renamed).isNotEqualTo(nested);
  }

  @Test
  @DisplayName("A wait for several events names at least one")
  void noEvents() {
    assertThatThrownBy(() -> Workflow.define("w", String.class).awaitAny("a", any -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one");
    assertThatThrownBy(() -> Workflow.define("w", String.class).awaitAll("a", all -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one");
  }
}
