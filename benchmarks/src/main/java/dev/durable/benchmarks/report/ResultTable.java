package dev.durable.benchmarks.report;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** The results as a table, each beside the same metric of {@code durable}. */
public final class ResultTable {

  private static final String LINE = "%-8s %-34s %-24s %-12s %11s %11s %11s %-4s %9s%n";

  private final List<Result> results;

  public ResultTable(List<Result> results) {
    this.results = results;
  }

  public void print(PrintStream out) {
    out.printf(
        LINE,
        "scenario",
        "settings",
        "metric",
        "driver",
        "median",
        "min",
        "max",
        "unit",
        "durable ×");
    for (Result result : results) {
      out.printf(
          LINE,
          result.scenario(),
          variant(result),
          result.metric(),
          result.driver(),
          number(result.median()),
          number(result.min()),
          number(result.max()),
          result.unit(),
          ratio(results, result).orElse(""));
    }
  }

  /** Durable's median divided by that of the result, unless the result is durable's own. */
  static Optional<String> ratio(List<Result> results, Result result) {
    return of(results, "durable", result)
        .filter(durable -> !durable.equals(result) && result.median() != 0)
        .map(durable -> String.format(Locale.ROOT, "%.2f", durable.median() / result.median()));
  }

  /** A driver's result for the same scenario and metric. */
  public static Optional<Result> of(List<Result> results, String driver, Result like) {
    return results.stream()
        .filter(other -> other.driver().equals(driver) && sameThing(other, like))
        .findFirst();
  }

  static boolean sameThing(Result a, Result b) {
    return a.scenario().equals(b.scenario())
        && a.metric().equals(b.metric())
        && Objects.equals(scenarioSettings(a), scenarioSettings(b));
  }

  /** The settings that distinguish the scenario from others with the same id. */
  static String variant(Result result) {
    return scenarioSettings(result).entrySet().stream()
        .map(setting -> setting.getKey() + " " + setting.getValue())
        .sorted()
        .collect(Collectors.joining(", "))
        .replace('_', ' ');
  }

  private static Map<?, ?> scenarioSettings(Result result) {
    return result.settings().get("scenario") instanceof Map<?, ?> map ? map : Map.of();
  }

  public static String number(double value) {
    double size = Math.abs(value);
    String format =
        size == Math.rint(size) || size >= 1_000 ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
    return String.format(Locale.ROOT, format, value);
  }
}
