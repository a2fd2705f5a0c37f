package dev.durable.liquibase;

import static dev.durable.migration.DurableMigration.currentVersion;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.migration.DurableMigration;
import dev.durable.migration.UpgradeFormat;
import dev.durable.migration.UpgradeScript;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import liquibase.Scope;
import liquibase.command.CommandScope;
import liquibase.resource.CompositeResourceAccessor;
import liquibase.resource.DirectoryResourceAccessor;
import liquibase.ui.LoggerUIService;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code durable gen-upgrade} writes for Liquibase, run by Liquibase. */
class WrapperTest {

  private static final long FIRST = 20260103000000L;
  private static final Instant NOW = Instant.parse("2026-02-03T04:05:59Z");
  private static final String STRANGE = "what? it's \"<&>\"; $durable$ :x -- /* -->";
  private static final String CHANGE_LOG =
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog"
                         xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
                         xsi:schemaLocation="http://www.liquibase.org/xml/ns/dbchangelog
                                             http://www.liquibase.org/xml/ns/dbchangelog/dbchangelog-latest.xsd">
        <includeAll path="changes"/>
      </databaseChangeLog>
      """;

  private final TestDatabase db = new TestDatabase();
  @TempDir private Path folder;

  @BeforeEach
  void anApplicationThatIncludesAllOfAFolder() throws IOException {
    Files.writeString(folder.resolve("changelog.xml"), CHANGE_LOG);
    Files.createDirectory(folder.resolve("changes"));
  }

  private UpgradeScript script(String prefix) {
    return UpgradeScript.in(folder.resolve("changes"))
        .format(UpgradeFormat.LIQUIBASE)
        .prefix(prefix);
  }

  private String run(String command, Map<String, Object> arguments) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CommandScope scope =
        new CommandScope(command)
            .addArgumentValue("url", db.url())
            .addArgumentValue("username", db.user())
            .addArgumentValue("password", db.password())
            .addArgumentValue("changelogFile", "changelog.xml")
            .setOutput(out);
    arguments.forEach(scope::addArgumentValue);
    Scope.child(
        Map.of(
            Scope.Attr.ui.name(),
            new LoggerUIService(),
            Scope.Attr.resourceAccessor.name(),
            new CompositeResourceAccessor(
                new DirectoryResourceAccessor(folder),
                Scope.getCurrentScope().getResourceAccessor())),
        scope::execute);
    return out.toString(StandardCharsets.UTF_8);
  }

  private void update() throws Exception {
    run("update", Map.of());
  }

  private void rollBackOne() throws Exception {
    run("rollbackCount", Map.of("count", 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"durable", "My-App \"x\"", "back\\slash", STRANGE})
  void fromNothingAndBack(String prefix) throws Exception {
    script(prefix).write(NOW);
    update();
    assertThat(db.catalogue(prefix)).isEqualTo(TestDatabase.expected(currentVersion()));
    DurableMigration durable = DurableMigration.on(db.dataSource()).prefix(prefix);
    assertThat(durable.pendingVersions()).isEmpty();
    assertThat(durable.checksumMismatches()).isEmpty();
    rollBackOne();
    assertThat(db.rows("select 1 from pg_namespace where nspname = ?", prefix)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"durable", "My-App \"x\""})
  void fromAnOlderVersionAndBack(String prefix) throws Exception {
    script(prefix).to(FIRST).write(NOW);
    update();
    assertThat(db.catalogue(prefix)).isEqualTo(TestDatabase.expected(FIRST));

    script(prefix).write(NOW);
    update();
    assertThat(db.catalogue(prefix)).isEqualTo(TestDatabase.expected(currentVersion()));
    rollBackOne();
    assertThat(db.catalogue(prefix)).isEqualTo(TestDatabase.expected(FIRST));
  }

  @Test
  void updateSqlShowsTheStatements() throws Exception {
    script("durable").to(FIRST).write(NOW);
    script("durable").write(NOW);
    String sql = run("updateSql", Map.of());
    assertThat(sql).contains(DurableMigration.script("durable").from(FIRST).upStatements());
    assertThat(db.catalogue("durable")).isEmpty();
    db.script("begin;\n" + sql + "\ncommit;");
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(currentVersion()));
  }
}
