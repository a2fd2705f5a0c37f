package dev.durable.migration;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The migration tools for which an {@link UpgradeScript} can be written. */
public enum UpgradeFormat {
  /** A versioned SQL migration of Flyway, and its undo script. */
  FLYWAY_SQL("src/main/resources/db/migration"),

  /** A Java migration of Flyway that uses {@code durable-flyway}. */
  FLYWAY_JAVA("src/main/java/db/migration"),

  /** A change log of Liquibase, with its way back, that uses {@code durable-liquibase}. */
  LIQUIBASE("src/main/resources/db/changelog"),

  /** A pair of plain SQL files, each with a transaction of its own. */
  SQL(".");

  private final String usualFolder;

  UpgradeFormat(String usualFolder) {
    this.usualFolder = usualFolder;
  }

  /** Where a Maven project keeps such migrations, relative to the project. */
  public Path usualFolder() {
    return Path.of(usualFolder);
  }

  /**
   * The format of that name, for instance {@code flyway-sql}.
   *
   * @throws IllegalArgumentException if there is none; the message lists the known ones
   */
  public static UpgradeFormat of(String name) {
    return Arrays.stream(values())
        .filter(format -> format.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "Unknown format \""
                        + name
                        + "\"; known: "
                        + Arrays.stream(values())
                            .map(UpgradeFormat::toString)
                            .collect(Collectors.joining(", "))
                        + "."));
  }

  /** Its name as users write it: {@code flyway-sql}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Some names of schemas mean something else to some tools. */
  void requireWritable(String prefix) {
    boolean replacesPlaceholders = this == FLYWAY_SQL || this == LIQUIBASE;
    if (replacesPlaceholders && prefix.contains("${")) {
      throw new IllegalArgumentException(
          "The prefix contains \"${\", which the tool would take for a placeholder. Use the format "
              + FLYWAY_JAVA
              + " or "
              + SQL
              + ".");
    }
    if (prefix.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "The prefix contains a control character, which cannot be written into a migration."
              + " Use DurableMigration from code.");
    }
  }
}
