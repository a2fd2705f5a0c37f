package dev.durable.cli.migrate;

import dev.durable.cli.database.Database;
import dev.durable.cli.database.NoConnectionException;
import dev.durable.migration.DurableMigration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of one schema, compared with this library.
 *
 * @param dataSource the URL of the database, without parameters
 * @param prefix the PostgreSQL schema
 * @param currentVersion the newest version of the library
 * @param migratedVersion the newest version of the schema; 0 when none
 * @param pendingVersions the versions that the schema lacks, ascending
 * @param compatibleFrom the oldest library that can work on the schema, by its newest version
 * @param changedVersions the versions that were applied with another text than the library's,
 *     ascending
 */
public record MigrationReport(
    String dataSource,
    String prefix,
    long currentVersion,
    long migratedVersion,
    List<Long> pendingVersions,
    long compatibleFrom,
    List<Long> changedVersions) {

  /** Keeps copies of the lists. */
  public MigrationReport {
    pendingVersions = List.copyOf(pendingVersions);
    changedVersions = List.copyOf(changedVersions);
  }

  /** Whether an engine of this library starts on the schema. */
  public enum Status {
    /** The schema has the version of the library. */
    UP,
    /** The schema lacks versions. */
    PENDING,
    /** The schema has a version that the library does not know. */
    NEWER
  }

  /**
   * Reads the state of a schema; changes nothing.
   *
   * @throws NoConnectionException if the database cannot be reached
   * @throws IllegalArgumentException if the prefix is not 1 to 63 bytes of UTF-8 without NUL
   * @throws dev.durable.migration.MigrationException if the database refuses
   */
  public static MigrationReport of(Database database, String prefix) {
    return OneSchema.read(database, prefix, migration -> of(database, prefix, migration));
  }

  private static MigrationReport of(Database database, String prefix, DurableMigration migration) {
    return new MigrationReport(
        database.label(),
        prefix,
        DurableMigration.currentVersion(),
        migration.migratedVersion(),
        migration.pendingVersions(),
        migration.compatibleFrom(),
        migration.checksumMismatches());
  }

  /** Whether an engine of this library starts on the schema. */
  public Status status() {
    if (migratedVersion > currentVersion) {
      return Status.NEWER;
    }
    return pendingVersions.isEmpty() ? Status.UP : Status.PENDING;
  }

  /** Whether an engine of this library starts on the schema, and no migration was changed. */
  public boolean isGood() {
    return pendingVersions.isEmpty()
        && (status() == Status.UP || compatibleFrom <= currentVersion)
        && changedVersions.isEmpty();
  }

  /** The problem and its remedy, in sentences; null if there is none. */
  public @Nullable String problem() {
    if (isGood()) {
      return null;
    }
    String schema = "Durable schema \"" + prefix + "\" of " + dataSource;
    return switch (status()) {
      case NEWER ->
          "%s is at version %s, newer than this library's %s, and can be used from %s on. Use the version of Durable that it was migrated with, or a newer one."
              .formatted(schema, migratedVersion, currentVersion, compatibleFrom);
      case PENDING ->
          "%s is at version %s; this library needs %s (%s pending: %s)."
                  .formatted(
                      schema,
                      migratedVersion,
                      currentVersion,
                      pendingVersions.size(),
                      list(pendingVersions))
              + changed();
      case UP -> schema + " is at the right version." + changed();
    };
  }

  private String changed() {
    return changedVersions.isEmpty()
        ? ""
        : " Applied with another text than this library's: "
            + list(changedVersions)
            + ". Compare that schema with a freshly migrated one.";
  }

  /** Versions as text: {@code none}, or a list with commas. */
  public static String list(List<Long> versions) {
    return versions.isEmpty()
        ? "none"
        : String.join(", ", versions.stream().map(String::valueOf).toList());
  }
}
