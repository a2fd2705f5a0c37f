package dev.durable.graph;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.Durable;
import dev.durable.UnknownWorkflowException;
import dev.durable.execution.ExecutionHandle;
import dev.durable.graph.GraphNode.Kind;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Decision;
import dev.durable.workflow.Workflow;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(DatabaseExtension.class)
class WorkflowGraphTest {

  private static final Workflow<Integer, Integer> ALL =
      Workflow.define("all \"kinds\"", Integer.class)
          .decide("check", List.of("end"), n -> n == 0 ? Decision.goTo("end") : Decision.next())
          .branch(
              "by",
              n -> n > 10,
              cases ->
                  cases
                      .when(true, path -> path.step("big", n -> n))
                      .when(false, path -> path.step("small", n -> n)))
          .parallel(
              "both",
              par -> {
                par.step("a", Integer.class, (n, step) -> n);
                par.path("b", Integer.class, path -> path.step("c", n -> n));
                return par.join((n, results) -> n);
              })
          .forEach(
              "each",
              Integer.class,
              n -> List.of(1, 2, 3),
              path ->
                  path.step(
                      "item",
                      n -> {
                        if (n == 2) {
                          throw new IllegalStateException("two");
                        }
                        return n;
                      }),
              with -> with.completeAll())
          .repeatUntil("again", n -> n > 3, path -> path.step("add", n -> n + 1))
          .step("end", n -> n, with -> with.compensate("undo <it>", n -> {}))
          .build();

  private final TestDatabase db;

  WorkflowGraphTest(TestDatabase db) {
    this.db = db;
  }

  private static String ids(WorkflowGraph graph, Kind kind) {
    return String.join(
        " ", graph.nodes().stream().filter(n -> n.kind() == kind).map(GraphNode::id).toList());
  }

  @Test
  void everyKindOfNodeIsThere() {
    WorkflowGraph graph = WorkflowGraph.of(ALL);
    assertThat(ids(graph, Kind.STEP))
        .isEqualTo("by/true/big by/false/small both/a both/b/c each/item again/add end");
    assertThat(ids(graph, Kind.BLOCK_END)).isEqualTo("both#end each#end again#end");
    assertThat(ids(graph, Kind.COMPENSATION)).isEqualTo("end~undo <it>");
    assertThat(graph.edges())
        .extracting(edge -> edge.kind() + " " + edge.from() + " " + edge.to())
        .contains(
            "NEXT #start check",
            "JUMP check end",
            "CASE by by/true/big",
            "NEXT by/false/small both",
            "INTO both both/b/c",
            "NEXT both/a both#end",
            "AGAIN again#end again",
            "UNDO end end~undo <it>",
            "NEXT end #end");
  }

  @Test
  void everyEdgeHasBothItsNodes() {
    WorkflowGraph graph = WorkflowGraph.of(ALL);
    List<String> ids = graph.nodes().stream().map(GraphNode::id).toList();
    assertThat(ids).doesNotHaveDuplicates();
    assertThat(graph.edges()).allSatisfy(edge -> assertThat(ids).contains(edge.from(), edge.to()));
  }

  @Test
  void jsonIsReadBack() {
    WorkflowGraph graph = WorkflowGraph.of(ALL);
    assertThat(WorkflowGraph.fromJson(graph.toJson())).isEqualTo(graph);
  }

  @Test
  void whatLanguagesTreatSpeciallyIsEscaped() {
    WorkflowGraph graph = WorkflowGraph.of(ALL);
    assertThat(graph.toMermaid())
        .startsWith("flowchart TD\n")
        .contains("undo #lt;it#gt;", "{\"check\"}", "-.->", "-->|\"true\"|")
        .doesNotContain("<it>");
    assertThat(graph.toDot())
        .startsWith("digraph \"all \\\"kinds\\\"\" {")
        .contains("\"check\" -> \"end\" [style=dashed];")
        .endsWith("}\n");
  }

  @Test
  void anExecutionIsLaidOver() {
    try (Durable durable = db.start(ALL)) {
      ExecutionHandle<Integer> handle = durable.start(ALL, 1);
      handle.result(ofSeconds(20));
      WorkflowGraph graph = durable.graph(handle.id());
      assertThat(state(graph, "by").note()).isEqualTo("false");
      assertThat(state(graph, "both").status()).isEqualTo("completed");
      assertThat(state(graph, "each/item").counts())
          .containsExactlyInAnyOrderEntriesOf(Map.of("completed", 2, "failed", 1));
      assertThat(state(graph, "each").total()).isEqualTo(3);
      assertThat(state(graph, "again").attempts()).isEqualTo(3);
      assertThat(node(graph, "by/true/big").state()).isNull();
      assertThat(graph.toMermaid()).contains(":::completed", "completed, 3 rounds", "3 items");
      assertThat(durable.graph("all \"kinds\"")).isEqualTo(WorkflowGraph.of(ALL));
      assertThatThrownBy(() -> durable.graph("nobody"))
          .isInstanceOf(UnknownWorkflowException.class);
    }
  }

  @Test
  void theGraphThatAnEarlierVersionStoredIsReplaced() {
    Durable.on(db.dataSource()).register(ALL).build().close();
    db.update("update durable.workflow_definitions set graph = '{\"kind\": \"sequence\"}'");
    try (Durable durable = Durable.on(db.dataSource()).register(ALL).build()) {
      assertThat(durable.graph("all \"kinds\"")).isEqualTo(WorkflowGraph.of(ALL));
    }
  }

  private static GraphNode node(WorkflowGraph graph, String id) {
    return graph.nodes().stream().filter(n -> n.id().equals(id)).findFirst().orElseThrow();
  }

  private static GraphNode.State state(WorkflowGraph graph, String id) {
    GraphNode.State state = node(graph, id).state();
    assertThat(state).as(id).isNotNull();
    return state;
  }
}
