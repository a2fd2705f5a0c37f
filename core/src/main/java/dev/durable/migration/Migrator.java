package dev.durable.migration;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries migrations out on one connection, inside the transaction that is open there. */
final class Migrator {

  private static final Logger LOG = LoggerFactory.getLogger(DurableMigration.class);

  private final Connection connection;
  private final Catalogue catalogue;
  private final Tracking tracking;
  private final MigrationScript script;
  private final System.Logger.Level level;

  Migrator(Connection connection, Catalogue catalogue, String prefix, System.Logger.Level level) {
    this.connection = connection;
    this.catalogue = catalogue;
    this.tracking = new Tracking(prefix);
    this.script = new MigrationScript(catalogue, prefix, 0, catalogue.newest());
    this.level = level;
  }

  /**
   * Applies what is pending up to the first migration that runs outside a transaction, in a
   * transaction of our own.
   *
   * @return that migration, or null if nothing is left
   * @throws BusyException if another migration is running
   */
  @Nullable Version up(long limit) throws SQLException {
    lockOrLeave();
    return pending(limit);
  }

  private @Nullable Version pending(long limit) throws SQLException {
    Applied applied = applied();
    if (applied.newest() > catalogue.newest()) {
      say(
          "is at %s, newer than this library's %s: nothing to do"
              .formatted(applied.newest(), catalogue.newest()));
      return null;
    }
    List<Version> pending =
        catalogue.between(0, limit).stream().filter(version -> !applied.has(version)).toList();
    boolean fromNothing = applied.versions().isEmpty();
    if (!pending.isEmpty() && fromNothing) {
      execute(tracking.createSchema());
      execute(tracking.createTable());
    }
    for (Version version : pending) {
      if (version.isConcurrent() && !fromNothing) {
        return version;
      }
      execute(script.up(version, fromNothing));
      say("migrated up to " + version.number() + " (" + version.name() + ")");
    }
    return null;
  }

  /**
   * The same in a transaction of the caller's, where nothing can run outside it.
   *
   * @throws MigrationException if there is something that would have to; nothing has changed then
   */
  Void upWithin(long limit) throws SQLException {
    lock();
    Version concurrent = pending(limit);
    if (concurrent != null) {
      throw new MigrationException(
          "Migration "
              + concurrent.number()
              + " of Durable schema \""
              + tracking.prefix()
              + "\" builds indexes concurrently, which PostgreSQL does only outside a transaction."
              + " Use DurableMigration.on(dataSource), or a connection with auto-commit on; with"
              + " Flyway let canExecuteInTransaction() return false, with Liquibase set"
              + " runInTransaction=\"false\". Nothing was changed.",
          null);
    }
    return null;
  }

  /**
   * Applies a migration on a connection in auto-commit mode, unless it has been. After an
   * interruption it is done again: what is complete stays, what is not is dropped first.
   *
   * @throws BusyException if another migration is running
   */
  Void concurrently(Version version) throws SQLException {
    if (!isTrue(tracking.tryLockSession())) {
      throw new BusyException();
    }
    try {
      if (!applied().has(version)) {
        execute(script.concurrently(version));
        say("migrated up to " + version.number() + " (" + version.name() + ")");
      }
    } catch (Throwable failure) {
      unlock(failure);
      throw failure;
    }
    execute(tracking.unlockSession());
    return null;
  }

  /** A connection that is gone has lost its locks, too. */
  private void unlock(Throwable failure) {
    try {
      execute(tracking.unlockSession());
    } catch (Throwable gone) {
      failure.addSuppressed(gone);
    }
  }

  /**
   * Rolls back in a transaction of our own.
   *
   * @throws BusyException if another migration is running
   */
  Void down(long keep, int most) throws SQLException {
    lockOrLeave();
    return rollBack(keep, most);
  }

  /** The same in a transaction of the caller's. */
  Void downWithin(long keep, int most) throws SQLException {
    lock();
    return rollBack(keep, most);
  }

  private Void rollBack(long keep, int most) throws SQLException {
    List<Long> applied = new ArrayList<>(applied().numbers());
    int left = most;
    for (int i = applied.size() - 1; i >= 0 && left > 0 && applied.get(i) > keep; i--, left--) {
      rollBack(applied.remove(i));
    }
    if (applied.isEmpty() && trackingExists()) {
      execute(tracking.dropTable());
      execute(tracking.dropSchemaIfEmpty());
    }
    return null;
  }

  Applied applied() throws SQLException {
    List<Applied.Row> applied = new ArrayList<>();
    if (trackingExists()) {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(tracking.applied())) {
        while (rows.next()) {
          applied.add(new Applied.Row(rows.getLong(1), rows.getString(2), rows.getLong(3)));
        }
      }
    }
    return new Applied(applied);
  }

  /** Another migration is running. */
  static final class BusyException extends SQLException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * A migration that builds an index concurrently waits for every transaction that has a snapshot,
   * and so for one that waits for it. Ours ends instead, and begins anew.
   */
  private void lockOrLeave() throws SQLException {
    if (!isTrue(tracking.tryLock())) {
      throw new BusyException();
    }
    execute(tracking.limitLockWaits());
  }

  /** The caller's transaction cannot end. Where it waits in a circle, PostgreSQL breaks that. */
  private void lock() throws SQLException {
    String lockTimeout;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select current_setting('lock_timeout')")) {
      row.next();
      lockTimeout = row.getString(1);
    }
    execute(tracking.lockPatiently(lockTimeout));
    execute(tracking.limitLockWaits());
  }

  private boolean isTrue(String question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      return row.next() && row.getBoolean(1);
    }
  }

  private void rollBack(long number) throws SQLException {
    Version version =
        catalogue.versions().stream()
            .filter(candidate -> candidate.number() == number)
            .findFirst()
            .orElseThrow(
                () ->
                    new MigrationException(
                        "Version "
                            + number
                            + " of schema \""
                            + tracking.prefix()
                            + "\" is not known to this library, which cannot roll it back. Use the"
                            + " version of Durable that applied it.",
                        null));
    execute(script.down(version));
    say("rolled back " + number + " (" + version.name() + ")");
  }

  private boolean trackingExists() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(tracking.exists())) {
      return rows.next();
    }
  }

  private void execute(List<String> statements) throws SQLException {
    for (String sql : statements) {
      execute(sql);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Without SLF4J 2's fluent calls: Maven 3.8 gives its plugins SLF4J 1.7. */
  private void say(String what) {
    String message = "Durable schema \"{}\" {}";
    switch (level) {
      case ALL, TRACE -> LOG.trace(message, tracking.prefix(), what);
      case DEBUG -> LOG.debug(message, tracking.prefix(), what);
      case INFO -> LOG.info(message, tracking.prefix(), what);
      case WARNING -> LOG.warn(message, tracking.prefix(), what);
      case ERROR -> LOG.error(message, tracking.prefix(), what);
      case OFF -> {}
    }
  }
}
