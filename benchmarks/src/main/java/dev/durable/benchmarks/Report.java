package dev.durable.benchmarks;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The results as a table, each beside the same metric of {@code limit}. */
final class Report {

  private static final String LINE = "%-8s %9s  %-17s %-8s %11s %11s %11s %-4s %9s%n";

  private final List<Result> results;

  Report(List<Result> results) {
    this.results = results;
  }

  void print(PrintStream out) {
    out.printf(
        LINE,
        "scenario",
        "in flight",
        "metric",
        "driver",
        "median",
        "min",
        "max",
        "unit",
        "× limit");
    for (Result result : results) {
      out.printf(
          LINE,
          result.scenario(),
          inFlight(result),
          result.metric(),
          result.driver(),
          number(result.median()),
          number(result.min()),
          number(result.max()),
          result.unit(),
          ratio(result));
    }
  }

  private String ratio(Result result) {
    return results.stream()
        .filter(other -> other.driver().equals("limit") && sameThing(other, result))
        .findFirst()
        .filter(limit -> !limit.equals(result) && limit.median() != 0)
        .map(limit -> String.format(Locale.ROOT, "%.2f", result.median() / limit.median()))
        .orElse("");
  }

  private static boolean sameThing(Result a, Result b) {
    return a.scenario().equals(b.scenario())
        && a.metric().equals(b.metric())
        && Objects.equals(scenarioSettings(a), scenarioSettings(b));
  }

  private static Object scenarioSettings(Result result) {
    return result.settings().getOrDefault("scenario", Map.of());
  }

  private static String inFlight(Result result) {
    return scenarioSettings(result) instanceof Map<?, ?> map && map.get("in_flight") != null
        ? String.valueOf(map.get("in_flight"))
        : "";
  }

  private static String number(double value) {
    String format = Math.abs(value) >= 1_000 ? "%,.0f" : Math.abs(value) >= 10 ? "%.1f" : "%.3f";
    return String.format(Locale.ROOT, format, value);
  }
}
