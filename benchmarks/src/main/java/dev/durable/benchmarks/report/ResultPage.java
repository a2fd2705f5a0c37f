package dev.durable.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The results as Markdown: a row for each metric, a column for each driver. */
public final class ResultPage {

  private static final String BEGIN = "<!-- results: written by ./durable bench --page -->";
  private static final String END = "<!-- end of results -->";

  private final List<Result> results;
  private final @Nullable Path charts;

  public ResultPage(List<Result> results, @Nullable Path charts) {
    this.results = results;
    this.charts = charts;
  }

  /**
   * Replaces the results of a page, and keeps the rest of it.
   *
   * @throws IOException if the page cannot be read or written, or has no place for results
   */
  public void replaceIn(Path page) throws IOException {
    String text = Files.readString(page);
    int begin = text.indexOf(BEGIN);
    int end = text.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(
          page + " has no place for results: add the lines '" + BEGIN + "' and '" + END + "'");
    }
    String results = BEGIN + "\n\n" + markdown(page) + "\n";
    Files.writeString(page, text.substring(0, begin) + results + text.substring(end));
  }

  private String markdown(Path page) throws IOException {
    StringBuilder text = new StringBuilder(heading()).append(table());
    if (charts != null) {
      Path folder = page.toAbsolutePath().normalize().resolveSibling("");
      for (Path chart : Chart.in(charts)) {
        String link = folder.relativize(chart.toAbsolutePath().normalize()).toString();
        String name = chart.getFileName().toString().replace(".svg", "");
        text.append("\n![%s](%s)\n".formatted(name, link));
      }
    }
    return text.toString();
  }

  private String heading() {
    if (results.isEmpty()) {
      return "";
    }
    return "%s, runs of each: %s. %s. PostgreSQL: %s.%n%n"
        .formatted(
            distinct(result -> String.valueOf(result.settings().get("date")), " and "),
            distinct(result -> Integer.toString(result.runs()), " or "),
            distinct(result -> plain(result.settings().get("machine")), " or "),
            distinct(result -> plain(result.settings().get("postgres")), " or "));
  }

  private String distinct(Function<Result, String> what, String or) {
    return String.join(or, new TreeSet<>(results.stream().map(what).toList()));
  }

  private static String plain(@Nullable Object settings) {
    if (!(settings instanceof Map<?, ?> map)) {
      return "";
    }
    return String.join(
        ", ", map.entrySet().stream().map(e -> e.getKey() + " " + e.getValue()).sorted().toList());
  }

  private String table() {
    List<String> drivers = results.stream().map(Result::driver).distinct().toList();
    List<String> others = drivers.stream().filter(name -> !name.equals("durable")).toList();
    List<String> head = new ArrayList<>(List.of("scenario", "", "metric"));
    head.addAll(drivers);
    others.forEach(name -> head.add("durable ÷ " + name));
    StringBuilder text = new StringBuilder(row(head)).append("|").append("--|".repeat(head.size()));
    text.append("\n");
    for (Result first : firstOfEachMetric()) {
      List<String> cells =
          new ArrayList<>(
              List.of(first.scenario(), ResultTable.variant(first), "`" + first.metric() + "`"));
      drivers.forEach(
          name -> cells.add(ResultTable.of(results, name, first).map(ResultPage::cell).orElse("")));
      others.forEach(
          name ->
              cells.add(
                  ResultTable.of(results, name, first)
                      .flatMap(other -> ResultTable.ratio(results, other))
                      .orElse("")));
      text.append(row(cells));
    }
    return text.toString();
  }

  private List<Result> firstOfEachMetric() {
    List<Result> firsts = new ArrayList<>();
    for (Result result : results) {
      if (firsts.stream().noneMatch(first -> ResultTable.sameThing(first, result))) {
        firsts.add(result);
      }
    }
    return firsts;
  }

  private static String cell(Result result) {
    String median = ResultTable.number(result.median());
    String unit = Optional.of(result.unit()).filter(u -> !u.isEmpty()).map(u -> " " + u).orElse("");
    return result.runs() == 1
        ? median + unit
        : String.format(
            Locale.ROOT,
            "%s%s (%s–%s)",
            median,
            unit,
            ResultTable.number(result.min()),
            ResultTable.number(result.max()));
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
