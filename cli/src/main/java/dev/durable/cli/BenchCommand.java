package dev.durable.cli;

import dev.durable.benchmarks.Bench;
import dev.durable.benchmarks.BenchOptions;
import dev.durable.benchmarks.BenchOptions.Output;
import dev.durable.benchmarks.measure.Size;
import dev.durable.benchmarks.micro.Micro;
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
      "Measures Durable, the limit of the database and other engines in turns, on an embedded"
          + " PostgreSQL. Takes an hour or two and all processors; only the ratios are meaningful.",
      ""
    })
public final class BenchCommand implements Callable<Integer> {

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it.
  private CommandSpec spec;

  @Option(
      names = "--scenario",
      split = ",",
      description = "T3, Q1, Q3, L10, B, R, G, P, E, S, K, Z, W, I, V. Default: all.")
  private List<String> scenarios = List.of();

  @Option(
      names = "--driver",
      split = ",",
      description = "durable, limit, guarded, dbos, db-scheduler. Default: all.")
  private List<String> drivers = List.of();

  @Option(names = "--runs", description = "Turns of each driver. Default: 3.")
  private @Nullable Integer runs;

  @Option(names = "--quick", description = "Tiny numbers, one run, to see that everything works.")
  private boolean quick;

  @Option(
      names = "--micro",
      description = "Run the JMH benchmarks of code without a database instead: two minutes.")
  private boolean micro;

  @Option(names = "--huge", description = "Also run G with 10 million executions: 15 min, 40 GB.")
  private boolean huge;

  @Option(
      names = "--idle",
      paramLabel = "SECONDS",
      description = "How long I watches the idle worker. Default: 60.")
  private int idleSeconds;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Also write the results to this file.")
  private @Nullable Path json;

  @Option(
      names = "--keep",
      description =
          "Keep the scenarios of the --json file that are not measured now: in the file, on the page"
              + " and in the charts.")
  private boolean keep;

  @Option(
      names = "--page",
      paramLabel = "FILE",
      description = "Replace the results in a Markdown page, such as docs/benchmarks.md.")
  private @Nullable Path page;

  @Option(
      names = "--charts",
      paramLabel = "DIR",
      description = "Write SVG charts into this folder.")
  private @Nullable Path charts;

  @Option(
      names = "--profile",
      paramLabel = "DIR",
      description =
          "Write a JFR recording and PostgreSQL's time per statement of each run into this folder.")
  private @Nullable Path profile;

  /** picocli makes it. */
  public BenchCommand() {}

  @Override
  public Integer call() throws IOException, SQLException, InterruptedException {
    try {
      if (micro) {
        Micro.run(quick);
        return 0;
      }
      Output output = new Output(json, keep, page, charts, profile);
      Bench.run(
          new BenchOptions(scenarios, drivers, runs(), size(), idleSeconds, output),
          System.out,
          System.err);
      return 0;
    } catch (IOException failed) {
      spec.commandLine().getErr().println(failed.getMessage());
      return 1;
    } catch (IllegalArgumentException wrong) {
      throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
    }
  }

  private int runs() {
    return runs != null ? runs : quick ? 1 : 3;
  }

  private Size size() {
    return quick ? Size.QUICK : huge ? Size.HUGE : Size.NORMAL;
  }
}
