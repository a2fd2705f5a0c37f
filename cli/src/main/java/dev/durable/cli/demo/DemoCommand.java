package dev.durable.cli.demo;

import dev.durable.cli.console.CommandFailedException;
import dev.durable.cli.console.ExitCodes;
import dev.durable.cli.console.Terminal;
import dev.durable.embedded.EmbeddedPostgresException;
import dev.durable.examples.order.OrderFile;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code durable demo}: checks the command line, reads the orders, runs the demo. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Processes a few hundred orders durably, on an embedded PostgreSQL.",
      "",
      "Each order is validated, priced, charged, shipped and confirmed. The services are slow"
          + " fakes, and the payment gateway fails now and then. Kill the demo whenever you like"
          + " (or use --crash-after 100) and run it again: it continues where it was, and repeats"
          + " no step whose result was committed.",
      ""
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:all orders ended; malformed orders are reported and left out",
      "1:an unexpected failure",
      "2:wrong usage, or an unusable file or folder",
      "3:PostgreSQL could not be started",
      "137:halted by --crash-after"
    },
    footer = {
      "",
      "Try:",
      "  durable demo --crash-after 100; durable demo",
      "  durable demo --workers 2"
    })
public final class DemoCommand implements Callable<Integer> {

  private static final int MOST_WORKERS = 16;
  private static final int MOST_PROBLEMS = 20;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Mixin private final DemoOptions options = new DemoOptions();

  /** picocli makes it. */
  public DemoCommand() {}

  @Override
  public @Nullable Integer call() {
    check();
    Terminal messages = Terminal.err();
    OrderSource orders = OrderSource.read(options.file);
    warn(orders, messages);
    orders.requireOrders();
    DemoReport report = run(orders, messages);
    if (options.json) {
      System.out.println(report.json());
    } else {
      new DemoReportText(Terminal.out(), report).print();
    }
    return report.isGood() ? ExitCodes.OK : ExitCodes.FAILED;
  }

  private DemoReport run(OrderSource orders, Terminal messages) {
    try (Demo demo = Demo.open(options, messages)) {
      return demo.run(orders);
    } catch (EmbeddedPostgresException noDatabase) {
      throw new CommandFailedException(
          ExitCodes.NO_DATABASE, "PostgreSQL could not be started. " + noDatabase.getMessage());
    }
  }

  private void check() {
    if (options.workers < 1 || options.workers > MOST_WORKERS) {
      throw new ParameterException(
          spec.commandLine(),
          "--workers must be 1 to " + MOST_WORKERS + ", not " + options.workers + ".");
    }
    if (options.crashAfter != null && options.crashAfter < 1) {
      throw new ParameterException(
          spec.commandLine(), "--crash-after must be 1 or more, not " + options.crashAfter + ".");
    }
  }

  private static void warn(OrderSource orders, Terminal messages) {
    var problems = orders.file().problems();
    for (OrderFile.Problem problem :
        problems.subList(0, Math.min(MOST_PROBLEMS, problems.size()))) {
      // Without markup: text of the file might look like it.
      messages.stream().println(orders.name() + ":" + problem.line() + ": " + problem.message());
    }
    if (problems.size() > MOST_PROBLEMS) {
      messages.line("… and " + (problems.size() - MOST_PROBLEMS) + " more.");
    }
    if (!problems.isEmpty() && !orders.file().orders().isEmpty()) {
      messages.line(
          "Malformed orders are left out. Orders to process: "
              + orders.file().orders().size()
              + ".");
    }
  }
}
