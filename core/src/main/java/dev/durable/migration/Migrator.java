package dev.durable.migration;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Carries migrations out on one connection, inside the transaction that is open there. */
final class Migrator {

  private static final System.Logger LOG = System.getLogger(DurableMigration.class.getName());

  private final Connection connection;
  private final String prefix;
  private final String schema;
  private final System.Logger.Level level;

  Migrator(Connection connection, String prefix, System.Logger.Level level) {
    this.connection = connection;
    this.prefix = prefix;
    this.schema = '"' + prefix.replace("\"", "\"\"") + '"';
    this.level = level;
  }

  Void up(long limit) throws SQLException {
    lock();
    Set<Long> migrated = new TreeSet<>(migratedVersions());
    long newest = migrated.stream().reduce(0L, Math::max);
    if (newest > DurableMigration.currentVersion()) {
      say("is at version " + newest + ", newer than this library: nothing to do");
      return null;
    }
    List<Version> pending =
        Version.ALL.stream()
            .filter(version -> version.number() <= limit && !migrated.contains(version.number()))
            .toList();
    if (!pending.isEmpty()) {
      createTracking();
    }
    for (Version version : pending) {
      execute(version.up(schema));
      record(version);
      say("migrated up to " + version.number() + " (" + version.name() + ")");
    }
    return null;
  }

  Void down(long keep, int most) throws SQLException {
    lock();
    List<Long> migrated = new ArrayList<>(migratedVersions());
    int left = most;
    for (int i = migrated.size() - 1; i >= 0 && left > 0 && migrated.get(i) > keep; i--, left--) {
      rollBack(migrated.remove(i));
    }
    if (migrated.isEmpty() && trackingExists()) {
      execute("drop table " + schema + ".durable_schema_migrations");
      if (schemaMayGo()) {
        execute("drop schema " + schema);
      }
    }
    return null;
  }

  List<Long> migratedVersions() throws SQLException {
    List<Long> versions = new ArrayList<>();
    if (trackingExists()) {
      try (Statement statement = connection.createStatement();
          ResultSet rows =
              statement.executeQuery(
                  "select version from "
                      + schema
                      + ".durable_schema_migrations order by version")) {
        while (rows.next()) {
          versions.add(rows.getLong(1));
        }
      }
    }
    return List.copyOf(versions);
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
                            + prefix
                            + "\" is not known to this library, which cannot roll it back. Use the"
                            + " version of Durable that applied it.",
                        null));
    execute(version.down(schema));
    try (PreparedStatement delete =
        connection.prepareStatement(
            "delete from " + schema + ".durable_schema_migrations where version = ?")) {
      delete.setLong(1, number);
      delete.executeUpdate();
    }
    say("rolled back " + number + " (" + version.name() + ")");
  }

  private void lock() throws SQLException {
    query("select pg_advisory_xact_lock(hashtextextended('dev.durable.migration:' || ?, 0))");
  }

  private void createTracking() throws SQLException {
    if (!query("select 1 from pg_namespace where nspname = ?")) {
      execute("create schema " + schema);
    }
    if (!trackingExists()) {
      execute(
          "create table "
              + schema
              + ".durable_schema_migrations (version bigint primary key, checksum text not null,"
              + " inserted_at timestamptz not null)");
    }
  }

  private void record(Version version) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "insert into " + schema + ".durable_schema_migrations values (?, ?, now())")) {
      insert.setLong(1, version.number());
      insert.setString(2, version.checksum());
      insert.executeUpdate();
    }
  }

  private boolean trackingExists() throws SQLException {
    return query(
        "select 1 from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            + " where n.nspname = ? and c.relname = 'durable_schema_migrations'");
  }

  /** Nothing of any kind lives in it, it is not everybody's, and the role may drop it. */
  private boolean schemaMayGo() throws SQLException {
    return query(
        """
        select 1 from pg_namespace n
        where n.nspname = ? and n.nspname <> 'public' and pg_has_role(n.nspowner, 'USAGE')
          and not exists (select 1 from pg_depend d
                          where d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid)
        """);
  }

  /** Runs a query whose only parameter is the prefix; true when it has a row. */
  private boolean query(String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, prefix);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next();
      }
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private void say(String what) {
    // To java.util.logging, OFF is the level above all others: it would be printed.
    if (level != System.Logger.Level.OFF) {
      LOG.log(level, () -> "Durable schema \"" + prefix + "\" " + what);
    }
  }
}
