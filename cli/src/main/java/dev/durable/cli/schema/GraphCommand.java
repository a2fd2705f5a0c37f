package dev.durable.cli.schema;

import dev.durable.Durable;
import dev.durable.DurableException;
import dev.durable.cli.CommandFailedException;
import dev.durable.cli.ExitCodes;
import dev.durable.cli.migrate.Database;
import dev.durable.graph.WorkflowGraph;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
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
    description = {
      "Prints a workflow as a graph; for an execution, with what it has done so far.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:printed",
      "1:there is no such workflow or execution, or the database refused",
      "2:wrong usage",
      "3:the database cannot be reached"
    },
    footer = {
      "",
      "Try:",
      "  durable graph process_order --url jdbc:postgresql://db/app > order.mmd",
      "  durable graph 01a20790-3f89-7000-a7e9-7563f4f745b3 --format dot | dot -Tsvg > order.svg"
    })
public final class GraphCommand implements Callable<Integer> {

  private static final Pattern ID =
      Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

  /** How to print it. */
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
      description = "The name of a workflow, or the id of an execution.")
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
    Database chosen = Attempt.of(spec, database::require);
    Attempt.of(spec, () -> reach(chosen));
    WorkflowGraph graph = Attempt.of(spec, () -> graph(chosen));
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

  private static boolean reach(Database chosen) {
    try (Connection reached = chosen.connect()) {
      return reached.isValid(0);
    } catch (SQLException refused) {
      throw new CommandFailedException(ExitCodes.NO_DATABASE, String.valueOf(refused.getMessage()));
    }
  }

  private WorkflowGraph graph(Database chosen) {
    try (Durable client = Durable.on(chosen.dataSource()).prefix(database.prefix()).client()) {
      return ID.matcher(subject).matches()
          ? client.graph(UUID.fromString(subject))
          : client.graph(subject);
    } catch (DurableException refused) {
      throw new CommandFailedException(ExitCodes.FAILED, String.valueOf(refused.getMessage()));
    }
  }
}
