package dev.durable.migration;

import java.util.List;

/**
 * The migrations that a library knows. An older library knows the first ones only.
 *
 * @param versions oldest first
 */
record Catalogue(List<Version> versions) {

  /** What is in this jar. */
  static final Catalogue SHIPPED = new Catalogue(Version.ALL);

  Catalogue {
    versions = List.copyOf(versions);
  }

  List<Long> numbers() {
    return versions.stream().map(Version::number).toList();
  }

  long newest() {
    return versions.getLast().number();
  }

  /** Those after one version, up to another. */
  List<Version> between(long from, long to) {
    return versions.stream()
        .filter(version -> version.number() > from && version.number() <= to)
        .toList();
  }

  /**
   * Checks a version.
   *
   * @throws IllegalArgumentException if it is neither 0 nor a known one
   */
  long requireKnownOrZero(long number) {
    if (number != 0 && !numbers().contains(number)) {
      throw unknown(number);
    }
    return number;
  }

  IllegalArgumentException unknown(long number) {
    return new IllegalArgumentException(
        "Unknown migration version " + number + "; known: " + numbers() + ".");
  }
}
