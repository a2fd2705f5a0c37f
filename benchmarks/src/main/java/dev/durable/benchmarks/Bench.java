package dev.durable.benchmarks;

import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.embedded.EmbeddedPostgresBuilder;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Measures drivers against the same PostgreSQL in the same run, in turns, each run in a JVM and a
 * database of its own. Absolute figures on a shared machine mean little; ratios within one run are
 * what counts.
 */
public final class Bench {

  private final BenchOptions options;
  private final PrintStream progress;

  private Bench(BenchOptions options, PrintStream progress) {
    this.options = options;
    this.progress = progress;
  }

  /** The command line without the CLI. */
  public static void main(String[] args) throws Exception {
    if (args.length == 1 && args[0].equals("--child")) {
      Child.run(System.in, System.out);
      System.exit(0);
    }
    try {
      run(BenchOptions.parse(args), System.out, System.err);
    } catch (IllegalArgumentException wrong) {
      System.err.println(wrong.getMessage());
      System.exit(2);
    }
  }

  /**
   * Measures, and prints a table.
   *
   * @param out for the table
   * @param progress for what is going on meanwhile
   * @throws IllegalArgumentException if a scenario or driver is not known
   */
  public static void run(BenchOptions options, PrintStream out, PrintStream progress)
      throws IOException, SQLException, InterruptedException {
    List<Scenario> scenarios = Catalog.scenarios(options.scenarios());
    List<Driver> drivers = Catalog.drivers(options.drivers());
    List<Result> results = new Bench(options, progress).measure(scenarios, drivers, out);
    new Report(results).print(out);
    Path json = options.json();
    if (json != null) {
      Files.writeString(
          json, Child.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(results) + "\n");
    }
  }

  private List<Result> measure(List<Scenario> scenarios, List<Driver> drivers, PrintStream out)
      throws IOException, SQLException, InterruptedException {
    progress.println("Starting PostgreSQL …");
    try (EmbeddedPostgres postgres = start()) {
      Map<String, String> server = Server.settings(target(postgres, "postgres"));
      Map<String, Object> machine =
          Map.of(
              "processors", Runtime.getRuntime().availableProcessors(),
              "java", Runtime.version().toString());
      out.println("PostgreSQL " + server);
      out.println("Machine " + machine + ", shared by PostgreSQL and the driver");
      List<Result> results = new ArrayList<>();
      for (Scenario scenario : scenarios) {
        List<Driver> fitting = drivers.stream().filter(scenario::fits).toList();
        Map<String, Map<String, List<Sample>>> samples = inTurns(postgres, scenario, fitting);
        for (Driver driver : fitting) {
          Map<String, Object> settings = new LinkedHashMap<>();
          settings.put("scenario", scenario.settings());
          settings.put("driver", driver.settings());
          settings.put("sizes", options.sizes());
          settings.put("postgres", server);
          settings.put("machine", machine);
          Objects.requireNonNull(samples.get(driver.name()))
              .values()
              .forEach(each -> results.add(result(scenario, driver, each, settings)));
        }
      }
      return results;
    }
  }

  private static Result result(
      Scenario scenario, Driver driver, List<Sample> samples, Map<String, Object> settings) {
    List<Double> values = samples.stream().map(Sample::value).toList();
    return Result.of(scenario, driver, samples.getFirst(), values, settings);
  }

  /** The samples by driver and metric. */
  private Map<String, Map<String, List<Sample>>> inTurns(
      EmbeddedPostgres postgres, Scenario scenario, List<Driver> drivers)
      throws IOException, SQLException, InterruptedException {
    Map<String, Map<String, List<Sample>>> all = new LinkedHashMap<>();
    for (int run = 1; run <= options.runs(); run++) {
      for (Driver driver : drivers) {
        List<Sample> samples = once(postgres, scenario, driver, run);
        progress.printf("%s, %s, run %d: ", scenario.key(), driver.name(), run);
        for (Sample sample : samples) {
          progress.printf("%s %.3f  ", sample.metric(), sample.value());
          all.computeIfAbsent(driver.name(), name -> new LinkedHashMap<>())
              .computeIfAbsent(sample.metric(), metric -> new ArrayList<>())
              .add(sample);
        }
        progress.println();
      }
    }
    return all;
  }

  private List<Sample> once(EmbeddedPostgres postgres, Scenario scenario, Driver driver, int run)
      throws IOException, SQLException, InterruptedException {
    String database = "bench";
    postgres.dropDatabase(database);
    postgres.createDatabase(database);
    Target target = target(postgres, database);
    Target observer = target(postgres, "postgres");
    Task task = new Task(scenario.key(), driver.name(), target, observer, options.sizes());
    Path profile = options.profile();
    if (profile == null) {
      return Child.fork(task, List.of());
    }
    String name = scenario.key().replaceAll("\\W+", "-") + "-" + driver.name() + "-" + run;
    Statements.install(target);
    String jfr =
        "-XX:StartFlightRecording:settings=profile,filename=" + profile.resolve(name + ".jfr");
    List<Sample> samples = Child.fork(task, List.of(jfr, "-Xlog:jfr*=off"));
    Statements.write(target, profile.resolve(name + ".sql.txt"));
    return samples;
  }

  private EmbeddedPostgres start() throws IOException {
    EmbeddedPostgresBuilder builder =
        EmbeddedPostgres.builder().durable(true).setting("shared_buffers", "1GB");
    Path profile = options.profile();
    if (profile != null) {
      Files.createDirectories(profile);
      builder.setting("shared_preload_libraries", "pg_stat_statements");
    }
    return builder.startTemporary();
  }

  private static Target target(EmbeddedPostgres postgres, String database) {
    return new Target(postgres.jdbcUrl(database), postgres.user(), postgres.password());
  }
}
