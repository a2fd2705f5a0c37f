package dev.durable.maven;

import dev.durable.cli.database.Database;
import dev.durable.cli.migrate.Migrate;
import dev.durable.cli.migrate.MigrationChange;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/** Applies pending migrations. */
@Mojo(
    name = "migrate",
    defaultPhase = LifecyclePhase.PRE_INTEGRATION_TEST,
    requiresProject = false,
    threadSafe = true)
public final class MigrateGoal extends ChangeGoal {

  /** The version to stop at, inclusive. Default: the library's newest. */
  @Parameter(property = "durable.to")
  private @Nullable Long to;

  /** Maven makes it. */
  public MigrateGoal() {}

  @Override
  MigrationChange change(Database database) {
    return new Migrate(database, prefix(), to).run();
  }

  @Override
  String sql(Database database) {
    return new Migrate(database, prefix(), to).sql();
  }
}
