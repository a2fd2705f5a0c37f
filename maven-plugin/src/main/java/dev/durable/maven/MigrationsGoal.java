package dev.durable.maven;

import dev.durable.cli.migrate.MigrationReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;

/** Reports the applied and the pending migrations of a database; changes nothing. */
@Mojo(
    name = "migrations",
    defaultPhase = LifecyclePhase.VERIFY,
    requiresProject = false,
    threadSafe = true)
public final class MigrationsGoal extends DatabaseGoal {

  /** Fails the build if an engine would not start, or a migration was applied with other text. */
  @Parameter(property = "durable.check", defaultValue = "false")
  private boolean check;

  /** Maven makes it. */
  public MigrationsGoal() {}

  @Override
  void run() throws MojoFailureException {
    List<String> problems = new ArrayList<>();
    forEachDatabase(
        database -> {
          MigrationReport report = MigrationReport.of(database, prefix());
          show(report);
          String problem = report.problem();
          if (problem != null) {
            problems.add(problem);
          }
        });
    if (check && !problems.isEmpty()) {
      problems.add(
          "If versions are pending: write the upgrade with 'mvn durable:gen-upgrade' and run your migrations, or apply it with 'mvn durable:migrate'.");
      throw new MojoFailureException(String.join("\n", problems));
    }
  }

  private void show(MigrationReport report) {
    getLog().info("Database: " + report.dataSource());
    getLog().info("  schema   " + report.prefix());
    getLog().info("  status   " + report.status().name().toLowerCase(Locale.ROOT));
    getLog().info("  library  " + report.currentVersion());
    getLog().info("  migrated " + report.migratedVersion());
    getLog().info("  pending  " + MigrationReport.list(report.pendingVersions()));
    if (!report.changedVersions().isEmpty()) {
      getLog().warn("  changed  " + MigrationReport.list(report.changedVersions()));
    }
  }
}
