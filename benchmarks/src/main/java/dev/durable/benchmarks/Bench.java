package dev.durable.benchmarks;

import dev.durable.benchmarks.BenchOptions.Output;
import dev.durable.benchmarks.driver.Driver;
import dev.durable.benchmarks.driver.Drivers;
import dev.durable.benchmarks.driver.Target;
import dev.durable.benchmarks.measure.FinishedExecutions;
import dev.durable.benchmarks.measure.Sample;
import dev.durable.benchmarks.measure.Server;
import dev.durable.benchmarks.measure.Size;
import dev.durable.benchmarks.process.Jvm;
import dev.durable.benchmarks.report.Chart;
import dev.durable.benchmarks.report.Result;
import dev.durable.benchmarks.report.ResultFile;
import dev.durable.benchmarks.report.ResultPage;
import dev.durable.benchmarks.report.ResultTable;
import dev.durable.benchmarks.report.StatementProfile;
import dev.durable.benchmarks.report.TurnProgress;
import dev.durable.benchmarks.scenario.Scenario;
import dev.durable.benchmarks.scenario.Scenarios;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.embedded.EmbeddedPostgresBuilder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Measures drivers against the same PostgreSQL in the same run, in turns, each turn in a JVM and a
 * database of its own. Absolute figures on a shared machine mean little; the ratios within one run
 * count.
 */
public final class Bench {

  private static final int QUICK_LANES = 6;

  private final BenchOptions options;
  private final TurnProgress progress;
  private final List<String> failures = Collections.synchronizedList(new ArrayList<>());

  private Bench(BenchOptions options, TurnProgress progress) {
    this.options = options;
    this.progress = progress;
  }

  /**
   * Measures, prints a table, and writes the other outputs.
   *
   * @param out for the table
   * @param progress for the progress meanwhile
   * @throws IllegalArgumentException if a scenario or driver is unknown
   * @throws IOException if a run failed; the results of the others are written nevertheless
   */
  public static void run(BenchOptions options, PrintStream out, PrintStream progress)
      throws IOException, SQLException, InterruptedException {
    List<Scenario> scenarios = Scenarios.withIds(options.scenarios(), options.size());
    List<Driver> drivers = Drivers.withNames(options.drivers());
    // Before hours of measuring: the file may be unreadable.
    List<Result> earlier = earlier(options.output());
    TurnProgress display = new TurnProgress(progress, turns(scenarios, drivers) * options.runs());
    Bench bench = new Bench(options, display);
    List<Result> results = bench.measure(scenarios, drivers, out);
    new ResultTable(results).print(out);
    write(withKept(earlier, results), options.output());
    if (!bench.failures.isEmpty()) {
      throw new IOException("Some runs failed: " + String.join("; ", bench.failures));
    }
  }

  private static List<Result> earlier(Output output) {
    Path file = output.json();
    return output.keep() && file != null ? ResultFile.read(file) : List.of();
  }

  /** Adds the earlier results of scenarios that have not been measured now. */
  private static List<Result> withKept(List<Result> earlier, List<Result> results) {
    Set<String> measured = results.stream().map(Result::scenario).collect(Collectors.toSet());
    List<Result> all = new ArrayList<>(results);
    earlier.stream().filter(each -> !measured.contains(each.scenario())).forEach(all::add);
    List<String> order = Scenarios.ALL.stream().map(Scenario::id).distinct().toList();
    all.sort(Comparator.comparingInt(each -> order.indexOf(each.scenario())));
    return all;
  }

  private static void write(List<Result> results, Output output) throws IOException {
    if (output.json() != null) {
      ResultFile.write(results, output.json());
    }
    if (output.charts() != null) {
      Chart.write(results, output.charts());
    }
    if (output.page() != null) {
      new ResultPage(results, output.charts()).replaceIn(output.page());
    }
  }

  private static int turns(List<Scenario> scenarios, List<Driver> drivers) {
    return scenarios.stream()
        .mapToInt(scenario -> (int) drivers.stream().filter(scenario::fits).count())
        .sum();
  }

  private List<Result> measure(List<Scenario> scenarios, List<Driver> drivers, PrintStream out)
      throws IOException, SQLException, InterruptedException {
    progress.say("Starting PostgreSQL …");
    try (EmbeddedPostgres postgres = start()) {
      Map<String, String> server = Server.settings(target(postgres, "postgres"));
      Map<String, Object> machine =
          Map.of(
              "processors", Runtime.getRuntime().availableProcessors(),
              "java", Runtime.version().toString());
      out.println("PostgreSQL " + server);
      out.println("Machine " + machine + ", shared by PostgreSQL and the driver");
      drivers.forEach(driver -> out.println(driver.name() + " " + driver.settings()));
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("sizes", options.sizes());
      settings.put("postgres", server);
      settings.put("machine", machine);
      settings.put("date", LocalDate.now(ZoneOffset.UTC).toString());
      List<Future<List<Result>>> running = new ArrayList<>();
      try (ExecutorService lanes = Executors.newFixedThreadPool(atOnce())) {
        for (Scenario scenario : scenarios) {
          List<Driver> fitting = drivers.stream().filter(scenario::fits).toList();
          running.add(lanes.submit(() -> results(postgres, scenario, fitting, settings)));
        }
      }
      List<Result> results = new ArrayList<>();
      for (Future<List<Result>> each : running) {
        results.addAll(get(each));
      }
      return results;
    }
  }

