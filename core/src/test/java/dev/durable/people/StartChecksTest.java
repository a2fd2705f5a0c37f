package dev.durable.people;

import static dev.durable.testing.DurableFixture.SOON;
import static java.util.Comparator.naturalOrder;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.durable.Durable;
import dev.durable.DurableBuilder;
import dev.durable.DurableException;
import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.migration.DurableMigration;
import dev.durable.testing.DatabaseExtension;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import dev.durable.workflow.Workflow;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.slf4j.LoggerFactory;

@ExtendWith(DatabaseExtension.class)
@DisplayName("Checks of build() and startWorker() before they write anything")
class StartChecksTest {

  private final TestDatabase db;
  private final Workflow<String, String> flow =
      Workflow.define("checked", String.class).step("one", text -> text + "!").build();

  StartChecksTest(TestDatabase db) {
    this.db = db;
  }

  private DurableBuilder on(DataSource dataSource) {
    return Durable.on(dataSource).register(flow).worker(w -> w.name("start-checks"));
  }

  /** Both ways in refuse, and leave neither a row nor a thread behind. */
  private void refused(DataSource dataSource, String... words) {
    db.script(
        "truncate durable.workers, durable.workflow_definitions, durable.queues, durable.queue_keys");
    assertThatThrownBy(() -> on(dataSource).startWorker().close())
        .isInstanceOf(DurableException.class)
        .hasMessageContainingAll(words);
    assertThatThrownBy(() -> on(dataSource).build().close())
        .isInstanceOf(DurableException.class)
        .hasMessageContainingAll(words);
    assertThat(db.rows("select name from durable.workers")).isEmpty();
    assertThat(db.rows("select name from durable.workflow_definitions")).isEmpty();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .noneMatch(name -> name.startsWith("start-checks"));
  }

  private void works(DataSource dataSource) {
    try (Durable durable = on(dataSource).startWorker()) {
      assertThat(durable.start(flow, "a").result(SOON)).isEqualTo("a!");
    }
  }

  @Test
  @Proves("F1.9")
  @DisplayName("preferQueryMode=simple is refused, by name")
  void simpleQueryMode() {
    refused(Roles.with(db, "preferQueryMode=simple"), "preferQueryMode", "simple");
  }

  @Test
  @Proves("F1.9")
  @DisplayName("prepareThreshold=-1, with which the driver misreads answers, is refused by name")
  void forcedBinary() {
    refused(Roles.with(db, "prepareThreshold=-1"), "prepareThreshold=-1");
  }

