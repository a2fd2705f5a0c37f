package dev.durable.cli.operate;

import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.Durable;
import dev.durable.cli.Cli;
import dev.durable.cli.CommandTest;
import dev.durable.execution.ExecutionHandle;
import dev.durable.graph.WorkflowGraph;
import dev.durable.workflow.Workflow;
import org.junit.jupiter.api.Test;

class GraphCommandTest extends CommandTest {

  private static final Workflow<Integer, Integer> ADD =
      Workflow.define("add", Integer.class).step("one", n -> n + 1).build();

  private Cli here() {
    return cli().with("DURABLE_URL", url);
  }

  @Test
  void aWorkflowAndAnExecution() {
    try (Durable durable = Durable.on(dataSource).migrate(true).register(ADD).startWorker()) {
      ExecutionHandle<Integer> handle = durable.start(ADD, 1);
      handle.result(ofSeconds(20));

      Cli.Result json = here().run("graph", "add", "--format", "json");
      assertThat(json.exitCode()).as(json.err()).isZero();
      assertThat(WorkflowGraph.fromJson(json.out())).isEqualTo(WorkflowGraph.of(ADD));

      Cli.Result mermaid = here().run("graph", handle.id().toString());
      assertThat(mermaid.exitCode()).as(mermaid.err()).isZero();
      assertThat(mermaid.out()).isEqualTo(durable.graph(handle.id()).toMermaid());
      assertThat(mermaid.out()).contains("completed");
      assertThat(here().run("graph", handle.id().toString().substring(0, 20)).out())
          .isEqualTo(mermaid.out());
    }
  }

  @Test
  void whatIsNotThere() {
    durable().up();
    Cli.Result workflow = here().run("graph", "nosuch");
    assertThat(workflow.exitCode()).isEqualTo(1);
    assertThat(workflow.err()).contains("nosuch");
    Cli.Result execution = here().run("graph", "01a20790-3f89-7000-a7e9-7563f4f745b3");
    assertThat(execution.exitCode()).isEqualTo(1);
    assertThat(execution.err()).contains("01a20790-3f89-7000-a7e9-7563f4f745b3");
    assertThat(here().run("graph", "feed").err()).contains("Unknown workflow 'feed'");
    assertThat(here().run("graph", "add", "--format", "png").exitCode()).isEqualTo(2);
    assertThat(here().run("graph").exitCode()).isEqualTo(2);
    Cli.Result away = cli().run("graph", "add", "--url", "jdbc:postgresql://localhost:1/nothing");
    assertThat(away.exitCode()).isEqualTo(3);
    assertThat(away.out()).isEmpty();
  }
}
