package dev.durable.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** One scenario's main figure as a picture: a bar for each driver, with the spread of its runs. */
public final class Chart {

  private static final Map<String, String> MAIN_METRICS =
      Map.of(
          "T3", "steps_per_s",
          "Q1", "executions_per_s",
          "Q3", "steps_per_s",
          "L10", "step_p50_ms",
          "B", "mb_per_s",
          "G", "steps_per_s",
          "V", "wal_bytes");

  private static final Map<String, String> COLOURS =
      Map.of(
          "durable", "#2563eb",
          "limit", "#9ca3af",
          "guarded", "#64748b",
          "dbos", "#ea8c3a",
          "db-scheduler", "#3f9d6c");

  private static final int LABELS = 330;
  private static final int BARS = 420;
  private static final int VALUES = 130;
  private static final int LINE = 24;
  private static final int TOP = 44;

  private final String scenario;
  private final List<Result> bars;

  private Chart(String scenario, List<Result> bars) {
    this.scenario = scenario;
    this.bars = bars;
  }

  /** Writes a chart for each scenario that has one into a folder. */
  public static void write(List<Result> results, Path folder) throws IOException {
    Files.createDirectories(folder);
    for (String id : results.stream().map(Result::scenario).distinct().toList()) {
      String metric = MAIN_METRICS.getOrDefault(id, "");
      List<Result> bars =
          results.stream()
              .filter(each -> each.scenario().equals(id) && each.metric().equals(metric))
              .toList();
      if (!bars.isEmpty()) {
        Files.writeString(folder.resolve(id + ".svg"), new Chart(id, bars).svg());
      }
    }
  }

  /** The charts in a folder. */
  public static List<Path> in(Path folder) throws IOException {
    try (var files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".svg")).sorted().toList();
    }
  }

  private String svg() {
    double most = bars.stream().mapToDouble(Result::max).max().orElse(1);
    double scale = most > 0 ? BARS / most : 0;
    int width = LABELS + BARS + VALUES;
    int height = TOP + bars.size() * LINE + 12;
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-size=\"13\""
            + " font-family=\"system-ui, sans-serif\">",
        width,
        height);
    add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", width, height);
    Result first = bars.getFirst();
    add(
        svg,
        "<text x=\"12\" y=\"26\" font-size=\"15\" font-weight=\"600\" fill=\"#111827\">%s: %s"
            + " (%s)</text>",
        scenario,
        first.metric(),
        first.unit());
    for (int i = 0; i < bars.size(); i++) {
      bar(svg, bars.get(i), TOP + i * LINE, scale);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void bar(StringBuilder svg, Result bar, int y, double scale) {
    double end = LABELS + bar.median() * scale;
    double least = LABELS + bar.min() * scale;
    double most = LABELS + bar.max() * scale;
    int middle = y + LINE / 2 - 2;
    String variant = ResultTable.variant(bar);
    add(
        svg,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"#374151\">%s</text>",
        LABELS - 8,
        y + 14,
        variant.isEmpty() ? bar.driver() : variant + " · " + bar.driver());
    add(
        svg,
        "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"2\" fill=\"%s\"/>",
        LABELS,
        y,
        end - LABELS,
        LINE - 6,
        COLOURS.getOrDefault(bar.driver(), "#6b7280"));
    add(
        svg,
        "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#111827\"/>",
        least,
        most,
        middle,
        middle);
    add(
        svg,
        "<text x=\"%.1f\" y=\"%d\" fill=\"#374151\">%s</text>",
        most + 6,
        y + 14,
        ResultTable.number(bar.median()));
  }

  @SuppressWarnings("AnnotateFormatMethod") // Its annotation is not on the class path.
  private static void add(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
