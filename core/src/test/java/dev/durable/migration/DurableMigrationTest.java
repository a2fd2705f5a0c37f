package dev.durable.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.durable.testing.TestDatabase;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class DurableMigrationTest {

  private final TestDatabase db = TestDatabase.empty();

  private DurableMigration migration() {
    return DurableMigration.on(db.dataSource());
  }

  private List<String> everythingOf(String schema) {
    return db.rows(
        "select c.relkind, c.relname from pg_class c where c.relnamespace ="
            + " (select oid from pg_namespace where nspname = ?) order by 2",
        schema);
  }

  @AfterEach
  void close() {
    db.close();
  }

  @Test
  @DisplayName("R-375, R-376 knows its versions")
  void knowsItsVersions() {
    List<Long> all = DurableMigration.allVersions();
    assertThat(all).isSorted().doesNotHaveDuplicates();
    assertThat(DurableMigration.currentVersion()).isEqualTo(all.get(all.size() - 1));
    assertThat(DurableMigration.previousVersion(all.get(0))).isZero();
    assertThat(DurableMigration.previousVersion(all.get(1))).isEqualTo(all.get(0));
    assertThat(DurableMigration.previousVersion()).isEqualTo(all.get(all.size() - 2));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurableMigration.previousVersion(7))
        .withMessageContaining("7")
        .withMessageContaining(all.toString());
  }

  @Test
  @DisplayName("R-377, R-378 up brings everything, and a second time does nothing")
  void upBringsEverythingOnce() {
    assertThat(migration().migratedVersion()).isZero();
    assertThat(migration().pendingVersions()).isEqualTo(DurableMigration.allVersions());
    migration().up();
    List<String> once = everythingOf("durable");
    migration().up();
    assertThat(everythingOf("durable")).isEqualTo(once);
    assertThat(migration().migratedVersions()).isEqualTo(DurableMigration.allVersions());
    assertThat(migration().pendingVersions()).isEmpty();
    migration().verify();
  }

  @Test
  void downLeavesNothingOfOurs() {
    List<String> before = db.rows("select oid, nspname from pg_namespace order by 1");
    migration().up();
    migration().down();
    assertThat(db.rows("select oid, nspname from pg_namespace order by 1")).isEqualTo(before);
    migration().down();
    assertThat(migration().migratedVersions()).isEmpty();
  }

  @Test
  @DisplayName("R-384 goes up and down to a version, or by steps")
  void stopsWhereItIsTold() {
    List<Long> all = DurableMigration.allVersions();
    migration().to(all.get(0)).up();
    assertThat(migration().migratedVersions()).containsExactly(all.get(0));
    assertThat(migration().pendingVersions()).isEqualTo(all.subList(1, all.size()));
    migration().up();
    migration().step(0).down();
    assertThat(migration().migratedVersions()).isEqualTo(all);
    migration().step(1).down();
    assertThat(migration().migratedVersions()).isEqualTo(all.subList(0, all.size() - 1));
    migration().up();
    migration().to(all.get(0)).down();
    assertThat(migration().migratedVersions()).containsExactly(all.get(0));
    migration().to(0).down();
    assertThat(migration().migratedVersions()).isEmpty();
  }

  @Test
  @DisplayName("R-388 an unknown version is refused with the known ones")
  void unknownVersionsAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> migration().to(42))
        .withMessageContaining("42")
        .withMessageContaining(DurableMigration.allVersions().toString());
    assertThatIllegalArgumentException().isThrownBy(() -> migration().step(-1));
  }

  @Test
  @DisplayName("B-23 in a shared schema, what is not ours survives")
  void foreignObjectsSurvive() {
    db.script(
        "create table public.mine (id int); insert into public.mine values (1);"
            + " create schema shared; create view shared.mine as select 1 as one");
    for (String prefix : List.of("public", "shared")) {
      migration().prefix(prefix).up();
      migration().prefix(prefix).down();
    }
    assertThat(everythingOf("public")).containsExactly("r|mine");
    assertThat(db.number("select id from public.mine")).isEqualTo(1);
    assertThat(everythingOf("shared")).containsExactly("v|mine");
  }

  @Test
  @DisplayName("B-54 a prefix is a name, whatever its characters")
  void aPrefixIsOnlyAName() {
    for (String prefix :
        List.of(
            "My-App \"x\"", "select", "a;drop schema public", "ünï'cödé", "${schema}", "$1 \\")) {
      migration().prefix(prefix).up();
      assertThat(everythingOf(prefix)).contains("r|workflow_executions");
      assertThat(migration().prefix(prefix).pendingVersions()).isEmpty();
      migration().prefix(prefix).down();
      assertThat(db.rows("select 1 from pg_namespace where nspname = ?", prefix)).isEmpty();
    }
  }

  @Test
  @DisplayName("a newer schema is left alone by up, and refused by down and verify")
  void aNewerSchemaIsLeftAlone() {
    migration().to(DurableMigration.allVersions().get(0)).up();
    db.update("insert into durable.durable_schema_migrations values (99990101000000, 'x', now())");
    List<String> before = everythingOf("durable");
    migration().up();
    assertThat(everythingOf("durable")).isEqualTo(before);
    assertThatThrownBy(() -> migration().down())
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("99990101000000");
    assertThat(everythingOf("durable")).isEqualTo(before);
    assertThatThrownBy(() -> migration().verify())
        .isInstanceOf(PendingMigrationsException.class)
        .hasMessageContaining("newer");
  }

  @Test
  void aFailureLeavesTheDatabaseAsItWas() {
    db.script("create schema durable; create table durable.scheduled_workflows (mine int)");
    assertThatThrownBy(() -> migration().up())
        .isInstanceOf(MigrationException.class)
        .hasMessageContaining("scheduled_workflows")
        .hasMessageContaining("Nothing was changed");
    assertThat(everythingOf("durable")).containsExactly("r|scheduled_workflows");
  }

  @Test
  void takesPartInTheCallersTransaction() throws Exception {
    try (Connection connection = db.dataSource().getConnection()) {
      connection.setAutoCommit(false);
      DurableMigration.on(connection).up();
      assertThat(DurableMigration.on(connection).pendingVersions()).isEmpty();
      connection.rollback();
      assertThat(migration().migratedVersions()).isEmpty();
      DurableMigration.on(connection).up();
      connection.commit();
      assertThat(migration().pendingVersions()).isEmpty();
    }
  }

  @Test
  void twoAtOnceWaitForEachOther() throws Exception {
    Thread one = Thread.ofVirtual().start(() -> migration().up());
    Thread two = Thread.ofVirtual().start(() -> migration().up());
    one.join();
    two.join();
    assertThat(migration().migratedVersions()).isEqualTo(DurableMigration.allVersions());
  }

  @Test
  void offIsSilence() {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    java.util.logging.Logger logger =
        java.util.logging.Logger.getLogger(DurableMigration.class.getName());
    java.util.logging.StreamHandler handler =
        new java.util.logging.StreamHandler(said, new java.util.logging.SimpleFormatter());
    logger.addHandler(handler);
    try {
      migration().log(System.Logger.Level.OFF).up();
      handler.flush();
      assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
      migration().log(System.Logger.Level.INFO).step(1).down();
      handler.flush();
      assertThat(said.toString(StandardCharsets.UTF_8)).contains("rolled back");
    } finally {
      logger.removeHandler(handler);
    }
  }
}
