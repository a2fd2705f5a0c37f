package dev.durable.flyway;

import static dev.durable.migration.DurableMigration.currentVersion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import db.migration.V2__Add_durable;
import db.migration.V4__Upgrade_durable;
import dev.durable.migration.DurableMigration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableJavaMigrationTest {

  private static final long FIRST = 20260103000000L;
  private static final long NEWEST = DurableMigration.currentVersion();

  private final TestDatabase db = new TestDatabase();

  private FluentConfiguration flyway() {
    return Flyway.configure().dataSource(db.dataSource());
  }

  private Flyway only(JavaMigration... migrations) {
    return flyway().locations(new String[0]).javaMigrations(migrations).load();
  }

  private DurableMigration durable() {
    return DurableMigration.on(db.dataSource());
  }

  @Test
  void aFreshDatabase() {
    flyway().load().migrate();
    assertThat(durable().migratedVersion()).isEqualTo(NEWEST);
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(NEWEST));
    assertThat(durable().checksumMismatches()).isEmpty();
  }

  @Test
  void anUpgradeAmongMigrationsOfTheHostInTheirOrder() {
    flyway().target("3").load().migrate();
    assertThat(durable().migratedVersion()).isEqualTo(FIRST);
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(FIRST));

    Flyway flyway = flyway().load();
    assertThat(flyway.info().pending()).hasSize(1);
    flyway.migrate();
    assertThat(durable().migratedVersion()).isEqualTo(NEWEST);
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(NEWEST));
    assertThat(Arrays.stream(flyway.info().applied()).map(MigrationInfo::getDescription))
        .containsExactly("orders", "Add durable", "orders know their execution", "Upgrade durable");
    flyway.validate();
    assertThat(flyway.migrate().migrationsExecuted).isZero();
  }

  @Test
  void tablesThatAreThereAlreadyAreLeftAlone() {
    durable().up();
    flyway().baselineOnMigrate(true).baselineVersion("0").load().migrate();
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(NEWEST));
  }

  @Test
  void wrappersInTheWrongOrderDoNoHarm() {
    only(new V4__Upgrade_durable()).migrate();
    flyway()
        .locations(new String[0])
        .javaMigrations(new V2__Add_durable(), new V4__Upgrade_durable())
        .outOfOrder(true)
        .load()
        .migrate();
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(NEWEST));
  }

  @Test
  void aFailingMigrationLeavesNothing() {
    assertThatExceptionOfType(FlywayException.class)
        .isThrownBy(() -> only(new V2__Add_durable(), new V5__FailsAtTheEnd()).migrate());
    assertThat(durable().migratedVersion()).isEqualTo(FIRST);
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(FIRST));

    db.script("create table durable.queues (mine int)");
    assertThatExceptionOfType(FlywayException.class)
        .isThrownBy(() -> only(new V2__Add_durable(), new V4__Upgrade_durable()).migrate())
        .havingRootCause()
        .withMessageContaining("queues");
    assertThat(durable().migratedVersion()).isEqualTo(FIRST);
    assertThat(db.rows("select to_regclass('durable.workers')::text")).containsOnlyNulls();
    assertThat(db.rows("select version from flyway_schema_history where success"))
        .containsExactly("2");
  }

  /** Named like a migration of Flyway. */
  static final class V5__FailsAtTheEnd extends DurableJavaMigration {
    V5__FailsAtTheEnd() {
      super(NEWEST);
    }

    @Override
    public void migrate(Context context) {
      super.migrate(context);
      throw new IllegalStateException("the disk is full");
    }
  }

  @Test
  void aSchemaOfItsOwn() {
    only(new V6__Isolated()).migrate();
    assertThat(durable().prefix("My-App \"x\"").migratedVersion()).isEqualTo(FIRST);
    assertThat(db.catalogue("durable")).isEmpty();
  }

  /** Named like a migration of Flyway. */
  static final class V6__Isolated extends DurableJavaMigration {
    V6__Isolated() {
      super("My-App \"x\"", FIRST);
    }
  }

  @Test
  void anEditedWrapperIsNoticed() {
    assertThat(new V2__Add_durable().getChecksum())
        .isEqualTo(new V2__Add_durable().getChecksum())
        .isNotEqualTo(new V4__Upgrade_durable().getChecksum())
        .isNotEqualTo(new V6__Isolated().getChecksum());
  }

  @Test
  void anUnknownVersionOrPrefixIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new V9__Wrong("durable", 1))
        .withMessageContaining(String.valueOf(FIRST));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new V9__Wrong("", FIRST))
        .withMessageContaining("prefix");
  }

  /** Named like a migration of Flyway. */
  static final class V9__Wrong extends DurableJavaMigration {
    V9__Wrong(String prefix, long version) {
      super(prefix, version);
    }
  }

  /** Undo is no part of open-source Flyway: the way back is a script, as a migration of its own. */
  @Test
  void theWayBackIsAMigrationToo(@TempDir Path folder) throws IOException {
    flyway().load().migrate();
    assertThatExceptionOfType(FlywayException.class).isThrownBy(() -> flyway().load().undo());

    Files.writeString(
        folder.resolve("V5__remove_durable.sql"), DurableMigration.script("durable").down());
    flyway().locations("classpath:db/migration", "filesystem:" + folder).load().migrate();
    assertThat(db.catalogue("durable")).isEmpty();
    assertThat(db.rows("select 1 from pg_namespace where nspname = 'durable'")).isEmpty();
  }

  @Test
  void theSqlScriptLeadsToTheSameTables(@TempDir Path folder) throws IOException {
    for (String prefix : List.of("durable", "My-App \"x\"")) {
      int number = prefix.length();
      Files.writeString(
          folder.resolve("V" + number + "_1__durable.sql"),
          DurableMigration.script(prefix).to(FIRST).up());
      Files.writeString(
          folder.resolve("V" + number + "_2__durable.sql"),
          DurableMigration.script(prefix).from(FIRST).up());
    }
    flyway().locations("filesystem:" + folder).load().migrate();
    for (String prefix : List.of("durable", "My-App \"x\"")) {
      assertThat(db.catalogue(prefix)).isEqualTo(TestDatabase.expected(currentVersion()));
    }
  }
}
