package dev.durable.cli.migrate;

import dev.durable.cli.database.Database;
import dev.durable.cli.database.NoConnectionException;
import dev.durable.migration.DurableMigration;
import dev.durable.migration.MigrationException;
import dev.durable.migration.Upgrade;
import dev.durable.migration.UpgradeFormat;
import dev.durable.migration.UpgradeScript;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Writes a wrapper migration into the host application's own migrations.
 *
 * @param folder the folder of those migrations
 * @param format the tool that runs them
 * @param prefix the PostgreSQL schema
 * @param to the target version; null for the library's newest
 * @param database its version is the start; null to start from the end of the newest earlier
 *     wrapper in the folder
 */
public record GenerateUpgrade(
    Path folder,
    UpgradeFormat format,
    String prefix,
    @Nullable Long to,
    @Nullable Database database) {

  /**
   * Writes the files.
   *
   * @param clock gives the time for the file names
   * @throws IllegalArgumentException if the folder does not exist, or an option is illegal
   * @throws MigrationException if the wrapper exists, there is nothing to upgrade, or the files
   *     cannot be written; nothing was written then
   * @throws NoConnectionException if the database cannot be reached
   */
  public Upgrade run(InstantSource clock) {
    UpgradeScript script = UpgradeScript.in(folder).format(format).prefix(prefix);
    if (to != null) {
      script = script.to(to);
    }
    if (database != null) {
      script = script.from(version(database));
    }
    return script.write(clock.instant());
  }

  private long version(Database asked) {
    long version = OneSchema.read(asked, prefix, DurableMigration::migratedVersion);
    if (version > DurableMigration.currentVersion()) {
      throw new MigrationException(
          "Schema \"%s\" is at version %s, newer than this library's %s: there is nothing to upgrade."
              .formatted(prefix, version, DurableMigration.currentVersion()),
          null);
    }
    return version;
  }
}
