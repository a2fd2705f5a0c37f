package dev.durable.maven;

import dev.durable.cli.database.Database;
import dev.durable.cli.migrate.GenerateUpgrade;
import dev.durable.migration.Upgrade;
import dev.durable.migration.UpgradeFormat;
import java.io.File;
import java.time.InstantSource;
import java.util.List;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Writes a wrapper migration into the project's own migrations. It starts from the version of the
 * database if one is named, else from the end of the newest earlier wrapper in the folder.
 */
@Mojo(name = "gen-upgrade", requiresProject = false, threadSafe = true)
public final class GenUpgradeGoal extends DatabaseGoal {

  /** The tool that runs the migration: flyway-sql, flyway-java, liquibase or sql. */
  @Parameter(property = "durable.format", defaultValue = "flyway-sql")
  @SuppressWarnings("NullAway.Init") // Maven sets it.
  private String format;

  /**
   * The folder of the project's migrations. Default: {@code src/main/resources/db/migration} for
   * flyway-sql, {@code src/main/java/db/migration} for flyway-java, {@code
   * src/main/resources/db/changelog} for liquibase, the project's own folder for sql.
   */
  @Parameter(property = "durable.dir")
  private @Nullable File dir;

  /** The target version. Default: the library's newest. */
  @Parameter(property = "durable.to")
  private @Nullable Long to;

  /** The project's folder; null where there is no project. */
  @Parameter(defaultValue = "${project.basedir}", readonly = true)
  private @Nullable File basedir;

  @Parameter(defaultValue = "${session.executionRootDirectory}", readonly = true)
  @SuppressWarnings("NullAway.Init") // Maven sets it.
  private File here;

  /** Maven makes it. */
  public GenUpgradeGoal() {}

  @Override
  void run() throws MojoFailureException {
    List<Database> databases = databases();
    if (databases.isEmpty()) {
      generate(null);
    } else if (databases.size() == 1) {
      forEachDatabase(this::generate);
    } else {
      throw new MojoFailureException(
          "An upgrade starts from the version of one database, but %d are named."
              .formatted(databases.size()));
    }
  }

  private void generate(@Nullable Database database) {
    UpgradeFormat tool = UpgradeFormat.of(format);
    File home = basedir == null ? here : basedir;
    File folder = dir == null ? new File(home, tool.usualFolder().toString()) : dir;
    GenerateUpgrade task =
        new GenerateUpgrade(folder.toPath().normalize(), tool, prefix(), to, database);
    Upgrade upgrade = task.run(InstantSource.system());
    getLog()
        .info(
            "Upgrade of schema \"%s\" from version %d to %d:"
                .formatted(upgrade.prefix(), upgrade.from(), upgrade.to()));
    upgrade.files().forEach(file -> getLog().info("  " + file));
  }
}
