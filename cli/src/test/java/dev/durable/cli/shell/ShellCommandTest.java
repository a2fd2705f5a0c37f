package dev.durable.cli.shell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.cli.Cli;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The shell with snippets on its standard input. */
@Timeout(120)
class ShellCommandTest {

  @TempDir private Path folder;

  private Cli.Result shell(String... snippets) {
    return new Cli(folder).input(String.join("\n", snippets) + "\n").run("shell");
  }

  @Test
  void anExecutionCompletes() {
    Cli.Result result =
        shell(
            "var handle = durable.start(order, 4_200);",
            "System.out.println(handle.result(ofSeconds(30)));",
            "System.out.println(handle.status());",
            "durable.children(handle.id()).forEach(c -> System.out.println(c.workflow()));");
    assertThat(result.out()).contains("charged 4200 cents", "COMPLETED", "payment");
    assertThat(result.err()).contains("A worker is running.", "/exit").doesNotContain("WARN");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void theDatabaseIsStoppedAndDeletedAtTheEndOfTheInput() {
    Cli.Result result =
        shell(
            "try (var connection = dataSource.getConnection();",
            "    var statement = connection.createStatement();",
            "    var row = statement.executeQuery(\"show data_directory\")) {",
            "  row.next();",
            "  System.out.println(row.getString(1));",
            "}");
    assertThat(result.exitCode()).as(result.err()).isZero();
    assertThat(Path.of(result.out().strip())).isAbsolute().doesNotExist();
  }

  @Test
  void snippetsMayDefineAWorkflowAndAnExitCode() {
    Cli.Result result =
        shell(
            "record Greeting(String to) {}",
            "var hello = Workflow.define(\"hello\", Greeting.class).",
            "    step(\"greet\", String.class, g -> \"Hello, \" + g.to()).build();",
            "try (var mine = Durable.on(dataSource).register(hello).startWorker()) {",
            "  System.out.println(mine.start(hello, new Greeting(\"Ada\")).result(ofSeconds(30)));",
            "}",
            "/exit 7",
            "System.out.println(\"not reached\");");
    assertThat(result.out()).contains("Hello, Ada").doesNotContain("not reached");
    assertThat(result.exitCode()).isEqualTo(7);
  }
}
