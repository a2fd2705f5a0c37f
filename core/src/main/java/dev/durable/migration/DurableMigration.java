package dev.durable.migration;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
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
 * mode, {@code search_path} and the timeouts of statements and transactions. It waits for a table
 * as long as the session's {@code lock_timeout} says, or 3 s if there is none, because whatever
 * comes after it waits as long; then it is tried again, eight times in all. For another migration
 * it waits as long as that takes.
 *
 * <p>Migrations that build indexes concurrently are not part of any transaction: on a {@link
 * DataSource}, or a connection with auto-commit on, what comes before one is committed first. Run
 * again after an interruption, it does what is missing.
 *
 * <p>The role needs {@code CREATE} on the schema, or on the database if the schema does not exist
 * yet; it needs no extension and no superuser.
 */
public final class DurableMigration {

  /** The PostgreSQL schema that is used unless {@link #prefix} says otherwise. */
  public static final String DEFAULT_PREFIX = "durable";

  private static final int LONGEST_PREFIX = 63;

  private final Target target;
  private final Catalogue catalogue;
  private final String prefix;
  private final @Nullable Long to;
  private final @Nullable Integer step;
  private final System.Logger.Level level;

  private DurableMigration(
      Target target,
      Catalogue catalogue,
      String prefix,
      @Nullable Long to,
      @Nullable Integer step,
      System.Logger.Level level) {
    this.target = target;
    this.catalogue = catalogue;
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

          @Override
          public boolean isWithin() throws SQLException {
            return !connection.getAutoCommit();
          }

          @Override
          public <T extends @Nullable Object> T runOutside(Transactions.Work<Connection, T> work)
              throws SQLException {
            return SessionSettings.during(connection, work);
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

          @Override
          public boolean isWithin() {
            return false;
          }

          @Override
          public <T extends @Nullable Object> T runOutside(Transactions.Work<Connection, T> work)
              throws SQLException {
            return Transactions.outside(dataSource, work);
          }
        });
  }

  /** The same with the migrations of another library. */
  DurableMigration knowing(Catalogue other) {
    return new DurableMigration(target, other, prefix, to, step, level);
  }

  private static DurableMigration on(Target target) {
    return new DurableMigration(
        target, Catalogue.SHIPPED, DEFAULT_PREFIX, null, null, System.Logger.Level.INFO);
  }

  /**
   * The PostgreSQL schema. Default {@value #DEFAULT_PREFIX}. Any name that PostgreSQL takes is
   * legal; it is always quoted.
   *
   * @throws IllegalArgumentException if it is not 1 to 63 bytes of UTF-8 without NUL
   */
  public DurableMigration prefix(String schema) {
    return new DurableMigration(target, catalogue, requirePrefix(schema), to, step, level);
  }

  /**
   * Where to stop: {@link #up} includes this version, {@link #down} keeps it. 0 is allowed for
   * {@link #down}.
   *
   * @throws IllegalArgumentException if there is no such version; the message lists the known ones
   */
  public DurableMigration to(long version) {
    return new DurableMigration(
        target, catalogue, prefix, catalogue.requireKnownOrZero(version), step, level);
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
    return new DurableMigration(target, catalogue, prefix, to, count, level);
  }

  /**
   * The level at which each migration is announced. Default {@code INFO}; {@code OFF} for silence.
   */
  public DurableMigration log(System.Logger.Level logLevel) {
    return new DurableMigration(
        target, catalogue, prefix, to, step, Objects.requireNonNull(logLevel, "logLevel"));
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
    long limit = to == null ? catalogue.newest() : to;
    if (limit == 0) {
      throw catalogue.unknown(0);
    }
    run(
        "migrate",
        () -> {
          if (target.isWithin()) {
            return target.run(true, connection -> migrator(connection).upWithin(limit));
          }
          Version next = upInTransaction(limit);
          while (next != null) {
            Version concurrent = next;
            patiently(
                () ->
                    target.runOutside(connection -> migrator(connection).concurrently(concurrent)));
            next = upInTransaction(limit);
          }
          return null;
        });
  }

  private @Nullable Version upInTransaction(long limit) throws SQLException {
    return patiently(() -> target.run(true, connection -> migrator(connection).up(limit)));
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
    run(
        "roll back",
        () ->
            target.isWithin()
                ? target.run(true, connection -> migrator(connection).downWithin(keep, most))
                : patiently(
                    () -> target.run(true, connection -> migrator(connection).down(keep, most))));
  }

  /** The applied versions, ascending. */
  public List<Long> migratedVersions() {
    return applied().numbers();
  }

  /** The newest applied version, or 0 when there is none. */
  public long migratedVersion() {
    return applied().newest();
  }

  /**
   * The oldest library that can work on the schema, by its {@link #currentVersion}: 0 when there is
   * none yet. Older processes keep working, and may restart, after a migration that leaves this
   * where it is.
   */
  public long compatibleFrom() {
    return applied().compatibleFrom();
  }

  /** The known versions that have not been applied, ascending. */
  public List<Long> pendingVersions() {
    return pending(applied());
  }

  private List<Long> pending(Applied applied) {
    return catalogue.versions().stream()
        .filter(version -> !applied.has(version))
        .map(Version::number)
        .toList();
  }

  /**
   * The applied versions whose text was another one when they were applied, ascending. Empty means
   * that all is well. Versions that this library does not know are left out.
   *
   * @throws MigrationException if the database refuses
   */
  public List<Long> checksumMismatches() {
    Map<Long, String> applied =
        applied().versions().stream()
            .collect(Collectors.toMap(Applied.Row::number, Applied.Row::checksum));
    return catalogue.versions().stream()
        .filter(version -> applied.containsKey(version.number()))
        .filter(version -> !version.checksum().equals(applied.get(version.number())))
        .map(Version::number)
        .toList();
  }

  /**
   * Checks that this library can work on the schema: it has all that the library knows, and what is
   * newer is compatible with it.
   *
   * @throws PendingMigrationsException if the schema is older, or newer and not compatible
   */
  public void verify() {
    Applied applied = applied();
    long known = catalogue.newest();
    if (applied.newest() > known && applied.compatibleFrom() > known) {
      throw PendingMigrationsException.newer(
          prefix, applied.newest(), known, applied.compatibleFrom());
    }
    List<Long> pending = pending(applied);
    if (!pending.isEmpty()) {
      throw PendingMigrationsException.older(prefix, applied.newest(), known, pending);
    }
  }

  /**
   * The exact SQL that migrations of a prefix run: by default from nothing to the newest version.
   *
   * @throws IllegalArgumentException if the prefix is not 1 to 63 bytes of UTF-8 without NUL
   */
  public static MigrationScript script(String prefix) {
    return new MigrationScript(Catalogue.SHIPPED, prefix, 0, currentVersion());
  }

  /** Every version of this library, ascending. */
  public static List<Long> allVersions() {
    return Catalogue.SHIPPED.numbers();
  }

  /** The newest version of this library. */
  public static long currentVersion() {
    return Catalogue.SHIPPED.newest();
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
      throw Catalogue.SHIPPED.unknown(version);
    }
    return index == 0 ? 0 : allVersions().get(index - 1);
  }

  /**
   * Whether the migration to a version runs in a transaction; what builds indexes concurrently on
   * tables in use does not.
   *
   * @throws IllegalArgumentException if there is no such version
   */
  public static boolean isTransactional(long version) {
    return script(DEFAULT_PREFIX).from(previousVersion(version)).to(version).isTransactional();
  }

  /**
   * Checks a prefix.
   *
   * @return the prefix
   * @throws IllegalArgumentException if it is not 1 to 63 bytes of UTF-8 without NUL
   */
  public static String requirePrefix(String prefix) {
    int bytes = Objects.requireNonNull(prefix, "prefix").getBytes(StandardCharsets.UTF_8).length;
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

  private Applied applied() {
    return run(
        "read the versions of",
        () -> target.run(false, connection -> migrator(connection).applied()));
  }

  private Migrator migrator(Connection connection) {
    return new Migrator(connection, catalogue, prefix, level);
  }

  /** What is a transaction of its own is tried again when others' locks have stopped it. */
  private static <T extends @Nullable Object> T patiently(Attempt<T> attempt) throws SQLException {
    Patience patience = new Patience();
    Patience busy = new Patience();
    while (true) {
      try {
        return attempt.make();
      } catch (Migrator.BusyException another) {
        busy.untilFree();
      } catch (SQLException failure) {
        patience.next(failure);
      }
    }
  }

  private <T extends @Nullable Object> T run(String what, Attempt<T> work) {
    try {
      return work.make();
    } catch (SQLException refused) {
      throw new MigrationException(
          "Could not "
              + what
              + " Durable schema \""
              + prefix
              + "\": "
              + refused.getMessage()
              + remedy(refused),
          refused);
    }
  }

  private static String remedy(SQLException refused) {
    if (refused instanceof Transactions.OutcomeUnknownException) {
      return " The connection broke at the end: it may have been done. Run it again, which does what"
          + " is missing.";
    }
    if (refused instanceof Transactions.OutsideException) {
      return " Migrations before it have been applied, and indexes may be half built. Run it again,"
          + " which drops and builds those anew.";
    }
    return (Patience.isLocked(refused)
            ? " Other transactions hold locks on the tables for longer than lock_timeout allows: look"
                + " for long ones in pg_stat_activity, and try again."
            : "")
        + " Nothing was changed.";
  }

  /** What may fail with what the database says. */
  private interface Attempt<T extends @Nullable Object> {
    T make() throws SQLException;
  }

  /** Runs work on some connection. */
  private interface Target {
    /** In a transaction. */
    <T extends @Nullable Object> T run(boolean writes, Transactions.Work<Connection, T> work)
        throws SQLException;

    /** Whether that transaction is the caller's. */
    boolean isWithin() throws SQLException;

    /** Statement by statement, if it is not within. */
    <T extends @Nullable Object> T runOutside(Transactions.Work<Connection, T> work)
        throws SQLException;
  }
}
