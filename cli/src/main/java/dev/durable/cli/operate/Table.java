package dev.durable.cli.operate;

import java.util.ArrayList;
import java.util.List;

/** Rows with aligned columns, each on one line. */
final class Table {

  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();

  /**
   * @param heading the columns' names; empty for none
   */
  Table(List<String> heading) {
    if (!heading.isEmpty()) {
      rows.add(heading);
    }
  }

  void row(String... cells) {
    rows.add(List.of(cells).stream().map(Table::oneLine).toList());
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
  static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ");
  }
}
