package dev.durable.maven;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.maven.ScratchProject.Build;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class GoalsIT {

  private static EmbeddedPostgres postgres;

  @TempDir Path folder;
  private String url;
  private ScratchProject project;

  @BeforeAll
  static void startPostgres() {
    postgres = EmbeddedPostgres.temporary();
  }

  @AfterAll
  static void stopPostgres() {
    postgres.close();
  }

  @BeforeEach
  void createProject(TestInfo test) throws IOException {
    String database = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    postgres.createDatabase(database);
    url = postgres.jdbcUrl(database);
    project =
        ScratchProject.in(
            folder,
            "<url>%s</url><serverId>db</serverId>".formatted(url),
            "<server><id>db</id><username>%s</username><password>%s</password></server>"
                .formatted(postgres.user(), postgres.password()));
  }

  @Test
  void migratesWithTheCredentialsOfTheSettingsAndRollsBack() throws Exception {
    assertFails(project.run("durable:migrations", "-Ddurable.check"), "is at version 0");

    assertThat(project.run("durable:migrate", "durable:migrations", "-Ddurable.check"))
        .satisfies(
            build -> {
              assertThat(build.exitCode()).as(build.output()).isZero();
              assertThat(build.output()).contains("went from version 0 to", "status   up");
            });
    assertThat(schemas()).isEqualTo(1);

    assertFails(project.run("durable:rollback"), "Say how far to roll back");
    assertSucceeds(project.run("durable:rollback", "-Ddurable.to=0"), "to 0.");
    assertThat(schemas()).isZero();
  }

  @Test
  void aDryRunPrintsSqlThatCanBeRunAndChangesNothing() throws Exception {
    Build build = project.run("-q", "durable:migrate", "-Ddurable.dryRun");

    assertThat(build.exitCode()).as(build.output()).isZero();
    assertThat(schemas()).isZero();
    String sql = build.output().substring(build.output().indexOf("begin;"));
    try (Connection connection = postgres.dataSource(database()).getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
    assertSucceeds(project.run("durable:migrations", "-Ddurable.check"), "status   up");
  }

  @Test
  void writesAnUpgradeIntoTheFolderOfTheFormat() throws Exception {
    assertFails(project.run("durable:gen-upgrade"), "There is no folder");

    Path migrations = Files.createDirectories(folder.resolve("src/main/resources/db/migration"));
    assertSucceeds(project.run("durable:gen-upgrade"), "from version 0 to");
    try (Stream<Path> files = Files.list(migrations)) {
      assertThat(files)
          .anySatisfy(file -> assertThat(file.toString()).contains("__upgrade_durable_to_v"));
    }
    assertFails(project.run("durable:gen-upgrade"), "already");
  }

  @Test
  void saysWhatIsWrongWithoutAStackTrace() throws Exception {
    ScratchProject empty = ScratchProject.in(folder, "", "");
    assertFails(empty.run("durable:migrate", "-Ddurable.serverId=other"), "id \"other\"");
    assertFails(empty.run("durable:migrate"), "Name the database");
    assertFails(empty.run("durable:migrate", "-Ddurable.url=mysql://x"), "must look like");
    assertFails(empty.run("durable:migrate", "-Ddurable.url=" + url), "No password was given");
    assertSucceeds(empty.run("durable:migrate", "-Ddurable.skip"), "Skipped");
  }

  private static void assertFails(Build build, String message) {
    assertThat(build.exitCode()).as(build.output()).isEqualTo(1);
    assertThat(build.output()).contains("BUILD FAILURE", message).doesNotContain("\tat ");
  }

  private static void assertSucceeds(Build build, String message) {
    assertThat(build.exitCode()).as(build.output()).isZero();
    assertThat(build.output()).contains(message);
  }

  private String database() {
    return url.substring(url.lastIndexOf('/') + 1);
  }

  private int schemas() throws SQLException {
    try (Connection connection = postgres.dataSource(database()).getConnection();
        Statement statement = connection.createStatement();
        var rows =
            statement.executeQuery("select count(*) from pg_namespace where nspname = 'durable'")) {
      rows.next();
      return rows.getInt(1);
    }
  }
}
