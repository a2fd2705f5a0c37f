package dev.durable.graph;

import static dev.durable.testing.DurableFixture.untilWaiting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.wait.Event;
import dev.durable.workflow.Decision;
import dev.durable.workflow.StepContext;
import dev.durable.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@Proves("F13.8")
@DisplayName("The graph")
@ExtendWith(DatabaseExtension.class)
@Tag("newest")
class GraphNamesTest {

  private static final Event<String> GO = Event.of("go", String.class);
  private final TestDatabase db;

  GraphNamesTest(TestDatabase db) {
    this.db = db;
  }

  static void requireSound(WorkflowGraph graph) {
    List<String> ids = graph.nodes().stream().map(GraphNode::id).toList();
    assertThat(ids).doesNotHaveDuplicates();
    Set<String> known = Set.copyOf(ids);
    assertThat(graph.edges())
        .allSatisfy(edge -> assertThat(known).contains(edge.from(), edge.to()));
    assertThat(graph.toMermaid()).doesNotContain("null");
  }

  @Test
  @Proves("F13.8")
  @DisplayName("Ids are unique when names end like the engine's own")
  void ids() {
    WorkflowGraph graph =
        WorkflowGraph.of(
            Workflow.define("ids", String.class)
                .step("#start", s -> s)
                .step("#end", s -> s)
                .repeatUntil("load", s -> true, p -> p.step("in", s -> s))
                .step("load#end", s -> s)
                .step("pay", s -> s, with -> with.compensate("pay", s -> {}))
                .build());
    requireSound(graph);
  }

  @Test
  @Proves("F13.8")
  @DisplayName("An empty case keeps its place, and values without a case have an edge")
  void emptyCases() {
    WorkflowGraph graph =
        WorkflowGraph.of(
            Workflow.define("empty", String.class)
                .decide("check", List.of("by/skip"), s -> Decision.goTo("by/skip"))
                .branch(
                    "by",
                    s -> s,
                    c ->
                        c.when("skip", p -> p)
                            .when("a", p -> p.step("do", s -> s))
                            .when("never", p -> p))
                .step("after", s -> s)
                .build());
    requireSound(graph);
    assertThat(graph.edges())
        .filteredOn(edge -> edge.kind() == GraphEdge.Kind.CASE)
        .extracting(edge -> edge.label() + " -> " + edge.to())
        .containsExactly("skip -> after", "a -> by/a/do", "never -> after", "no case -> after");
    assertThat(graph.edges())
        .filteredOn(edge -> edge.kind() == GraphEdge.Kind.JUMP)
        .extracting(GraphEdge::to)
        .containsExactly("after");
  }

  @Test
  @Proves("F13.8")
  @DisplayName("A branch that covers all values has no edge for values without a case")
  void covered() {
    WorkflowGraph graph =
        WorkflowGraph.of(
            Workflow.define("covered", Boolean.class)
                .branch("by", s -> s, c -> c.when(true, p -> p).when(false, p -> p))
                .build());
    assertThat(graph.edges())
        .filteredOn(edge -> edge.kind() == GraphEdge.Kind.CASE)
        .extracting(GraphEdge::label)
        .containsExactly("true", "false");
  }

  @Test
  @Proves("F13.8")
  @DisplayName("A parallel has a state before it joins, its closing node has one after")
  void states() {
    Workflow<String, String> both =
        Workflow.define("both", String.class)
            .parallel(
                "both",
                par -> {
                  par.step("quick", String.class, (s, step) -> s);
                  par.step(
                      "slow",
                      String.class,
                      (String s, StepContext<String> step) -> {
                        step.await("go", GO);
                        return s;
                      });
                  return par.join((s, results) -> s);
                })
            .build();
    try (Durable durable = db.start(both)) {
      UUID id = durable.start(both, "x").id();
      untilWaiting(durable, id);
      assertThat(states(durable, both, id)).contains("both waiting", "both#end null");
      durable.send(id, GO, "go");
      durable.handle(id, both).result(Duration.ofSeconds(60));
      assertThat(states(durable, both, id)).contains("both completed", "both#end completed");
    }
  }

  private static Set<String> states(Durable durable, Workflow<?, ?> workflow, UUID id) {
    return WorkflowGraph.of(workflow).overlay(durable.steps(id)).nodes().stream()
        .map(node -> node.id() + " " + (node.state() == null ? null : node.state().status()))
        .collect(Collectors.toSet());
  }
}
