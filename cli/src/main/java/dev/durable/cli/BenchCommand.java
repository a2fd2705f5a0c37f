package dev.durable.cli;

import dev.durable.benchmarks.Bench;
import dev.durable.benchmarks.BenchOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code durable bench}. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures Durable beside the limit of the database, in turns, on a PostgreSQL that comes"
          + " along. Takes some minutes and both processors; only the ratios mean something.",
      ""
    })
public final class BenchCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Option(names = "--scenario", split = ",", description = "T3, L10, I, V. Default: all.")
  private List<String> scenarios = List.of();

  @Option(names = "--driver", split = ",", description = "durable, limit. Default: all.")
  private List<String> drivers = List.of();

  @Option(names = "--runs", description = "Turns of each driver. Default: ${DEFAULT-VALUE}.")
  private int runs = 3;

  @Option(names = "--quick", description = "Tiny numbers, to see that everything works.")
  private boolean quick;

  @Option(
      names = "--idle",
      paramLabel = "SECONDS",
      description = "How long I watches. Default: 60.")
  private int idleSeconds;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes the results there as well.")
  private @Nullable Path json;

  @Option(
      names = "--profile",
      paramLabel = "DIR",
      description = "Writes a JFR recording and PostgreSQL's time per statement of each run there.")
  private @Nullable Path profile;

  /** picocli makes it. */
  public BenchCommand() {}

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    try {
      Bench.run(
          new BenchOptions(scenarios, drivers, runs, quick, idleSeconds, json, profile),
          System.out,
          System.err);
      return 0;
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
    }
  }
}
