package dev.durable.cli.shell;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.console.Terminal;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.embedded.EmbeddedPostgresException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import jdk.jshell.tool.JavaShellToolBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code durable shell}. */
@Command(
    name = "shell",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Opens jshell with a running worker, on an embedded PostgreSQL.",
      "",
      "Durable's packages and the examples are imported. The variables are durable (the worker),"
          + " dataSource, and the workflows order, trip, expense and invoice. Piped standard input"
          + " runs without prompt and echo.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:left with /exit or at the end of the input (/exit N: N)",
      "1:an unexpected failure",
      "2:wrong usage",
      "3:PostgreSQL could not be started"
    },
    footer = {
      "",
      "Try:",
      "  durable shell",
      "  durable shell --data .durable/shell",
      "  durable shell < snippets.jsh"
    })
public final class ShellCommand implements Callable<Integer> {

  private static final String GREETING =
      """

      @|bold A worker is running.|@ Durable's packages and the examples are imported. Try:

        var trips = durable.start(trip, new Trip("Ada", "Rome", 120_000, ""))
        trips.result(ofSeconds(10))
        durable.steps(trips.id()).forEach(System.out::println)

        var chair = durable.start(expense, new Expense("Ada", "a chair", 300))
        durable.questions().answer(chair.id(), "manager", Approval.approved("you"))
        chair.result(ofSeconds(10))

      Also: order (an amount in cents), invoice (an Invoice; waits for PaymentWorkflow.PAID),
      dataSource, for a worker with workflows of your own. /exit leaves and stops the database.
      """;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Keep the database in this folder. Default: a temporary one.")
  private @Nullable Path data;

  /** picocli makes it. */
  public ShellCommand() {}

  @Override
  public Integer call() throws Exception {
    Terminal messages = Terminal.err();
    messages.line("@|faint Starting PostgreSQL ...|@");
    try (EmbeddedPostgres postgres =
            data == null ? EmbeddedPostgres.temporary() : EmbeddedPostgres.start(data);
        AutoCloseable worker = Shell.open(postgres.dataSource())) {
      messages.line(GREETING.stripTrailing());
      return jshell();
    } catch (EmbeddedPostgresException noDatabase) {
      throw new CommandFailedException(
          ExitCodes.NO_DATABASE, "PostgreSQL could not be started. " + noDatabase.getMessage());
    }
  }

  /** Runs jshell in this JVM until the user leaves it. */
  private static int jshell() throws Exception {
    Path startup = Files.createTempFile("durable-shell", ".jsh");
    try {
      copyStartup(startup);
      List<String> arguments = new ArrayList<>();
      arguments.addAll(List.of("--execution", "local"));
      arguments.addAll(List.of("--class-path", System.getProperty("java.class.path")));
      arguments.addAll(List.of("--startup", "DEFAULT", "--startup", startup.toString()));
      JavaShellToolBuilder tool = JavaShellToolBuilder.builder();
      if (Terminal.isTyped()) {
        tool.interactiveTerminal(true);
      } else {
        tool.persistence(new HashMap<>());
        arguments.add("-"); // Standard input as a file: no prompt, no echo.
      }
      return tool.start(arguments.toArray(String[]::new));
    } finally {
      Files.deleteIfExists(startup);
    }
  }

  private static void copyStartup(Path file) throws IOException {
    try (InputStream startup = ShellCommand.class.getResourceAsStream("startup.jsh")) {
      Files.write(file, Objects.requireNonNull(startup, "startup.jsh").readAllBytes());
    }
  }
}
