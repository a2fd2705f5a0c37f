package dev.durable.cli.migrate;

import dev.durable.cli.database.Database;
import dev.durable.cli.database.NoConnectionException;
import dev.durable.migration.DurableMigration;
import dev.durable.migration.MigrationException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Applies pending migrations.
 *
 * @param database the database
 * @param prefix the PostgreSQL schema
 * @param to the version to stop at, inclusive; null for the library's newest
 */
public record Migrate(Database database, String prefix, @Nullable Long to) {

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if the prefix is illegal or the version unknown
   */
  public Migrate {
    DurableMigration.requirePrefix(prefix);
    if (to != null) {
      DurableMigration.previousVersion(to);
    }
  }

  /**
   * Migrates, in one transaction, apart from indexes that are built concurrently.
   *
   * @throws NoConnectionException if the database cannot be reached
   * @throws MigrationException if the database refuses; nothing has changed then
   */
  public MigrationChange run() {
    return OneSchema.change(database, prefix, migration -> up(migration).up());
  }

  /**
   * The exact SQL that {@link #run} would run, with its transactions; empty if there is nothing to
   * do. Changes nothing.
   *
   * @throws NoConnectionException if the database cannot be reached
   * @throws MigrationException if the database refuses
   */
  public String sql() {
    return OneSchema.read(database, prefix, this::sql);
  }

  private String sql(DurableMigration migration) {
    long limit = to == null ? DurableMigration.currentVersion() : to;
    long from = migration.migratedVersion();
    List<Long> pending =
        migration.pendingVersions().stream().filter(version -> version <= limit).toList();
    if (from > DurableMigration.currentVersion() || pending.isEmpty()) {
      return "";
    }
    if (pending.get(0) < from) {
      throw new MigrationException(
          "Schema \"%s\" is at version %s but lacks %s, which no script leads to. Run the migration itself."
              .formatted(prefix, from, pending.get(0)),
          null);
    }
    return DurableMigration.script(prefix).from(from).to(limit).parts().stream()
        .map(part -> part.isTransactional() ? OneSchema.transaction(part.up()) : part.up())
        .collect(Collectors.joining("\n"));
  }

  private DurableMigration up(DurableMigration migration) {
    return to == null ? migration : migration.to(to);
  }
}