  /** Scenarios with meaningful numbers run alone. */
  private int atOnce() {
    return options.size() == Size.QUICK ? QUICK_LANES : 1;
  }

  private static <T> T get(Future<T> done) throws SQLException, InterruptedException {
    try {
      return done.get();
    } catch (ExecutionException failure) {
      if (failure.getCause() instanceof SQLException sql) {
        throw sql;
      }
      throw new IllegalStateException(failure.getCause());
    }
  }

  private List<Result> results(
      EmbeddedPostgres postgres,
      Scenario scenario,
      List<Driver> drivers,
      Map<String, Object> commonSettings)
      throws SQLException, InterruptedException {
    Map<String, Map<String, List<Sample>>> samples = inTurns(postgres, scenario, drivers);
    List<Result> results = new ArrayList<>();
    for (Driver driver : drivers) {
      Map<String, Object> settings = new LinkedHashMap<>();
      settings.put("scenario", scenario.settings());
      settings.put("driver", driver.settings());
      settings.putAll(commonSettings);
      samples
          .getOrDefault(driver.name(), Map.of())
          .values()
          .forEach(each -> results.add(result(scenario, driver, each, settings)));
    }
    return results;
  }

  private static Result result(
      Scenario scenario, Driver driver, List<Sample> samples, Map<String, Object> settings) {
    List<Double> values = samples.stream().map(Sample::value).toList();
    return Result.of(scenario, driver, samples.getFirst(), values, settings);
  }

  /** The samples by driver and metric. */
  private Map<String, Map<String, List<Sample>>> inTurns(
      EmbeddedPostgres postgres, Scenario scenario, List<Driver> drivers)
      throws SQLException, InterruptedException {
    Map<String, Map<String, List<Sample>>> all = new LinkedHashMap<>();
    for (int run = 1; run <= options.runs(); run++) {
      for (Driver driver : drivers) {
        String turn = scenario.key() + ", " + driver.name() + ", run " + run;
        progress.begin(turn);
        try {
          List<Sample> samples = once(postgres, scenario, driver, run);
          progress.end(turn, samples);
          samples.forEach(
              sample ->
                  all.computeIfAbsent(driver.name(), name -> new LinkedHashMap<>())
                      .computeIfAbsent(sample.metric(), metric -> new ArrayList<>())
                      .add(sample));
        } catch (IOException failure) {
          // The other results are still worth having: this may be the second hour.
          failures.add(turn + ": " + failure.getMessage());
          progress.end(turn, List.of());
        }
      }
    }
    return all;
  }

  private List<Sample> once(EmbeddedPostgres postgres, Scenario scenario, Driver driver, int run)
      throws IOException, SQLException, InterruptedException {
    String database = scenario.key().replaceAll("\\W+", "_");
    postgres.createDatabase(database, template(postgres, scenario));
    try {
      return once(postgres, scenario, driver, run, database);
    } finally {
      postgres.dropDatabase(database);
    }
  }

  private List<Sample> once(
      EmbeddedPostgres postgres, Scenario scenario, Driver driver, int run, String database)
      throws IOException, SQLException, InterruptedException {
    Target target = target(postgres, database);
    Target observer = target(postgres, "postgres");
    Task task = new Task(scenario.key(), driver.name(), target, observer, options.sizes());
    Path profile = options.output().profile();
    if (profile == null) {
      return Child.fork(task, options.size() == Size.QUICK ? Jvm.LIGHT : List.of());
    }
    String name = scenario.key().replaceAll("\\W+", "-") + "-" + driver.name() + "-" + run;
    StatementProfile.install(target);
    String jfr =
        "-XX:StartFlightRecording:settings=profile,filename=" + profile.resolve(name + ".jfr");
    List<Sample> samples = Child.fork(task, List.of(jfr, "-Xlog:jfr*=off"));
    StatementProfile.write(target, profile.resolve(name + ".sql.txt"));
    return samples;
  }

  /** The database to copy; one with finished executions is filled once for all turns. */
  private String template(EmbeddedPostgres postgres, Scenario scenario) throws SQLException {
    int millions = scenario.historyMillions();
    if (millions == 0) {
      return "template1";
    }
    String name = "history_" + millions;
    if (!Server.databases(target(postgres, "postgres")).contains(name)) {
      progress.say("Writing the finished executions of " + scenario.key() + " …");
      postgres.createDatabase(name);
      FinishedExecutions.write(target(postgres, name), (long) millions * options.sizes().million());
    }
    return name;
  }

  private EmbeddedPostgres start() throws IOException {
    EmbeddedPostgresBuilder builder =
        EmbeddedPostgres.builder().durable(true).setting("shared_buffers", "1GB");
    Path profile = options.output().profile();
    if (profile != null) {
      Files.createDirectories(profile);
      builder.setting("shared_preload_libraries", "pg_stat_statements");
      builder.setting("pg_stat_statements.track_planning", "on");
    }
    return builder.startTemporary();
  }

  private static Target target(EmbeddedPostgres postgres, String database) {
    return new Target(postgres.jdbcUrl(database), postgres.user(), postgres.password());
  }
}
