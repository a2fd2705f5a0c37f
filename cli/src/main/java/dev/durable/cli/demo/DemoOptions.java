package dev.durable.cli.demo;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What can be asked of the demo. */
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
      description = "Where PostgreSQL and the ledger keep their data. Default: ${DEFAULT-VALUE}.")
  Path data = Path.of(".durable", "demo");

  @Option(
      names = "--crash-after",
      paramLabel = "N",
      description = "Halt this process, without any cleaning up, when N more orders are completed.")
  @Nullable Integer crashAfter;

  @Option(
      names = "--workers",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many JVMs share the work. Default: ${DEFAULT-VALUE}.")
  int workers = 1;

  @Option(
      names = "--fresh",
      description = "Begin with an empty database: forget all earlier runs, finished or not.")
  boolean fresh;

  @Option(
      names = "--json",
      description = "Print the result as one line of JSON, and all else on standard error.")
  boolean json;
}
