package dev.durable.flyway;

import static dev.durable.migration.DurableMigration.currentVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.migration.DurableMigration;
import dev.durable.migration.Upgrade;
import dev.durable.migration.UpgradeFormat;
import dev.durable.migration.UpgradeScript;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code durable gen-upgrade} writes for Flyway, run by Flyway. */
class WrapperTest {

  private static final long FIRST = 20260103000000L;
  private static final String PACKAGE = "com.example.migrations";
  private static final Instant NOW = Instant.parse("2026-02-03T04:05:59Z");
  private static final String STRANGE = "what? it's \"x\"; $durable$ :x -- /*";

  private final TestDatabase db = new TestDatabase();
  @TempDir private Path folder;

  /** Not db.migration, where the tests have migrations of their own. */
  private UpgradeScript javaScript(String prefix) throws IOException {
    Path sources = folder.resolve("src/main/java").resolve(PACKAGE.replace('.', '/'));
    return UpgradeScript.in(Files.createDirectories(sources))
        .format(UpgradeFormat.FLYWAY_JAVA)
        .prefix(prefix);
  }

  private UpgradeScript sqlScript(String prefix) {
    return UpgradeScript.in(folder).prefix(prefix);
  }

  private DurableMigration durable(String prefix) {
    return DurableMigration.on(db.dataSource()).prefix(prefix);
  }

  private void migrate(String... locations) {
    flyway(locations).load().migrate();
  }

  private FluentConfiguration flyway(String... locations) {
    return Flyway.configure().dataSource(db.dataSource()).locations(locations);
  }

  @ParameterizedTest
  @ValueSource(strings = {"durable", "public", "My-App \"x\"", "back\\slash", STRANGE})
  void sqlFromNothing(String prefix) {
    sqlScript(prefix).write(NOW);
    Flyway flyway = flyway("filesystem:" + folder).baselineOnMigrate(true).load();
    flyway.migrate();
    flyway.validate();
    assertThat(durable(prefix).pendingVersions()).isEmpty();
    assertThat(durable(prefix).checksumMismatches()).isEmpty();
    assertThat(db.catalogue(prefix))
        .filteredOn(line -> !line.contains("flyway_schema_history"))
        .isEqualTo(TestDatabase.expected(currentVersion()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"durable", "My-App \"x\""})
  void sqlFromAnOlderVersion(String prefix) {
    UpgradeScript script = sqlScript(prefix);
    script.to(FIRST).write(NOW);
    migrate("filesystem:" + folder);
    assertThat(db.catalogue(prefix)).isEqualTo(TestDatabase.expected(FIRST));

    script.write(NOW);
    migrate("filesystem:" + folder);
    assertThat(db.catalogue(prefix)).isEqualTo(TestDatabase.expected(currentVersion()));
  }

  /** Undo is no part of open-source Flyway: its text, rolled forward, is the way back. */
  @Test
  void theUndoScriptsLeadBackStepByStep(@TempDir Path back) throws IOException {
    UpgradeScript script = sqlScript("durable");
    Upgrade first = script.to(FIRST).write(NOW);
    Upgrade second = script.write(NOW);
    migrate("filesystem:" + folder);

    Files.copy(second.files().get(1), back.resolve("V30000101000000__back.sql"));
    migrate("filesystem:" + folder, "filesystem:" + back);
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(FIRST));
    Files.copy(first.files().get(1), back.resolve("V30000101000001__back.sql"));
    migrate("filesystem:" + folder, "filesystem:" + back);
    assertThat(db.rows("select 1 from pg_namespace where nspname = 'durable'")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"durable", "${schema} \"x\" \\"})
  void javaFromNothingAndFromAnOlderVersion(String prefix) throws IOException {
    UpgradeScript script = javaScript(prefix);
    Upgrade first = script.to(FIRST).write(NOW);
    migrateCompiled(first);
    assertThat(db.catalogue(prefix)).isEqualTo(TestDatabase.expected(FIRST));

    migrateCompiled(first, script.write(NOW));
    assertThat(db.catalogue(prefix)).isEqualTo(TestDatabase.expected(currentVersion()));
    assertThat(durable(prefix).checksumMismatches()).isEmpty();
  }

  private void migrateCompiled(Upgrade... upgrades) throws IOException {
    Path classes = Files.createTempDirectory(folder, "classes");
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    for (Upgrade upgrade : upgrades) {
      int errors =
          compiler.run(
              null,
              null,
              null,
              "-cp",
              System.getProperty("java.class.path"),
              "-d",
              classes.toString(),
              upgrade.files().get(0).toString());
      assertThat(errors).isZero();
    }
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {classes.toUri().toURL()}, getClass().getClassLoader())) {
      Flyway.configure(loader)
          .dataSource(db.dataSource())
          .locations("classpath:" + PACKAGE.replace('.', '/'))
          .load()
          .migrate();
    }
  }
}
