package dev.durable.liquibase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.durable.migration.DurableMigration;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import liquibase.command.CommandScope;
import liquibase.exception.CommandExecutionException;
import liquibase.exception.LiquibaseException;
import liquibase.util.LiquibaseUtil;
import org.junit.jupiter.api.Test;

class DurableChangeTest {

  private static final long FIRST = 20260103000000L;
  private static final long NEWEST = DurableMigration.currentVersion();
  private static final String APPLICATION = "db/changelog/application.xml";

  private final TestDatabase db = new TestDatabase();

  private CommandScope command(String name, String changelog) throws LiquibaseException {
    return new CommandScope(name)
        .addArgumentValue("url", db.url())
        .addArgumentValue("username", db.user())
        .addArgumentValue("password", db.password())
        .addArgumentValue("changelogFile", changelog);
  }

  private String output(CommandScope command) throws LiquibaseException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    command.setOutput(out).execute();
    return out.toString(StandardCharsets.UTF_8);
  }

  private void update(String changelog) throws LiquibaseException {
    output(command("update", changelog));
  }

  private DurableMigration durable() {
    return DurableMigration.on(db.dataSource());
  }

  @Test
  void theVersionUnderTest() {
    assertThat(LiquibaseUtil.getBuildVersion())
        .isEqualTo(System.getProperty("liquibase.version.expected"));
  }

  @Test
  void aFreshDatabase() throws LiquibaseException {
    update(APPLICATION);
    assertThat(durable().migratedVersion()).isEqualTo(NEWEST);
    assertThat(durable().checksumMismatches()).isEmpty();
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(NEWEST));
  }

  @Test
  void anUpgradeAmongChangesOfTheHostInTheirOrder() throws LiquibaseException {
    output(command("updateCount", APPLICATION).addArgumentValue("count", 2));
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(FIRST));
    update(APPLICATION);
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(NEWEST));
    update(APPLICATION);
    assertThat(db.rows("select id from databasechangelog order by orderexecuted"))
        .containsExactly(
            "1-orders", "2-add-durable", "3-orders-know-their-execution", "4-upgrade-durable");
  }

  @Test
  void aDryRunShowsTheSqlThatLeadsToTheSameTables() throws LiquibaseException {
    String sql = output(command("updateSql", APPLICATION));
    assertThat(sql)
        .contains(DurableMigration.script("durable").to(FIRST).upStatements())
        .contains(DurableMigration.script("durable").from(FIRST).to(NEWEST).upStatements());
    assertThat(db.catalogue("durable")).isEmpty();

    db.script("begin;\n" + sql + "\ncommit;");
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(NEWEST));
    assertThat(output(command("status", APPLICATION))).contains("up to date");
  }

  @Test
  void rollbackReturnsStepByStep() throws LiquibaseException {
    update(APPLICATION);
    CommandScope dryRun = command("rollbackCountSql", APPLICATION).addArgumentValue("count", 1);
    assertThat(output(dryRun))
        .contains(DurableMigration.script("durable").from(FIRST).to(NEWEST).downStatements());

    output(command("rollbackCount", APPLICATION).addArgumentValue("count", 1));
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(FIRST));
    output(command("rollbackCount", APPLICATION).addArgumentValue("count", 2));
    assertThat(db.rows("select 1 from pg_namespace where nspname = 'durable'")).isEmpty();
    assertThat(db.rows("select to_regclass('orders')::text")).containsExactly("orders");

    update(APPLICATION);
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(NEWEST));
  }

  @Test
  void anyPrefix() throws LiquibaseException {
    update("db/changelog/prefixes.xml");
    for (String prefix : List.of("My-App \"x\"", "what? it's; $durable$ :x -- /*")) {
      assertThat(db.catalogue(prefix)).isEqualTo(TestDatabase.expected(NEWEST));
    }
    output(command("rollbackCount", "db/changelog/prefixes.xml").addArgumentValue("count", 2));
    assertThat(db.rows("select nspname from pg_namespace where nspname ~ 'App|what'")).isEmpty();
  }

  @Test
  void aFailureLeavesNothing() {
    db.script("create schema durable; create table durable.scheduled_workflows (mine int)");
    List<String> before = db.catalogue("durable");
    assertThatExceptionOfType(CommandExecutionException.class)
        .isThrownBy(() -> update(APPLICATION))
        .withStackTraceContaining("\"scheduled_workflows\" already exists");
    assertThat(db.catalogue("durable")).isEqualTo(before);
    assertThat(db.rows("select id from databasechangelog")).containsExactly("1-orders");
  }

  @Test
  void aDatabaseOfAnotherVersionIsRefused() {
    durable().up();
    assertThatExceptionOfType(CommandExecutionException.class)
        .isThrownBy(() -> update(APPLICATION))
        .withStackTraceContaining(
            "is at version " + NEWEST + "; this script starts from version 0");
    assertThat(db.catalogue("durable")).isEqualTo(TestDatabase.expected(NEWEST));
  }

  @Test
  void aWrongParameterIsReportedBeforeAnythingRuns() {
    assertThatExceptionOfType(CommandExecutionException.class)
        .isThrownBy(() -> update("db/changelog/wrong.xml"))
        .withStackTraceContaining("must be one of the versions");

    DurableChange backwards = new DurableChange();
    backwards.setFrom(String.valueOf(NEWEST));
    backwards.setTo(String.valueOf(FIRST));
    assertThat(backwards.validate(null).getErrorMessages())
        .singleElement()
        .asString()
        .contains(FIRST + "", NEWEST + "");

    DurableChange unknown = new DurableChange();
    unknown.setTo("1");
    assertThat(unknown.validate(null).getErrorMessages())
        .singleElement()
        .asString()
        .contains("Unknown migration version 1", FIRST + "");

    DurableChange badPrefix = new DurableChange();
    badPrefix.setPrefix("");
    badPrefix.setTo(String.valueOf(FIRST));
    assertThat(badPrefix.validate(null).getErrorMessages()).hasSize(1);
  }

  @Test
  void saysWhatItDid() {
    DurableChange change = new DurableChange();
    change.setTo(String.valueOf(FIRST));
    assertThat(change.getConfirmationMessage()).contains("\"durable\"", "from 0 to " + FIRST);
  }
}
