package dev.durable.benchmarks;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to measure.
 *
 * @param scenarios ids; empty for all
 * @param drivers names; empty for all
 * @param runs how often each driver's turn comes
 * @param quick tiny numbers, only to see that everything works
 * @param idleSeconds how long the idle node is watched; 0 for the usual minute
 * @param json a file for the results, or null
 * @param profile a folder for a JFR recording of each run and PostgreSQL's time per statement, or
 *     null. Costs some speed.
 */
public record BenchOptions(
    List<String> scenarios,
    List<String> drivers,
    int runs,
    boolean quick,
    int idleSeconds,
    @Nullable Path json,
    @Nullable Path profile) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if they make no sense
   */
  public BenchOptions {
    if (runs < 1 || idleSeconds < 0) {
      throw new IllegalArgumentException(
          "runs must be at least 1 and idle seconds not negative: " + runs + ", " + idleSeconds);
    }
  }

  /** Everything, three times. */
  public static BenchOptions defaults() {
    return new BenchOptions(List.of(), List.of(), 3, false, 0, null, null);
  }

  Sizes sizes() {
    Sizes sizes = quick ? Sizes.tiny() : Sizes.full();
    return idleSeconds > 0 ? sizes.idleFor(idleSeconds) : sizes;
  }

  /**
   * Reads a command line.
   *
   * @throws IllegalArgumentException if it makes no sense
   */
  static BenchOptions parse(String... args) {
    BenchOptions read = defaults();
    for (int i = 0; i < args.length; i++) {
      String name = args[i];
      if (name.equals("--quick")) {
        read = read.with(name, "");
      } else if (i + 1 < args.length) {
        read = read.with(name, args[++i]);
      } else {
        throw new IllegalArgumentException("'" + name + "' is not an option, or lacks its value");
      }
    }
    return read;
  }

  private BenchOptions with(String option, String value) {
    List<String> list = List.of(value.split(","));
    return switch (option) {
      case "--scenario" -> new BenchOptions(list, drivers, runs, quick, idleSeconds, json, profile);
      case "--driver" -> new BenchOptions(scenarios, list, runs, quick, idleSeconds, json, profile);
      case "--runs" ->
          new BenchOptions(
              scenarios, drivers, Integer.parseInt(value), quick, idleSeconds, json, profile);
      case "--quick" ->
          new BenchOptions(scenarios, drivers, runs, true, idleSeconds, json, profile);
      case "--idle" ->
          new BenchOptions(scenarios, drivers, runs, quick, Integer.parseInt(value), json, profile);
      case "--json" ->
          new BenchOptions(scenarios, drivers, runs, quick, idleSeconds, Path.of(value), profile);
      case "--profile" ->
          new BenchOptions(scenarios, drivers, runs, quick, idleSeconds, json, Path.of(value));
      default -> throw new IllegalArgumentException("There is no option '" + option + "'");
    };
  }
}
