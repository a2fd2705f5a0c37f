package dev.durable.naming;

import static dev.durable.testing.DurableFixture.untilEnded;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.execution.Execution;
import dev.durable.execution.ExecutionStatus;
import dev.durable.graph.GraphNode;
import dev.durable.graph.WorkflowGraph;
import dev.durable.question.Question;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Gate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.ItemResults;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Proves("F5")
@DisplayName("Names from a hostile alphabet, wherever one is given")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class HostileNamesTest {

  private static final List<String> SYLLABLES =
      List.of(
          "/",
          "#",
          "%",
          "_",
          ":",
          ".",
          "~",
          "\\",
          "[",
          "]",
          " ",
          "[0]",
          "[*]",
          "%2F",
          "~undo",
          "#end",
          "reminder[1]",
          "null",
          "otherwise",
          "'",
          "\"",
          "🙂",
          "e\u0301",
          "\u00e9",
          "語",
          "a",
          "B",
          "{",
          "}",
          "$1",
          "?",
          ";",
          "--",
          "\u200b");

  private final TestDatabase db;
  private final Queue<String> did = new ConcurrentLinkedQueue<>();
  private final Queue<String> undone = new ConcurrentLinkedQueue<>();

  HostileNamesTest(TestDatabase db) {
    this.db = db;
  }

  /** Names that are different from each other. */
  private static final class Names {
    private final Random random;
    private final Set<String> given = new HashSet<>();

    Names(long seed) {
      this.random = new Random(seed);
    }

    /** Of what a body does. */
    String call() {
      return name(900);
    }

    /** Of a node: without what says something in a path. */
    String node() {
      return Stream.generate(() -> name(180).replaceAll("[/\\[\\]~]", ""))
          .filter(name -> !name.isBlank() && given.add(name))
          .findFirst()
          .orElseThrow();
    }

    String value() {
      return name(60);
    }

    private String name(int longest) {
      while (true) {
        StringBuilder name = new StringBuilder();
        int length = random.nextInt(8) == 0 ? longest / 3 : 1 + random.nextInt(4);
        while (name.length() < length) {
          name.append(SYLLABLES.get(random.nextInt(SYLLABLES.size())));
        }
        if (!name.toString().isBlank() && name.length() <= longest && given.add(name.toString())) {
          return name.toString();
        }
      }
    }
  }

  /** The parts of a definition. */
  private record Given(Names names, Event<String> event, Workflow<String, String> child) {
    static Given of(long seed) {
      Names names = new Names(seed);
      return new Given(
          names,
          Event.of(names.value(), String.class),
          Workflow.define(names.node(), String.class).step(names.node(), s -> s + "c").build());
    }
  }

  private static Stream<Long> seeds() {
    return new Random(5).longs(6).boxed();
  }

  private Workflow<String, String> workflow(Given given) {
    Names names = given.names;
    String effect = names.call();
    String other = names.call();
    String sleep = names.call();
    String call = names.call();
    String wait = names.call();
    String question = names.call();
    String inItem = names.call();
    String itemSleep = names.call();
    String value = names.value();
    String undoEffect = names.node();
    String undoInItem = names.node();
    return Workflow.define(names.node(), String.class)
        .step(
            names.node(),
            (String s, StepContext<String> step) -> {
              String a =
                  step.run(
                      effect,
                      String.class,
                      () -> does("effect"),
                      with -> with.compensate(undoEffect, r -> undone.add("effect")));
              step.sleep(sleep, Duration.ofMillis(1));
              String b =
                  step.run(
                      other,
                      String.class,
                      () -> does("other"),
                      with -> with.compensate(undoEffect, r -> undone.add("other")));
              return step.call(call, given.child, s + a + b, with -> {});
            },
            with -> with.compensate(names.node(), r -> undone.add("step")))
        .branch(
            names.node(),
            s -> value,
            c ->
                c.when("", p -> p)
                    .when(
                        value,
                        p ->
                            p.step(
                                names.node(),
                                (String s, StepContext<String> step) -> {
                                  step.sleep(sleep, Duration.ofMillis(1));
                                  return s + does("case");
                                },
                                with -> with.compensate(names.node(), r -> undone.add("case"))))
                    .otherwise(p -> p.step(names.node(), s -> s + does("otherwise"))))
        .forEach(
            names.node(),
            String.class,
            s -> List.of("0", "1", "2"),
            p ->
                p.step(
                    names.node(),
                    (String i, StepContext<String> step) -> {
                      String r =
                          step.run(
                              inItem,
                              String.class,
                              () -> does("item" + i),
                              with -> with.compensate(undoInItem, done -> undone.add("item")));
                      step.sleep(itemSleep, Duration.ofMillis(1));
                      return r;
                    }),
            (String s, ItemResults<String> results) -> s + results.completed().size())
        .parallel(
            names.node(),
            par -> {
              for (int i = 0; i < 2; i++) {
                String did = "branch" + i;
                par.step(
                    names.node(),
                    String.class,
                    (s, step) -> {
                      String r = step.run(effect, String.class, () -> does(did));
                      step.sleep(sleep, Duration.ofMillis(1));
                      return r;
                    });
              }
              return par.join((s, results) -> s);
            })
        .repeatUntil(
            names.node(),
            s -> s.endsWith("rr"),
            p ->
                p.step(
                    names.node(),
                    (String s, StepContext<String> step) -> {
                      step.sleep(sleep, Duration.ofMillis(1));
                      step.run(effect, String.class, () -> does("round"));
                      return s + "r";
                    }))
        .step(
            names.node(),
            (String s, StepContext<String> step) -> {
              step.run(effect, String.class, () -> does("before"));
              step.await(wait, given.event);
              return s + step.ask(question, Question.text("?"));
            })
        .step(
            names.node(),
            (String s, StepContext<String> step) -> {
              if (step.execution().key() != null) {
                throw new IllegalStateException("to be undone");
              }
              return s;
            })
        .build();
  }

  private String does(String what) {
    did.add(what);
    return "";
  }

  @ParameterizedTest
  @MethodSource("seeds")
  @Proves({"F5.1", "F5.4", "F13.8"})
  @DisplayName("Each is done once over a takeover, and ends and is undone correctly")
  void once(long seed) {
    Workflow<String, String> workflow = workflow(Given.of(seed));
    UUID ends;
    UUID fails;
    try (Durable durable = start(workflow, seed)) {
      ends = durable.start(workflow, "x").id();
      fails = durable.start(workflow, "x", with -> with.key("fails")).id();
      untilOpen(durable, ends);
      untilOpen(durable, fails);
    }
    Given given = Given.of(seed);
    try (Durable durable = start(workflow(given), seed)) {
      for (UUID id : List.of(ends, fails)) {
        durable.send(id, given.event, "e");
        Gate.until(() -> durable.questions().open(id).size() == 1);
        durable.questions().answer(id, durable.questions().open(id).getFirst().name(), "!", "me");
      }
      assertThat(durable.handle(ends, workflow).result(Duration.ofSeconds(60))).isEqualTo("xc3rr!");
      untilEnded(durable, fails);
      Execution undoes = durable.find(fails).orElseThrow();
      assertThat(undoes.status()).as("%s", undoes.error()).isEqualTo(ExecutionStatus.COMPENSATED);
      overlays(durable, workflow, ends);
    }
    List<String> each =
        List.of(
            "effect", "other", "case", "item0", "item1", "item2", "branch0", "branch1", "before");
    List<String> rounds = Collections.nCopies(2, "round");
    assertThat(did)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(each, each, rounds, rounds).flatMap(List::stream).toList());
    assertThat(undone).containsExactly("item", "item", "item", "case", "step", "other", "effect");
    assertThat(db.violations()).isEmpty();
  }

  private Durable start(Workflow<String, String> workflow, long seed) {
    return db.start(workflow, Given.of(seed).child);
  }

  private void untilOpen(Durable durable, UUID id) {
    Gate.until(
        () ->
            durable.find(id).orElseThrow().status() == ExecutionStatus.WAITING
                && durable.waits(id).stream()
                    .anyMatch(wait -> wait.signals().getFirst().startsWith("event:")));
  }

  private static void overlays(Durable durable, Workflow<?, ?> workflow, UUID id) {
    WorkflowGraph graph = WorkflowGraph.of(workflow).overlay(durable.steps(id));
    assertThat(graph.nodes()).extracting(GraphNode::id).doesNotHaveDuplicates();
    Set<String> known = new HashSet<>(graph.nodes().stream().map(GraphNode::id).toList());
    assertThat(graph.edges())
        .allSatisfy(edge -> assertThat(known).contains(edge.from(), edge.to()));
    assertThat(graph.nodes())
        .filteredOn(node -> node.kind() == GraphNode.Kind.BLOCK_END)
        .allSatisfy(
            node ->
                assertThat(node.state())
                    .extracting(GraphNode.State::status)
                    .isEqualTo("completed"));
    assertThat(WorkflowGraph.fromJson(graph.toJson())).isEqualTo(graph);
  }
}