  @Test
  @Proves("F3.5")
  @DisplayName("A type named text before pg_catalog's does not disturb the checks")
  void hostileTypes() {
    db.script("create schema evil; create domain evil.text as pg_catalog.text check (false)");
    works(Roles.with(db, "options=-c%20search_path=evil,pg_catalog"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"extended", "extendedForPrepared", "extendedCacheEverything"})
  @Proves("F1.9")
  @DisplayName("Every other query mode works")
  void otherQueryModes(String mode) {
    works(Roles.with(db, "preferQueryMode=" + mode));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar-EG", "fa-IR", "my-MM", "tr-TR", "th-TH-u-nu-thai"})
  @Proves("F3.3")
  @DisplayName("A JVM whose locale has other digits or letters migrates and works")
  void locales(String locale) throws SQLException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag(locale));
    try (TestDatabase empty = TestDatabase.empty();
        Connection connection = empty.newConnection()) {
      DurableMigration.on(connection).log(System.Logger.Level.OFF).up();
      works(empty.dataSource());
      DurableMigration.on(connection).log(System.Logger.Level.OFF).down();
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  @Proves("F1.9")
  @DisplayName("Behind a pooler, prepareThreshold=0 is named")
  void poolerIsTold() {
    assertThat(warnings(behindPooler(Roles.with(db, "prepareThreshold=5"))))
        .singleElement()
        .asString()
        .contains("prepareThreshold=0", "pooler");
  }

  @Test
  @Proves("F1.9")
  @DisplayName("With prepareThreshold=0, or without a pooler, there is nothing to say")
  void nothingToSay() {
    assertThat(warnings(behindPooler(Roles.with(db, "prepareThreshold=0")))).isEmpty();
    assertThat(warnings(db.dataSource())).isEmpty();
  }

  @Nested
  @Proves("F3.6")
  @DisplayName("Rights")
  class Rights {

    private final List<String> all =
        db.rows(
            """
            select table_name || ' ' || privilege_type
            from information_schema.role_table_grants
            where table_schema = 'durable' and grantee = current_user
              and privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
            order by 1
            """);

    @Test
    @DisplayName("Missing rights are listed as the GRANT statements that fix it")
    void grantsCanBePasted() {
      String role = Roles.create(db);
      DataSource dataSource = Roles.as(db, role);
      refused(
          dataSource,
          "grant usage on schema \"durable\" to \"" + role + "\"",
          "on \"durable\".\"wait_groups\"",
          "on \"durable\".\"durable_schema_migrations\"");
      String message = "";
      try {
        on(dataSource).startWorker().close();
      } catch (DurableException refused) {
        message = refused.getMessage();
      }
      message.lines().map(String::strip).filter(l -> l.startsWith("grant ")).forEach(db::script);
      works(dataSource);
      db.script("drop owned by " + role);
    }

    @Test
    @DisplayName("Each right on each table counts, if a statement needs it")
    void eachRightCounts() {
      String role = Roles.create(db);
      DataSource dataSource = Roles.as(db, role);
      db.script("grant usage on schema durable to " + role);
      db.script("grant select, insert, update, delete on all tables in schema durable to " + role);
      works(dataSource);
      List<String> needed = new ArrayList<>();
      for (String each : all) {
        String table = each.split(" ", -1)[0];
        String right = each.split(" ", -1)[1];
        db.script("revoke " + right + " on durable." + table + " from " + role);
        try (Durable client = on(dataSource).build()) {
          assertThat(client.executions(q -> {}).items()).isNotNull();
        } catch (DurableException refused) {
          assertThat(refused).hasMessageContainingAll(table, right.toLowerCase(Locale.ROOT));
          needed.add(each);
        }
        db.script("grant " + right + " on durable." + table + " to " + role);
      }
      assertThat(needed)
          .contains(
              "workflow_executions INSERT",
              "workflow_executions UPDATE",
              "step_executions INSERT",
              "step_executions UPDATE",
              "step_executions DELETE",
              "wait_groups SELECT",
              "wait_groups INSERT",
              "wait_groups DELETE",
              "pending_events SELECT",
              "pending_events INSERT",
              "pending_events UPDATE",
              "pending_inputs INSERT",
              "pending_inputs UPDATE",
              "workers INSERT",
              "workers UPDATE",
              "durable_schema_migrations SELECT");
      db.script("drop owned by " + role);
    }

    @Test
    @DisplayName("Without rights on the newest tables nothing starts")
    void newestTables() {
      String role = Roles.create(db);
      db.script("grant usage on schema durable to " + role);
      db.script("grant select, insert, update, delete on all tables in schema durable to " + role);
      db.script("revoke all on durable.wait_groups, durable.pending_events from " + role);
      refused(Roles.as(db, role), "wait_groups", "pending_events", "grant ", role);
      db.script("drop owned by " + role);
    }

    @Test
    @DisplayName("A role that may only read gets a client that reads")
    void readers() {
      String role = Roles.create(db);
      db.script("grant usage on schema durable to " + role);
      db.script("grant select on all tables in schema durable to " + role);
      try (Durable client = Durable.on(Roles.as(db, role)).build()) {
        assertThatCode(() -> client.executions(q -> {})).doesNotThrowAnyException();
      }
      db.script("drop owned by " + role);
    }

    @Test
    @DisplayName("Schemas and roles with odd names get GRANT statements that work")
    void oddNames() {
      String prefix = "My \"App\" x'y\\z";
      DurableMigration.on(db.dataSource()).prefix(prefix).log(System.Logger.Level.OFF).up();
      db.script("create role \"Odd \"\"role\" login password 'secret'");
      DataSource dataSource = Roles.dataSource(db.url(), "Odd \"role", "secret");
      String message = "";
      try {
        on(dataSource).prefix(prefix).startWorker().close();
      } catch (DurableException refused) {
        message = refused.getMessage();
      }
      message.lines().map(String::strip).filter(l -> l.startsWith("grant ")).forEach(db::script);
      try (Durable durable = on(dataSource).prefix(prefix).startWorker()) {
        assertThat(durable.start(flow, "a").result(SOON)).isEqualTo("a!");
      }
      db.script("drop owned by \"Odd \"\"role\"; drop role \"Odd \"\"role\"");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"LATIN1", "SQL_ASCII", "LATIN9", "EUC_JP"})
  @Proves("F3.9")
  @DisplayName("A database whose encoding is not UTF8 is refused, before it is migrated, too")
  void encodings(String encoding) {
    String name = "encoded_" + encoding.toLowerCase(Locale.ROOT);
    db.script(
        "create database %s template template0 encoding '%s' lc_collate 'C' lc_ctype 'C'"
            .formatted(name, encoding));
    DataSource dataSource =
        Roles.dataSource(db.url().replaceAll("/[^/]*$", "/" + name), db.user(), db.password());
    assertThatThrownBy(() -> on(dataSource).migrate(true).startWorker().close())
        .isInstanceOf(DurableException.class)
        .hasMessageContainingAll("encoding", encoding, "UTF8");
    assertThat(DurableMigration.on(dataSource).migratedVersions()).isEmpty();
    DurableMigration.on(dataSource).log(System.Logger.Level.OFF).up();
    refused(dataSource, "encoding", encoding, "UTF8");
  }

  @Test
  @Proves("F3.8")
  @DisplayName("A server in recovery is refused, saying so")
  void standby(@TempDir Path folder) throws Exception {
    try (EmbeddedPostgres primary =
        EmbeddedPostgres.builder().durable(false).dataDir(folder).start()) {
      DurableMigration.on(primary.dataSource()).log(System.Logger.Level.OFF).up();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      Path data = files.filter(f -> f.endsWith("PG_VERSION")).min(naturalOrder()).orElseThrow();
      Files.createFile(data.resolveSibling("standby.signal"));
    }
    try (EmbeddedPostgres standby =
        EmbeddedPostgres.builder().durable(false).dataDir(folder).start()) {
      for (boolean migrate : List.of(true, false)) {
        assertThatThrownBy(() -> on(standby.dataSource()).migrate(migrate).startWorker().close())
            .isInstanceOf(DurableException.class)
            .hasMessageContainingAll("standby", "primary");
      }
    }
  }

  @Test
  @Proves("F3.1")
  @DisplayName("The connection goes back to its pool as it was found")
  void connectionAsFound() throws SQLException {
    try (Connection kept = db.newConnection()) {
      kept.setAutoCommit(false);
      DataSource one = Proxies.source(Proxies.unclosed(kept));
      on(one).build().close();
      assertThat(kept.getAutoCommit()).isFalse();
      try (Statement statement = kept.createStatement()) {
        // Refused if a transaction were still open.
        statement.execute("set transaction isolation level serializable");
      }
    }
  }

  /** What the driver was told when it connected is not the backend that it talks to. */
  private static DataSource behindPooler(DataSource dataSource) {
    return Proxies.of(
        DataSource.class,
        (name, args, call) ->
            name.equals("getConnection") ? pooled(dataSource.getConnection()) : null);
  }

  private static Connection pooled(Connection connection) {
    return Proxies.of(
        Connection.class,
        (name, args, call) -> {
          if (name.equals("unwrap") && args[0] == PGConnection.class) {
            PGConnection driver = connection.unwrap(PGConnection.class);
            return Proxies.of(
                PGConnection.class,
                (driverName, driverArgs, driverCall) ->
                    driverName.equals("getBackendPID") ? -1 : driverCall.on(driver));
          }
          return call.on(connection);
        });
  }

  private List<String> warnings(DataSource dataSource) {
    Logger logger = (Logger) LoggerFactory.getLogger("dev.durable");
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Level level = logger.getLevel();
    logger.setLevel(Level.WARN);
    logger.addAppender(log);
    try {
      on(dataSource).worker(w -> w.notifications(false)).build().close();
      return log.list.stream()
          .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
          .map(ILoggingEvent::getFormattedMessage)
          .toList();
    } finally {
      logger.detachAppender(log);
      logger.setLevel(level);
    }
  }
}
