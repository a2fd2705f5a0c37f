package dev.durable.migration;

import static dev.durable.migration.DurableMigration.allVersions;
import static dev.durable.migration.DurableMigration.currentVersion;
import static dev.durable.migration.DurableMigration.previousVersion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The text for the hands of a DBA. */
class MigrationScriptTest {

  private static final long FIRST = 20260103000000L;

  private final TestDatabase db = TestDatabase.empty();

  @ParameterizedTest
  @ValueSource(strings = {"durable", "public", "My-App \"x\"", "it's", "back\\slash", "$durable$"})
  void leadsToTheSameTablesAsTheApi(String prefix) {
    MigrationScript script = DurableMigration.script(prefix);
    DurableMigration migration = DurableMigration.on(db.dataSource()).prefix(prefix);
    migration.up();
    List<String> byApi = db.catalogue(prefix);
    migration.down();

    for (int round = 0; round < 2; round++) {
      db.script("begin;\n" + script.up() + "commit;");
      assertThat(db.catalogue(prefix)).isEqualTo(byApi);
      assertThat(migration.pendingVersions()).isEmpty();
      assertThat(migration.checksumMismatches()).isEmpty();
      db.script("begin;\n" + script.down() + "commit;");
      assertThat(db.catalogue(prefix)).isEmpty();
    }
  }

  @Test
  void everyVersionOneAtATime() {
    DurableMigration migration = DurableMigration.on(db.dataSource());
    for (long version : allVersions()) {
      db.script(step(version).up());
      db.script(step(version).down());
      db.script(step(version).up());
      assertThat(migration.migratedVersion()).isEqualTo(version);
    }
    try (TestDatabase byApi = TestDatabase.migrated()) {
      assertThat(db.catalogue("durable")).isEqualTo(byApi.catalogue("durable"));
    }
    for (long version : allVersions().reversed()) {
      db.script(step(version).down());
    }
    assertThat(db.rows("select 1 from pg_namespace where nspname = 'durable'")).isEmpty();
  }

  private static MigrationScript step(long version) {
    return DurableMigration.script("durable").from(previousVersion(version)).to(version);
  }

  @Test
  void refusesADatabaseOfAnotherVersion() {
    DurableMigration.on(db.dataSource()).to(FIRST).up();
    List<String> before = db.catalogue("durable");
    assertThatThrownBy(() -> db.script(DurableMigration.script("durable").up()))
        .rootCause()
        .hasMessageContaining("is at version " + FIRST + "; this script starts from version 0");
    assertThatThrownBy(() -> db.script(DurableMigration.script("durable").down()))
        .rootCause()
        .hasMessageContaining("starts from version " + currentVersion());
    assertThat(db.catalogue("durable")).isEqualTo(before);
  }

  @Test
  void isTheTextThatTheApiRuns() {
    DurableMigration.on(db.dataSource()).to(FIRST).up();
    assertThat(DurableMigration.script("durable").to(FIRST).up())
        .contains("create table \"durable\".workflow_executions (")
        .contains("fillfactor = 70")
        .contains("pg_advisory_xact_lock")
        .contains("values (" + FIRST + ", '")
        .endsWith(";\n");
    assertThat(DurableMigration.script("durable").to(FIRST).upStatements())
        .containsAll(Version.ALL.get(0).up("\"durable\""));
  }

  @Test
  void isEmptyBetweenAVersionAndItself() {
    MigrationScript nothing = DurableMigration.script("durable").from(currentVersion());
    assertThat(nothing.up()).isEmpty();
    assertThat(nothing.down()).isEmpty();
  }

  @AfterEach
  void close() {
    db.close();
  }
}
