package dev.durable.migration;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Durable's tables as an API: {@code DurableMigration.on(connection).up()} inside the host
 * application's own migration. Immutable: each option returns a changed copy.
 *
 * <p>On a {@link Connection} with auto-commit off it takes part in the caller's transaction and
 * never commits; a failure is rolled back to where it began, and the caller's transaction can go
 * on. On a {@link DataSource}, or a connection with auto-commit on, it runs one transaction and
 * commits it. So a failure leaves the database exactly as it was. Two migrations at once wait for
 * each other; in a transaction of the caller's this needs its isolation level to be read committed,
 * the default.
 *
 * <p>A transaction of its own does not depend on the session's defaults for isolation, read-only
 * mode, {@code search_path} and the timeouts of statements and transactions. The session's {@code
 * lock_timeout} limits how long it waits for a table, not how long it waits for another migration.
 *
 * <p>The role needs {@code CREATE} on the schema, or on the database if the schema does not exist
 * yet; it needs no extension and no superuser.
 */
public final class DurableMigration {

  /** The PostgreSQL schema that is used unless {@link #prefix} says otherwise. */
  public static final String DEFAULT_PREFIX = "durable";

  private static final int LONGEST_PREFIX = 63;

  private final Target target;
  private final String prefix;
  private final @Nullable Long to;
  private final @Nullable Integer step;
  private final System.Logger.Level level;

  private DurableMigration(
      Target target,
      String prefix,
      @Nullable Long to,
      @Nullable Integer step,
      System.Logger.Level level) {
    this.target = target;
    this.prefix = prefix;
    this.to = to;
    this.step = step;
    this.level = level;
  }

  /** Migrates over the caller's connection, inside the caller's transaction if there is one. */
  public static DurableMigration on(Connection connection) {
    Objects.requireNonNull(connection, "connection");
    return on(
        new Target() {
          @Override
          public <T extends @Nullable Object> T run(
              boolean writes, Transactions.Work<Connection, T> work) throws SQLException {
            return Transactions.join(connection, writes, work);
          }
        });
  }

  /**
   * Migrates over a connection of its own, in one transaction that is committed, whatever the
   * pool's auto-commit mode is; it is given back in the mode that it was in.
   */
  public static DurableMigration on(DataSource dataSource) {
    Objects.requireNonNull(dataSource, "dataSource");
    return on(
        new Target() {
          @Override
          public <T extends @Nullable Object> T run(
              boolean writes, Transactions.Work<Connection, T> work) throws SQLException {
            return Transactions.own(dataSource, writes, work);
          }
        });
  }

  private static DurableMigration on(Target target) {
    return new DurableMigration(target, DEFAULT_PREFIX, null, null, System.Logger.Level.INFO);
  }

  /**
   * The PostgreSQL schema. Default {@value #DEFAULT_PREFIX}. Any name that PostgreSQL takes is
   * legal; it is always quoted.
   *
   * @throws IllegalArgumentException if it is not 1 to 63 bytes of UTF-8 without NUL
   */
  public DurableMigration prefix(String schema) {
    return new DurableMigration(target, requirePrefix(schema), to, step, level);
  }

  /**
   * Where to stop: {@link #up} includes this version, {@link #down} keeps it. 0 is allowed for
   * {@link #down}.
   *
   * @throws IllegalArgumentException if there is no such version; the message lists the known ones
   */
  public DurableMigration to(long version) {
    return new DurableMigration(target, prefix, Version.requireKnownOrZero(version), step, level);
  }

  /**
   * How many migrations {@link #down} rolls back at the most. Default: all.
   *
   * @throws IllegalArgumentException if negative
   */
  public DurableMigration step(int count) {
    if (count < 0) {
      throw new IllegalArgumentException("step must not be negative: " + count);
    }
    return new DurableMigration(target, prefix, to, count, level);
  }

  /**
   * The level at which each migration is announced. Default {@code INFO}; {@code OFF} for silence.
   */
  public DurableMigration log(System.Logger.Level logLevel) {
    return new DurableMigration(
        target, prefix, to, step, Objects.requireNonNull(logLevel, "logLevel"));
  }

  /**
   * Applies every pending migration up to {@link #to} in ascending order. Does nothing when there
   * is none, or when the schema is newer than this library, which it logs.
   *
   * @throws MigrationException if the database refuses
   * @throws IllegalArgumentException if {@link #to} is 0
   * @throws IllegalStateException if {@link #step} is set, which is for {@link #down}
   */
  public void up() {
    if (step != null) {
      throw new IllegalStateException("step is for down; up stops at to.");
    }
    long limit = to == null ? currentVersion() : to;
    if (limit == 0) {
      throw Version.unknown(0);
    }
    run("migrate", true, migrator -> migrator.up(limit));
  }

