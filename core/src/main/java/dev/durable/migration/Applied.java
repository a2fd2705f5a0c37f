package dev.durable.migration;

import java.util.List;

/**
 * The migrations that a schema has.
 *
 * @param versions ascending
 */
record Applied(List<Row> versions) {

  /**
   * One of them.
   *
   * @param number the version
   * @param checksum of the text that was applied
   * @param compatibleFrom the oldest library that can work on it, by its newest version
   */
  record Row(long number, String checksum, long compatibleFrom) {}

  Applied {
    versions = List.copyOf(versions);
  }

  List<Long> numbers() {
    return versions.stream().map(Row::number).toList();
  }

  boolean has(Version version) {
    return numbers().contains(version.number());
  }

  /** 0 when none. */
  long newest() {
    return versions.isEmpty() ? 0 : versions.getLast().number();
  }

  /** The oldest library that can work on the schema, by its newest version; 0 when it is empty. */
  long compatibleFrom() {
    return versions.stream().mapToLong(Row::compatibleFrom).max().orElse(0);
  }
}
