package dev.durable.cli.demo;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the demo. */
final class DemoOptions {

  @Option(
      names = "--file",
      paramLabel = "FILE",
      description = "The orders: a JSON array. Default: examples/orders.json.")
  @Nullable Path file;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = ".durable/demo",
      description = {"The folder of PostgreSQL and the ledger.", "Default: ${DEFAULT-VALUE}."})
  Path data = Path.of(".durable", "demo");

  @Option(
      names = "--crash-after",
      paramLabel = "N",
      description = "Halt this worker, without any cleanup, when N more orders have completed.")
  @Nullable Integer crashAfter;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "How many workers share the orders, each in a JVM of its own. Default:"
              + " ${DEFAULT-VALUE}.")
  int workers = 1;

  @Option(
      names = "--fresh",
      description = "Begin with an empty database: forget all earlier runs, finished or not.")
  boolean fresh;

  @Option(
      names = "--json",
      description = "Print the result as one line of JSON, everything else on standard error.")
  boolean json;
}
