package dev.durable.cli.operate;

import dev.durable.Durable;
import dev.durable.UnknownWorkflowException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.database.DatabaseOptions;
import dev.durable.graph.WorkflowGraph;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code durable graph}. */
@Command(
    name = "graph",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Prints the graph of a workflow, or of an execution with its progress.", ""},
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:printed",
      "1:there is no such workflow or execution, or the database refused",
      "2:wrong usage, or an id prefix of several executions",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable graph process_order --url jdbc:postgresql://db/app > order.mmd",
      "  durable graph 01a20790-3f89-7000 --format dot | dot -Tsvg > order.svg"
    })
public final class GraphCommand implements Callable<Integer> {

  /** The output formats, named as on the command line. */
  enum Format {
    mermaid,
    dot,
    json
  }

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Parameters(
      paramLabel = "WORKFLOW|EXECUTION",
      description = {
        "The name of a workflow, or the id of an execution:",
        "whole, or at least 4 characters that only this one begins with."
      })
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private String subject;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Format format = Format.mermaid;

  @Mixin private final DatabaseOptions database = new DatabaseOptions();

  /** picocli makes it. */
  public GraphCommand() {}

  @Override
  public Integer call() {
    WorkflowGraph graph = Client.ask(spec, database, this::graph);
    PrintWriter out = spec.commandLine().getOut();
    out.print(
        switch (format) {
          case mermaid -> graph.toMermaid();
          case dot -> graph.toDot();
          case json -> graph.toJson() + System.lineSeparator();
        });
    out.flush();
    return ExitCodes.OK;
  }

  /** The name of a workflow takes precedence over the beginning of an id. */
  private WorkflowGraph graph(Durable client) {
    if (ExecutionIds.isWhole(subject)) {
      return client.graph(ExecutionIds.id(client, subject));
    }
    try {
      return client.graph(subject);
    } catch (UnknownWorkflowException unknown) {
      if (!ExecutionIds.isBeginning(subject)) {
        throw unknown;
      }
      return client.graph(ExecutionIds.beginning(client, subject).orElseThrow(() -> unknown).id());
    }
  }
}
