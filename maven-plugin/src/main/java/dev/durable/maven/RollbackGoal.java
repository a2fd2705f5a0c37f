package dev.durable.maven;

import dev.durable.cli.database.Database;
import dev.durable.cli.migrate.MigrationChange;
import dev.durable.cli.migrate.Rollback;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Rolls Durable's tables back, newest version first. This drops tables with their rows, so it needs
 * a limit: {@code durable.to} or {@code durable.step}.
 */
@Mojo(name = "rollback", requiresProject = false, threadSafe = true)
public final class RollbackGoal extends ChangeGoal {

  /** The version to keep; 0 to remove everything. */
  @Parameter(property = "durable.to")
  private @Nullable Long to;

  /** The number of versions, at most. */
  @Parameter(property = "durable.step")
  private @Nullable Integer step;

  /** Rolls back despite live workers and executions that have not ended: they are lost. */
  @Parameter(property = "durable.force", defaultValue = "false")
  private boolean force;

  /** Maven makes it. */
  public RollbackGoal() {}

  @Override
  MigrationChange change(Database database) {
    return new Rollback(database, prefix(), to, step, force).run();
  }

  @Override
  String sql(Database database) {
    return new Rollback(database, prefix(), to, step, force).sql();
  }
}