  /**
   * Rolls back, newest first, until {@link #to} (which stays) or {@link #step} is reached. Drops
   * only what Durable created: the schema itself only if it is empty then.
   *
   * @throws MigrationException if the database refuses, or the schema is newer than this library
   */
  public void down() {
    long keep = to == null ? 0 : to;
    int most = step == null ? Integer.MAX_VALUE : step;
    run("roll back", true, migrator -> migrator.down(keep, most));
  }

  /** The applied versions, ascending. */
  public List<Long> migratedVersions() {
    return List.copyOf(applied().keySet());
  }

  /** The newest applied version, or 0 when there is none. */
  public long migratedVersion() {
    List<Long> migrated = migratedVersions();
    return migrated.isEmpty() ? 0 : migrated.get(migrated.size() - 1);
  }

  /** The known versions that have not been applied, ascending. */
  public List<Long> pendingVersions() {
    List<Long> migrated = migratedVersions();
    return allVersions().stream().filter(version -> !migrated.contains(version)).toList();
  }

  /**
   * The applied versions whose text was another one when they were applied, ascending. Empty means
   * that all is well. Versions that this library does not know are left out.
   *
   * @throws MigrationException if the database refuses
   */
  public List<Long> checksumMismatches() {
    Map<Long, String> applied = applied();
    return Version.ALL.stream()
        .filter(version -> applied.containsKey(version.number()))
        .filter(version -> !version.checksum().equals(applied.get(version.number())))
        .map(Version::number)
        .toList();
  }

  /**
   * Checks that the schema is what this library needs.
   *
   * @throws PendingMigrationsException if it is older or newer
   */
  public void verify() {
    List<Long> migrated = migratedVersions();
    long newest = migrated.isEmpty() ? 0 : migrated.get(migrated.size() - 1);
    if (newest > currentVersion()) {
      throw PendingMigrationsException.newer(prefix, newest);
    }
    List<Long> pending =
        allVersions().stream().filter(version -> !migrated.contains(version)).toList();
    if (!pending.isEmpty()) {
      throw PendingMigrationsException.older(prefix, newest, pending);
    }
  }

  /**
   * The exact SQL that migrations of a prefix run: by default from nothing to the newest version.
   *
   * @throws IllegalArgumentException if the prefix is not 1 to 63 bytes of UTF-8 without NUL
   */
  public static MigrationScript script(String prefix) {
    return new MigrationScript(prefix, 0, currentVersion());
  }

  /** Every version of this library, ascending. */
  public static List<Long> allVersions() {
    return Version.ALL.stream().map(Version::number).toList();
  }

  /** The newest version of this library. */
  public static long currentVersion() {
    return Version.ALL.get(Version.ALL.size() - 1).number();
  }

  /** The version before the newest one. */
  public static long previousVersion() {
    return previousVersion(currentVersion());
  }

  /**
   * The version before the given one, or 0 for the first.
   *
   * @throws IllegalArgumentException if there is no such version
   */
  public static long previousVersion(long version) {
    int index = allVersions().indexOf(version);
    if (index < 0) {
      throw Version.unknown(version);
    }
    return index == 0 ? 0 : Version.ALL.get(index - 1).number();
  }

  /**
   * Checks a prefix.
   *
   * @return the prefix
   * @throws IllegalArgumentException if it is not 1 to 63 bytes of UTF-8 without NUL
   */
  public static String requirePrefix(String prefix) {
    int bytes = prefix.getBytes(StandardCharsets.UTF_8).length;
    if (bytes < 1 || bytes > LONGEST_PREFIX || prefix.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(
          "The prefix must have 1 to "
              + LONGEST_PREFIX
              + " bytes and no NUL; it has "
              + bytes
              + ".");
    }
    return prefix;
  }

  private SequencedMap<Long, String> applied() {
    return run("read the versions of", false, Migrator::applied);
  }

  private <T extends @Nullable Object> T run(
      String what, boolean writes, Transactions.Work<Migrator, T> work) {
    try {
      return target.run(writes, connection -> work.apply(new Migrator(connection, prefix, level)));
    } catch (SQLException refused) {
      throw new MigrationException(
          "Could not "
              + what
              + " Durable schema \""
              + prefix
              + "\": "
              + refused.getMessage()
              + (refused instanceof Transactions.OutcomeUnknownException
                  ? " The connection broke at the end: it may have been done. Run it again, which"
                      + " does what is missing."
                  : " Nothing was changed."),
          refused);
    }
  }

  /** Runs work in a transaction on some connection. */
  private interface Target {
    <T extends @Nullable Object> T run(boolean writes, Transactions.Work<Connection, T> work)
        throws SQLException;
  }
}
