package dev.durable.cli.migrate;

import dev.durable.cli.database.Database;
import dev.durable.cli.database.NoConnectionException;
import dev.durable.migration.DurableMigration;
import dev.durable.migration.MigrationException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rolls back, newest version first. This drops tables with their rows, so it needs a limit.
 *
 * @param database the database
 * @param prefix the PostgreSQL schema
 * @param to the version to keep; 0 to remove everything; null for no such limit
 * @param step the number of versions, at most; null for no such limit
 * @param force whether to roll back despite live workers and executions that have not ended
 */
public record Rollback(
    Database database, String prefix, @Nullable Long to, @Nullable Integer step, boolean force) {

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if there is neither {@code to} nor {@code step}, or an option
   *     is illegal
   */
  public Rollback {
    DurableMigration.requirePrefix(prefix);
    if (to == null && step == null) {
      throw new IllegalArgumentException(
          "Say how far to roll back: a number of steps, or the version to keep (0: none).");
    }
    if (to != null && to != 0) {
      DurableMigration.previousVersion(to);
    }
    if (step != null && step < 1) {
      throw new IllegalArgumentException(
          "The number of steps must be 1 or more, not " + step + ".");
    }
  }

  /**
   * Rolls back, in one transaction.
   *
   * @throws NoConnectionException if the database cannot be reached
   * @throws MigrationException if the database refuses, or without {@code force} workers live or
   *     executions have not ended; nothing has changed then
   */
  public MigrationChange run() {
    if (!force && !OneSchema.read(database, prefix, this::changesNothing)) {
      refuseIfInUse();
    }
    return OneSchema.change(database, prefix, migration -> limited(migration).down());
  }

  private void refuseIfInUse() {
    InUse inUse = OneSchema.inUse(database, prefix);
    if (!inUse.isNothing()) {
      throw new MigrationException(
          "Schema \"%s\" of %s is in use: %s. A rollback drops their tables. Stop the workers and let the executions end, or cancel them; or force the rollback, which loses them (--force, or -Ddurable.force). Nothing was changed."
              .formatted(prefix, database.label(), inUse.words()),
          null);
    }
  }

  private boolean changesNothing(DurableMigration migration) {
    List<Long> migrated = migration.migratedVersions();
    return migrated.isEmpty() || keep(migrated) >= migrated.get(migrated.size() - 1);
  }

  /**
   * The exact SQL that {@link #run} would run, with its transaction; empty if there is nothing to
   * do. Changes nothing.
   *
   * @throws NoConnectionException if the database cannot be reached
   * @throws MigrationException if the database refuses, or the schema is newer than this library
   */
  public String sql() {
    return OneSchema.read(database, prefix, this::sql);
  }

  private String sql(DurableMigration migration) {
    List<Long> migrated = migration.migratedVersions();
    long newest = migrated.isEmpty() ? 0 : migrated.get(migrated.size() - 1);
    if (newest > DurableMigration.currentVersion()) {
      throw new MigrationException(
          "Version %s of schema \"%s\" is not known to this library, which cannot roll it back. Use the version of Durable that applied it."
              .formatted(newest, prefix),
          null);
    }
    long keep = keep(migrated);
    if (keep >= newest) {
      return "";
    }
    return OneSchema.transaction(DurableMigration.script(prefix).from(keep).to(newest).down());
  }

  /** The newest version after the rollback. */
  private long keep(List<Long> migrated) {
    int steps = step == null ? migrated.size() : Math.min(step, migrated.size());
    int left = migrated.size() - steps;
    long bySteps = left == 0 ? 0 : migrated.get(left - 1);
    return to == null ? bySteps : Math.max(to, bySteps);
  }

  private DurableMigration limited(DurableMigration migration) {
    DurableMigration limited = to == null ? migration : migration.to(to);
    return step == null ? limited : limited.step(step);
  }
}
