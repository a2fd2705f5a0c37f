package dev.durable.maven;

import dev.durable.cli.database.Database;
import dev.durable.cli.migrate.MigrationChange;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;

/** A goal that changes tables, or prints the SQL for it. */
abstract class ChangeGoal extends DatabaseGoal {

  /**
   * Prints the SQL instead of running it. It goes to standard output as it is, so that {@code mvn
   * -q} prints nothing else.
   */
  @Parameter(property = "durable.dryRun", defaultValue = "false")
  private boolean dryRun;

  @Override
  final void run() throws MojoFailureException {
    forEachDatabase(dryRun ? this::show : database -> getLog().info(change(database).sentence()));
  }

  /** Changes the tables of a database. */
  abstract MigrationChange change(Database database);

  /** The SQL of the change; empty if there is nothing to do. */
  abstract String sql(Database database);

  private void show(Database database) {
    String sql = sql(database);
    if (sql.isEmpty()) {
      getLog().info(database + ": there is nothing to do.");
      return;
    }
    getLog().info(database + ": the following SQL would run. Nothing was changed.");
    System.out.print(sql + "-- "); // Maven ends with control characters: they become a comment.
    System.out.flush();
  }
}
