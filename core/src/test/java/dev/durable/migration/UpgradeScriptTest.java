package dev.durable.migration;

import static dev.durable.migration.DurableMigration.allVersions;
import static dev.durable.migration.DurableMigration.currentVersion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class UpgradeScriptTest {

  private static final long FIRST = 20260103000000L;
  private static final Instant NOW = Instant.parse("2026-02-03T04:05:59Z");
  private static final String STRANGE = "what? it's \"<&>\"; $durable$ --> */";

  @TempDir private Path folder;

  private UpgradeScript script() {
    return UpgradeScript.in(folder);
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  @Proves("R-385")
  @DisplayName("A Flyway migration to the current version, and its undo")
  void aFlywayMigrationToTheCurrentVersionAndItsUndo() throws IOException {
    Upgrade upgrade = script().write(NOW);
    String name = "20260203040559__upgrade_durable_to_v" + currentVersion() + ".sql";
    assertThat(upgrade)
        .isEqualTo(
            new Upgrade(
                "durable",
                0,
                currentVersion(),
                List.of(folder.resolve("V" + name), folder.resolve("U" + name))));
    assertThat(names()).containsExactly("U" + name, "V" + name);
    assertThat(read(upgrade.files().get(0))).endsWith(DurableMigration.script("durable").up());
    assertThat(read(upgrade.files().get(1))).endsWith(DurableMigration.script("durable").down());
  }

  @Test
  @Proves("R-385")
  @DisplayName("A Java migration is a class of the bridge, in the package of its folder")
  void aJavaMigrationIsAClassOfTheBridge() throws IOException {
    Path sources = Files.createDirectories(folder.resolve("src/main/java/com/example/migrations"));
    Upgrade upgrade = UpgradeScript.in(sources).format(UpgradeFormat.FLYWAY_JAVA).write(NOW);
    String name = "V20260203040559__Upgrade_durable_to_v" + currentVersion();
    assertThat(upgrade.files()).containsExactly(sources.resolve(name + ".java"));
    assertThat(read(upgrade.files().get(0)))
        .contains(
            "package com.example.migrations;\n",
            "public class " + name + " extends DurableJavaMigration {\n",
            "    super(" + currentVersion() + "L);\n");

    Upgrade elsewhere = script().format(UpgradeFormat.FLYWAY_JAVA).prefix("a\"b\\").write(NOW);
    assertThat(read(elsewhere.files().get(0)))
        .contains("package db.migration;\n", "super(\"a\\\"b\\\\\", " + currentVersion() + "L);");
  }

  @Test
  @Proves("R-386")
  @DisplayName("A custom prefix and target; the way back of the first version goes to zero")
  void aCustomPrefixAndTarget() throws IOException {
    Upgrade upgrade = script().prefix("my_app").to(FIRST).write(NOW);
    assertThat(upgrade.to()).isEqualTo(FIRST);
    assertThat(read(upgrade.files().get(0)))
        .contains("create table \"my_app\".workflow_executions (")
        .doesNotContain("workflow_definitions");
    assertThat(read(upgrade.files().get(1)))
        .contains("drop table \"my_app\".durable_schema_migrations");
    assertThat(upgrade.files().get(0).toString()).endsWith("_to_v" + FIRST + ".sql");
  }

  @ParameterizedTest
  @EnumSource(UpgradeFormat.class)
  @Proves("R-387")
  @DisplayName("A second upgrade to the same version is refused, naming the first")
  void aSecondUpgradeToTheSameVersionIsRefused(UpgradeFormat format) throws IOException {
    for (String prefix : List.of("durable", STRANGE)) {
      Path first = script().format(format).prefix(prefix).write(NOW).files().get(0);
      List<String> before = names();
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(() -> script().format(format).prefix(prefix).write(NOW))
          .withMessageContainingAll(prefix, currentVersion() + "", first.toString());
      assertThatExceptionOfType(MigrationException.class)
          .as("an older one behind a newer one")
          .isThrownBy(() -> script().format(format).prefix(prefix).to(FIRST).write(NOW));
      assertThat(names()).isEqualTo(before);
    }
  }

  @Test
  @Proves("R-388")
  @DisplayName("An unknown version is refused, naming the known ones")
  void anUnknownVersionIsRefused() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> script().to(20990101000000L))
        .withMessageContainingAll("20990101000000", allVersions().toString());
    assertThatIllegalArgumentException().isThrownBy(() -> script().to(0));
    assertThatIllegalArgumentException().isThrownBy(() -> script().from(7));
    assertThat(names()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(UpgradeFormat.class)
  void goesOnWhereTheNewestUpgradeOfItsPrefixEnds(UpgradeFormat format) {
    script().format(format).prefix(STRANGE).write(NOW);
    script().format(format).to(FIRST).write(NOW);
    Upgrade second = script().format(format).write(NOW);
    assertThat(second.from()).isEqualTo(FIRST);
    assertThat(second.to()).isEqualTo(currentVersion());
  }

  @Test
  void whatTheDatabaseSaysGoesBeforeTheFolder() {
    script().to(FIRST).write(NOW);
    assertThat(script().from(0).write(NOW).from()).isZero();
  }

  @Test
  void nothingIsWrittenIfThereIsNothingToUpgrade() throws IOException {
    assertThatExceptionOfType(MigrationException.class)
        .isThrownBy(() -> script().from(currentVersion()).write(NOW))
        .withMessageContainingAll("nothing to upgrade", currentVersion() + "");
    assertThat(names()).isEmpty();
  }

  @Test
  void twoMigrationsNeverShareAStamp() throws IOException {
    Files.writeString(folder.resolve("V20260203040559__mine.sql"), "select 1;");
    script().write(NOW);
    script().prefix("second").write(NOW);
    assertThat(names())
        .contains(
            "V20260203040600__upgrade_durable_to_v" + currentVersion() + ".sql",
            "V20260203040601__upgrade_durable_to_v" + currentVersion() + ".sql");
  }

  @Test
  void aMissingFolderIsRefused() throws IOException {
    Path missing = folder.resolve("missing");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UpgradeScript.in(missing).write(NOW))
        .withMessageContaining(missing.toString());
    Path file = Files.writeString(folder.resolve("file"), "");
    assertThatIllegalArgumentException().isThrownBy(() -> UpgradeScript.in(file).write(NOW));
    assertThat(missing).doesNotExist();
  }

  @Test
  void aNameThatTheToolWouldReadDifferentlyIsRefused() throws IOException {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> script().prefix("${schema}").write(NOW))
        .withMessageContainingAll("placeholder", "flyway-java");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> script().format(UpgradeFormat.LIQUIBASE).prefix("${schema}").write(NOW));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> script().format(UpgradeFormat.SQL).prefix("a\nb").write(NOW))
        .withMessageContaining("control character");
    assertThat(names()).isEmpty();
    script().format(UpgradeFormat.SQL).prefix("${schema}").write(NOW);
    Path java = Files.createDirectory(folder.resolve("java"));
    UpgradeScript.in(java).format(UpgradeFormat.FLYWAY_JAVA).prefix("${schema}").write(NOW);
  }

  @Test
  void formatsHaveTheNamesThatUsersWrite() {
    for (UpgradeFormat format : UpgradeFormat.values()) {
      assertThat(UpgradeFormat.of(format.toString())).isEqualTo(format);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> UpgradeFormat.of("FLYWAY_SQL"))
        .withMessageContaining("flyway-sql, flyway-java, liquibase, sql");
  }

  @ParameterizedTest
  @ValueSource(strings = {"durable", "public", "My-App \"x\"", STRANGE, "${schema}", "back\\slash"})
  void plainSqlLeadsToTheSameTablesFromNothingAndFromAnOlderVersionAndBack(String prefix)
      throws IOException {
    UpgradeScript script = script().format(UpgradeFormat.SQL).prefix(prefix);
    Path current = Files.createDirectory(folder.resolve("current"));
    Upgrade all = UpgradeScript.in(current).format(UpgradeFormat.SQL).prefix(prefix).write(NOW);
    try (TestDatabase db = TestDatabase.empty();
        TestDatabase migrated = TestDatabase.migrated()) {
      DurableMigration durable = DurableMigration.on(db.dataSource()).prefix(prefix);
      List<String> expected = migrated.catalogue("durable");

      db.script(read(all.files().get(0)));
      assertThat(db.catalogue(prefix)).isEqualTo(expected);
      assertThat(durable.checksumMismatches()).isEmpty();
      db.script(read(all.files().get(1)));
      assertThat(db.catalogue(prefix)).isEmpty();

      db.script(read(script.to(FIRST).write(NOW).files().get(0)));
      assertThat(durable.migratedVersion()).isEqualTo(FIRST);
      Upgrade second = script.write(NOW);
      db.script(read(second.files().get(0)));
      assertThat(db.catalogue(prefix)).isEqualTo(expected);
      db.script(read(second.files().get(1)));
      assertThat(durable.migratedVersion()).isEqualTo(FIRST);
    }
  }
}
