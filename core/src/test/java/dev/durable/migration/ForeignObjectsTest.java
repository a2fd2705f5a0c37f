package dev.durable.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects that are not Durable's stay as they are (B-23), and roles with few rights are enough. */
class ForeignObjectsTest {

  private final TestDatabase db = TestDatabase.empty();

  private DurableMigration migration(String prefix) {
    return DurableMigration.on(db.dataSource()).prefix(prefix);
  }

  @Test
  @Proves("B-23")
  @DisplayName("public keeps the tables of the host")
  void publicKeepsTheTablesOfTheHost() {
    db.script("create table public.orders (id int primary key); insert into orders values (1)");
    migration("public").up();
    migration("public").down();
    assertThat(db.rows("select * from public.orders")).containsExactly("1");
    assertThat(db.catalogue("public")).filteredOn(line -> !line.contains("orders")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create table durable.mine (id int)",
        "create view durable.mine as select 1 as one",
        "create function durable.mine() returns int language sql as 'select 1'",
        "create type durable.mine as enum ('a')",
        "create sequence durable.mine"
      })
  void aSchemaWithForeignObjectsStays(String foreign) {
    migration("durable").up();
    db.script(foreign);
    migration("durable").down();
    assertThat(db.rows("select 1 from pg_namespace where nspname = 'durable'")).hasSize(1);
    assertThat(db.catalogue("durable")).allMatch(line -> line.contains("mine"));
    assertThat(
            db.rows(
                "select 1 from pg_depend d where d.refclassid = 'pg_namespace'::regclass"
                    + " and d.refobjid = 'durable'::regnamespace"))
        .isNotEmpty();
  }

  @Test
  void aForeignTableOfTheSameNameStaysAsItIs() {
    db.script("create schema durable; create table durable.scheduled_workflows (mine int)");
    List<String> before = db.catalogue("durable");
    assertThatExceptionOfType(MigrationException.class)
        .isThrownBy(() -> migration("durable").up())
        .withMessageContainingAll("scheduled_workflows", "Nothing was changed");
    assertThat(db.catalogue("durable")).isEqualTo(before);
  }

  @Test
  void nothingIsDroppedWhileAForeignViewNeedsIt() {
    migration("durable").up();
    db.script("create view public.report as select id from durable.workflow_executions");
    assertThatExceptionOfType(MigrationException.class)
        .isThrownBy(() -> migration("durable").down())
        .withMessageContainingAll("\"durable\"", "report", "Nothing was changed");
    assertThat(migration("durable").pendingVersions()).isEmpty();
  }

  @Test
  void aRoleNeedsNoRightOnTheDatabaseIfTheSchemaExists() {
    String role = "few_rights_" + db.number("select txid_current()");
    db.script(
        """
        create role %1$s login password 'secret' nosuperuser nocreatedb nocreaterole;
        create schema "My-App" authorization %1$s;
        create schema lent;
        grant usage, create on schema lent to %1$s;
        """
            .formatted(role));
    try (HikariDataSource few = as(role)) {
      for (String prefix : new String[] {"My-App", "lent"}) {
        DurableMigration migration = DurableMigration.on(few).prefix(prefix);
        migration.up();
        assertThat(migration.pendingVersions()).isEmpty();
        migration.down();
      }
      assertThat(db.rows("select nspname from pg_namespace where nspname in ('My-App', 'lent')"))
          .as("it may drop its own schema only")
          .containsExactly("lent");
      assertThatExceptionOfType(MigrationException.class)
          .isThrownBy(() -> DurableMigration.on(few).prefix("another").up())
          .withMessageContainingAll("another", "permission denied for database");
    }
  }

  private HikariDataSource as(String role) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(db.url());
    config.setUsername(role);
    config.setPassword("secret");
    config.setMaximumPoolSize(2);
    return new HikariDataSource(config);
  }

  @AfterEach
  void close() {
    db.close();
  }
}
