package dev.durable.cli.migrate.command;

import static dev.durable.migration.DurableMigration.currentVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.cli.Cli;
import dev.durable.cli.CommandTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenUpgradeCommandTest extends CommandTest {

  private Path write(String... arguments) {
    Cli.Result result = assertOk(anonymous().run(arguments));
    return folder.resolve(result.out().lines().findFirst().orElseThrow());
  }

  @ParameterizedTest
  @CsvSource({
    "flyway-sql, src/main/resources/db/migration, V\\d{14}__upgrade_durable_to_v\\d{14}\\.sql, 2",
    "flyway-java, src/main/java/db/migration, V\\d{14}__Upgrade_durable_to_v\\d{14}\\.java, 1",
    "liquibase, src/main/resources/db/changelog, \\d{14}_upgrade_durable_to_v\\d{14}\\.xml, 1",
    "sql, ., \\d{14}_upgrade_durable_to_v\\d{14}\\.up\\.sql, 2"
  })
  @DisplayName("R-385 a file for the current version, where the tool looks for it")
  void aFileForTheCurrentVersion(String format, String where, String name, int files)
      throws IOException {
    Files.createDirectories(folder.resolve(where));
    Cli.Result result = assertOk(anonymous().run("gen-upgrade", "--format", format));
    List<String> written = result.out().lines().toList();
    assertThat(written)
        .hasSize(files)
        .allSatisfy(file -> assertThat(folder.resolve(file)).exists());
    assertThat(folder.resolve(written.get(0)).getParent().normalize())
        .isEqualTo(folder.resolve(where).normalize());
    assertThat(Path.of(written.get(0)).getFileName().toString())
        .matches(name)
        .contains("_to_v" + currentVersion());
    assertThat(result.err()).contains("to version " + currentVersion());
  }

  @Test
  @DisplayName("R-386 a custom prefix and target")
  void aCustomPrefixAndTarget() {
    Path file = write("gen-upgrade", "--dir=.", "--prefix=My-App \"x\"", "--to=" + FIRST);
    assertThat(file).content().contains("\"My-App \"\"x\"\"\".workflow_executions");
    assertThat(file.toString()).endsWith("_to_v" + FIRST + ".sql");
  }

  @Test
  @DisplayName("R-387 a duplicate is refused")
  void aDuplicateIsRefused() {
    Path file = write("gen-upgrade", "--dir=.");
    Cli.Result result = anonymous().run("gen-upgrade", "--dir=.");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains(file.getFileName().toString());
  }

  @Test
  @DisplayName("R-388 an unknown target, format or folder is refused")
  void anUnknownTargetFormatOrFolderIsRefused() {
    Cli.Result version = anonymous().run("gen-upgrade", "--dir=.", "--to=7");
    assertThat(version.exitCode()).isEqualTo(2);
    assertThat(version.err()).contains("Unknown migration version 7; known: [" + FIRST);

    Cli.Result format = anonymous().run("gen-upgrade", "--dir=.", "--format=ant");
    assertThat(format.exitCode()).isEqualTo(2);
    assertThat(format.err()).contains("flyway-sql, flyway-java, liquibase, sql");

    Cli.Result missing = anonymous().run("gen-upgrade");
    assertThat(missing.exitCode()).isEqualTo(2);
    assertThat(missing.err())
        .contains(folder.resolve("src/main/resources/db/migration").toString());
  }

  @Test
  void startsFromTheVersionOfTheDatabaseIfThereIsOne() throws IOException {
    durable().to(FIRST).up();
    Cli.Result result = assertOk(cli().run("gen-upgrade", "--format=sql", "--url", url));
    assertThat(result.err()).contains("from version " + FIRST + " to version " + currentVersion());
    Path up = folder.resolve(result.out().lines().findFirst().orElseThrow());
    assertThat(up).content().contains("starts from version", "begin;", "commit;");

    Files.createDirectory(folder.resolve("other"));
    durable().up();
    Cli.Result nothing = cli().run("gen-upgrade", "--dir=other", "--url", url);
    assertThat(nothing.exitCode()).isEqualTo(1);
    assertThat(nothing.err()).contains("nothing to upgrade");

    sql("insert into durable.durable_schema_migrations values (29990101000000, 'x', now())");
    Cli.Result newer = cli().run("gen-upgrade", "--dir=other", "--url", url);
    assertThat(newer.exitCode()).isEqualTo(1);
    assertThat(newer.err()).contains("newer than this library's");
    assertThat(folder.resolve("other")).isEmptyDirectory();
  }

  @Test
  void continuesWhereTheNewestUpgradeInTheFolderEnds() {
    write("gen-upgrade", "--dir=.", "--to=" + FIRST);
    Cli.Result result = assertOk(anonymous().run("gen-upgrade", "--dir=."));
    assertThat(result.err()).contains("from version " + FIRST + " to version " + currentVersion());
  }
}
