package dev.durable.migration;

import static dev.durable.migration.DurableMigration.allVersions;
import static dev.durable.migration.DurableMigration.currentVersion;
import static dev.durable.migration.DurableMigration.previousVersion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UpAndDownTest {

  private static final long FIRST = 20260103000000L;

  private final TestDatabase db = TestDatabase.empty();

  private DurableMigration migration(String prefix) {
    return DurableMigration.on(db.dataSource()).prefix(prefix);
  }

  @Test
  @Proves("R-377")
  @DisplayName("A migrated database is current and nothing is pending")
  void aMigratedDatabaseIsCurrentAndNothingIsPending() {
    migration("durable").up();
    assertThat(migration("durable").migratedVersion()).isEqualTo(currentVersion());
    assertThat(migration("durable").migratedVersions()).isEqualTo(allVersions());
    assertThat(migration("durable").pendingVersions()).isEmpty();
    assertThat(migration("durable").checksumMismatches()).isEmpty();
  }

  @Test
  @Proves("R-378")
  @DisplayName("An unknown prefix is at zero and everything is pending")
  void anUnknownPrefixIsAtZeroAndEverythingIsPending() {
    migration("durable").up();
    assertThat(migration("elsewhere").migratedVersion()).isZero();
    assertThat(migration("elsewhere").pendingVersions()).isEqualTo(allVersions());
  }

  @Test
  @Proves("R-384")
  @DisplayName("A partially migrated prefix lists the rest")
  void aPartiallyMigratedPrefixListsTheRest() {
    migration("partial").to(FIRST).up();
    assertThat(migration("partial").migratedVersion()).isEqualTo(FIRST);
    assertThat(migration("partial").pendingVersions())
        .isEqualTo(allVersions().subList(1, allVersions().size()));
    assertThatExceptionOfType(PendingMigrationsException.class)
        .isThrownBy(() -> migration("partial").verify())
        .withMessageContainingAll(
            "partial", String.valueOf(FIRST), String.valueOf(currentVersion()));
  }

  @Test
  void anOldSchemaIsRefusedWithTheRemedy() {
    migration("it's \"x\"").to(FIRST).up();
    assertThatExceptionOfType(PendingMigrationsException.class)
        .isThrownBy(() -> migration("it's \"x\"").verify())
        .withMessageContaining("\n  durable gen-upgrade --prefix='it'\\''s \"x\"'\n")
        .withMessageContaining("\n  durable migrations --prefix='it'\\''s \"x\"' --check\n")
        .withMessageContaining(
            "DurableMigration.on(connection).prefix(\"it's \\\"x\\\"\").to("
                + currentVersion()
                + "L).up();");
    assertThatExceptionOfType(PendingMigrationsException.class)
        .isThrownBy(() -> migration("durable").verify())
        .withMessageContaining("\n  durable gen-upgrade\n")
        .withMessageContaining("\n  durable migrations --check\n")
        .withMessageContaining("DurableMigration.on(connection).to(" + currentVersion());
  }

  @Test
  void theFirstVersionHoldsTheFourCoreTables() {
    migration("durable").to(FIRST).up();
    assertThat(tables("durable"))
        .containsExactly(
            "durable_schema_migrations",
            "pending_inputs",
            "scheduled_workflows",
            "step_executions",
            "workflow_executions");
    assertThat(db.catalogue("durable"))
        .anyMatch(line -> line.contains("compensation_results"))
        .anyMatch(line -> line.contains("compensation_for"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "durable",
        "my_app_durable",
        "public",
        "My-App \"x\"",
        "it's",
        "select",
        "ünï'cödé",
        "back\\slash",
        "$durable$",
        "${schema}",
        "a;\nb -- /*"
      })
  @Proves("B-54")
  @DisplayName("Every version up and down one at a time twice")
  void everyVersionUpAndDownOneAtATimeTwice(String prefix) {
    for (int round = 0; round < 2; round++) {
      for (long version : allVersions()) {
        migration(prefix).to(version).up();
        migration(prefix).to(version).up();
        assertThat(migration(prefix).migratedVersion()).isEqualTo(version);
        migration(prefix).to(previousVersion(version)).down();
        migration(prefix).to(previousVersion(version)).down();
        assertThat(migration(prefix).migratedVersion()).isEqualTo(previousVersion(version));
        migration(prefix).to(version).up();
      }
      assertThat(db.catalogue(prefix)).isEqualTo(reference());
      for (long version : allVersions().reversed()) {
        migration(prefix).step(1).down();
        assertThat(migration(prefix).migratedVersion()).isEqualTo(previousVersion(version));
      }
      assertThat(tables(prefix)).isEmpty();
      assertThat(db.rows("select 1 from pg_namespace where nspname = ?", prefix))
          .hasSize(prefix.equals("public") ? 1 : 0);
    }
  }

  @Test
  void bothLimitsCombine() {
    migration("durable").up();
    migration("durable").to(0).step(0).down();
    assertThat(migration("durable").pendingVersions()).isEmpty();
    migration("durable").to(FIRST).step(99).down();
    assertThat(migration("durable").migratedVersions()).containsExactly(FIRST);
    migration("durable").up();
    migration("durable").to(0).step(1).down();
    assertThat(migration("durable").migratedVersion()).isEqualTo(previousVersion());
    migration("durable").to(currentVersion()).down();
    assertThat(migration("durable").migratedVersion()).isEqualTo(previousVersion());
  }

  @Test
  void twoPrefixesAreTwoInstallations() {
    migration("one").up();
    migration("two").up();
    migration("one").down();
    assertThat(db.catalogue("two")).isEqualTo(reference());
    assertThat(db.catalogue("one")).isEmpty();
  }

  @Test
  void rowsStayThroughAnUpgradeAndDoNotHinderTheWayBack() {
    migration("durable").to(FIRST).up();
    db.script(
        """
        insert into durable.workflow_executions
          (id, workflow_name, workflow_version, status, input, inserted_at, updated_at)
          values (gen_random_uuid(), 'w', 1, 'completed', '{}', now(), now());
        insert into durable.step_executions
          (workflow_id, seq, step_name, path, step_type, attempt, status, started_at)
          select id, 1, 's', 's', 'step', 1, 'completed', now() from durable.workflow_executions;
        """);
    migration("durable").up();
    assertThat(db.number("select count(*) from durable.step_executions")).isEqualTo(1);
    migration("durable").to(FIRST).down();
    assertThat(db.number("select count(*) from durable.workflow_executions")).isEqualTo(1);
    migration("durable").down();
    assertThat(tables("durable")).isEmpty();
  }

  @Test
  void takesPartInTheCallersTransactionAndNeverCommits() throws SQLException {
    try (Connection connection = db.dataSource().getConnection();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("create table mine (id int)");
      DurableMigration.on(connection).up();
      assertThat(DurableMigration.on(connection).pendingVersions()).isEmpty();
      assertThat(connection.getAutoCommit()).isFalse();
      connection.rollback();
    }
    assertThat(tables("durable")).isEmpty();
    assertThat(tables("public")).isEmpty();
  }

  @Test
  void aConnectionWithAutoCommitGetsOneTransaction() throws SQLException {
    try (Connection connection = db.dataSource().getConnection()) {
      DurableMigration.on(connection).up();
      assertThat(connection.getAutoCommit()).isTrue();
    }
    assertThat(migration("durable").pendingVersions()).isEmpty();
  }

  @Test
  void anAppliedMigrationWithAnotherTextIsReported() {
    migration("durable").up();
    db.update(
        "update durable.durable_schema_migrations set checksum = 'x' where version = ?", FIRST);
    assertThat(migration("durable").checksumMismatches()).containsExactly(FIRST);
    assertThat(migration("durable").pendingVersions()).isEmpty();
  }

  @Test
  void theTrackingTableSaysWhatAndWhen() {
    migration("durable").up();
    assertThat(db.catalogue("durable"))
        .contains(
            "column durable_schema_migrations 1 version bigint not null ",
            "column durable_schema_migrations 3 inserted_at timestamp with time zone not null ",
            "constraint durable_schema_migrations durable_schema_migrations_pkey PRIMARY KEY (version)");
    assertThat(
            db.number(
                "select count(*) from durable.durable_schema_migrations"
                    + " where inserted_at between now() - interval '1 minute' and now()"))
        .isEqualTo(allVersions().size());
  }

  private List<String> tables(String prefix) {
    return db.rows(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace"
            + " where n.nspname = ? and c.relkind = 'r' order by 1",
        prefix);
  }

  private static List<String> reference() {
    return Reference.CATALOGUE;
  }

  private static final class Reference {
    static final List<String> CATALOGUE = read();

    private static List<String> read() {
      try (TestDatabase migrated = TestDatabase.migrated()) {
        return migrated.catalogue("durable");
      }
    }
  }

  @AfterEach
  void close() {
    db.close();
  }
}
