package dev.durable.cli.migrate;

import dev.durable.migration.DurableMigration;

/**
 * The effect of a migration or a rollback.
 *
 * @param dataSource the URL of the database, without parameters
 * @param prefix the PostgreSQL schema
 * @param before the newest version that the schema had; 0 when none
 * @param after the newest version that it has now; 0 when none
 */
public record MigrationChange(String dataSource, String prefix, long before, long after) {

  /** The effect in a sentence. */
  public String sentence() {
    String schema = "Durable schema \"" + prefix + "\" of " + dataSource;
    if (before > DurableMigration.currentVersion()) {
      return "%s is at version %s, newer than this library's %s: nothing was done."
          .formatted(schema, before, DurableMigration.currentVersion());
    }
    if (before == after) {
      return schema + " stays at version " + after + ": there is nothing to do.";
    }
    return schema + " went from version " + before + " to " + after + ".";
  }
}
