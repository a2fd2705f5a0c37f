package dev.durable.cli.operate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Rows with aligned columns, each on one line. */
public final class Table {

  private static final String GAP = "  ";

  /** Characters that move a terminal's cursor, or break a line; for a regular expression. */
  private static final String CONTROLS = "\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029";

  private final List<String> heading;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param heading the columns' names; empty for none
   */
  public Table(List<String> heading) {
    this.heading = heading;
    if (!heading.isEmpty()) {
      rows.add(heading);
    }
  }

  /** Adds a row; each cell on one line. */
  public void row(String... cells) {
    rows.add(List.of(cells).stream().map(Table::oneLine).toList());
  }

  /**
   * The rows as lines, or as a block each if the lines are too long: the first cell, and below it
   * the others with the names of their columns.
   *
   * @param width the most characters in a line
   */
  public String fitting(int width) {
    String lines = toString();
    boolean fits = lines.lines().allMatch(line -> length(line) <= width);
    return fits || heading.isEmpty() ? lines : blocks();
  }

  private String blocks() {
    int widest = heading.stream().skip(1).mapToInt(Table::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows.subList(1, rows.size())) {
      text.append(row.getFirst()).append('\n');
      for (int column = 1; column < row.size(); column++) {
        String name = heading.get(column);
        if (!row.get(column).isEmpty()) {
          text.append(GAP)
              .append(name.toLowerCase(Locale.ROOT))
              .append(" ".repeat(widest - length(name)))
              .append(GAP)
              .append(row.get(column))
              .append('\n');
        }
      }
    }
    return text.toString();
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < row.size(); column++) {
        String cell = row.get(column);
        line.append(cell).append(" ".repeat(width(column) - length(cell))).append(GAP);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private int width(int column) {
    return rows.stream().mapToInt(row -> length(row.get(column))).max().orElse(0);
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  /** Replaces control characters: text of other people must not move the cursor or break a line. */
  public static String oneLine(String text) {
    return text.replaceAll("[" + CONTROLS + "]+", " ");
  }

  /** Replaces each control character by a space: every other one keeps its place. */
  public static String aligned(String text) {
    return text.replaceAll("[" + CONTROLS + "]", " ");
  }

  /** Replaces control characters other than the ends of lines. */
  public static String plain(String text) {
    return text.replaceAll("[" + CONTROLS + "&&[^\n]]+", " ");
  }
}
