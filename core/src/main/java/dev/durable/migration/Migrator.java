package dev.durable.migration;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries migrations out on one connection, inside the transaction that is open there. */
final class Migrator {

  private static final Logger LOG = LoggerFactory.getLogger(DurableMigration.class);

  private final Connection connection;
  private final Tracking tracking;
  private final MigrationScript script;
  private final System.Logger.Level level;

  Migrator(Connection connection, String prefix, System.Logger.Level level) {
    this.connection = connection;
    this.tracking = new Tracking(prefix);
    this.script = DurableMigration.script(prefix);
    this.level = level;
  }

  Void up(long limit) throws SQLException {
    lock();
    SequencedMap<Long, String> applied = applied();
    long newest = applied.isEmpty() ? 0 : applied.lastEntry().getKey();
    long known = DurableMigration.currentVersion();
    if (newest > known) {
      say("is at " + newest + ", newer than this library's " + known + ": nothing to do");
      return null;
    }
    List<Version> pending =
        Version.ALL.stream()
            .filter(version -> version.number() <= limit && !applied.containsKey(version.number()))
            .toList();
    if (!pending.isEmpty() && applied.isEmpty()) {
      execute(tracking.createSchema());
      execute(tracking.createTable());
    }
    for (Version version : pending) {
      execute(script.up(version));
      say("migrated up to " + version.number() + " (" + version.name() + ")");
    }
    return null;
  }

  Void down(long keep, int most) throws SQLException {
    lock();
    List<Long> applied = new ArrayList<>(applied().keySet());
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

  /** The applied versions, ascending, each with the checksum it had then. */
  SequencedMap<Long, String> applied() throws SQLException {
    SequencedMap<Long, String> applied = new TreeMap<>();
    if (trackingExists()) {
      try (Statement statement = connection.createStatement();
          ResultSet rows = statement.executeQuery(tracking.applied())) {
        while (rows.next()) {
          applied.put(rows.getLong(1), rows.getString(2));
        }
      }
    }
    return Collections.unmodifiableSequencedMap(applied);
  }

  private void lock() throws SQLException {
    String lockTimeout;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select current_setting('lock_timeout')")) {
      row.next();
      lockTimeout = row.getString(1);
    }
    execute(tracking.lockPatiently(lockTimeout));
  }

  private void rollBack(long number) throws SQLException {
    Version version =
        Version.ALL.stream()
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
