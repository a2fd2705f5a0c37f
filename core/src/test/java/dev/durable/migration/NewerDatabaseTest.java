package dev.durable.migration;

import static dev.durable.migration.DurableMigration.currentVersion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.durable.Durable;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class NewerDatabaseTest {

  private static final long NEWER = 29990101000000L;
  private static final Logger LOG = (Logger) LoggerFactory.getLogger(DurableMigration.class);

  private final TestDatabase db = TestDatabase.migrated();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private final DurableMigration migration = DurableMigration.on(db.dataSource());

  @BeforeEach
  void prepare() {
    db.addMigration(NEWER);
    log.start();
    LOG.setLevel(Level.INFO);
    LOG.addAppender(log);
  }

  @Test
  void upDoesNothingAndSaysSo() {
    List<String> before = db.catalogue("durable");
    migration.up();
    assertThat(db.catalogue("durable")).isEqualTo(before);
    assertThat(messages()).singleElement().asString().contains(NEWER + "", currentVersion() + "");
  }

  @Test
  void silenceIsPossible() {
    migration.log(System.Logger.Level.OFF).up();
    assertThat(messages()).isEmpty();
  }

  @Test
  void downRefusesAndLeavesEverything() {
    assertThatExceptionOfType(MigrationException.class)
        .isThrownBy(migration::down)
        .withMessageContaining(NEWER + "");
    assertThat(migration.migratedVersion()).isEqualTo(NEWER);
  }

  @Test
  void theEngineRefusesToStartAndNamesBothVersions() {
    Workflow<String, String> workflow =
        Workflow.define("w", String.class).step("s", name -> name).build();
    assertThatExceptionOfType(PendingMigrationsException.class)
        .isThrownBy(() -> db.start(workflow))
        .withMessageContainingAll(NEWER + "", currentVersion() + "", "\"durable\"");
    assertThatExceptionOfType(PendingMigrationsException.class)
        .isThrownBy(() -> Durable.on(db.dataSource()).migrate(true).build());
  }

  @Test
  void eachMigrationIsAnnouncedAtTheLevelAskedFor() {
    migration.prefix("other").log(System.Logger.Level.WARNING).up();
    assertThat(log.list)
        .hasSize(Version.ALL.size())
        .allMatch(event -> event.getLevel() == Level.WARN);
    assertThat(messages().getLast()).contains("\"other\"", "migrated up to " + currentVersion());
  }

  private List<String> messages() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @AfterEach
  void close() {
    LOG.detachAppender(log);
    LOG.setLevel(null);
    db.close();
  }
}
