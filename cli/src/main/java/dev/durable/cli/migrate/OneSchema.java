package dev.durable.cli.migrate;

import dev.durable.cli.database.Database;
import dev.durable.cli.database.NoConnectionException;
import dev.durable.migration.DurableMigration;
import dev.durable.migration.MigrationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.function.Consumer;
import java.util.function.Function;

/** Runs a task on one schema of one database. */
final class OneSchema {

  private OneSchema() {}

  static MigrationChange change(
      Database database, String prefix, Consumer<DurableMigration> change) {
    return read(
        database,
        prefix,
        migration -> {
          long before = migration.migratedVersion();
          change.accept(migration);
          return new MigrationChange(database.label(), prefix, before, migration.migratedVersion());
        });
  }

  static <T> T read(Database database, String prefix, Function<DurableMigration, T> question) {
    DurableMigration.requirePrefix(prefix);
    try (Connection connection = database.connect()) {
      return question.apply(DurableMigration.on(connection).prefix(prefix));
    } catch (SQLException whileClosing) {
      throw new NoConnectionException(database.label(), whileClosing);
    }
  }

  /** The workers and executions that use the tables. */
  static InUse inUse(Database database, String prefix) {
    try (Connection connection = database.connect()) {
      return InUse.of(connection, prefix);
    } catch (SQLException refused) {
      throw new MigrationException(
          "Could not count the workers and executions of schema \"%s\": %s Nothing was changed."
              .formatted(prefix, refused.getMessage()),
          refused);
    }
  }

  static String transaction(String sql) {
    return sql.isEmpty() ? "" : "begin;\n\n" + sql + "\ncommit;\n";
  }
}
