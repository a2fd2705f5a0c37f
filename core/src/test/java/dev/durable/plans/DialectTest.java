package dev.durable.plans;

import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.internal.store.Statements;
import dev.durable.internal.store.jdbc.Schema;
import dev.durable.internal.store.jdbc.StatementTemplate;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * All statements of the engine are of one dialect, which plain PostgreSQL and Citus both route to
 * where the tables are, and which nothing on the search_path can change the meaning of.
 */
class DialectTest {

  private static final Schema SQL = new Schema("durable");
  private static final Pattern LOOSE = Pattern.compile("\\?(?!::)");

  /** What does not keep to the dialect yet, and why. A line that is no longer needed fails. */
  private static final Map<String, String> EXCEPTIONS =
      new TreeMap<>(
          Map.of(
              "LimitStore.COUNT_EPOCH",
                  "limits are enforced when no start or claim that has not seen them is under way",
              "LimitStore.LOCK", "and when no worker registers that would not see them",
              "WorkerStore.BEAT", "a death is declared only when no start or claim is under way",
              "WorkerStore.RETIRE",
                  "it waits for starts and claims under way, which share the key"));

  private static final List<String> NOT_REGISTERED =
      List.of(
          "EndingSql.java",
          "LaneSql.java",
          "LimitSql.java",
          "RevivalSql.java",
          "ScheduleSql.java",
          "SignalSql.java",
          "TurnSql.java");

  private static TestDatabase database;
  private static ParseTree plain;
  private static ParseTree hostile;

  @BeforeAll
  static void open() throws SQLException {
    database = TestDatabase.migrated();
    plain = new ParseTree(database, "pg_catalog");
    HostileObjects.create(database);
    hostile = new ParseTree(database, "public");
  }

  @AfterAll
  static void close() throws SQLException {
    plain.close();
    hostile.close();
    database.close();
  }

  @Test
  @Proves({"F3.5", "F11.4"})
  @DisplayName("Every statement keeps to the dialect")
  void dialect() throws SQLException {
    Map<String, List<String>> findings = new TreeMap<>();
    for (StatementTemplate template : Statements.all()) {
      List<String> found = findings(template);
      if (!found.isEmpty()) {
        findings.put(template.name(), found);
      }
    }
    Map<String, List<String>> unexpected = new TreeMap<>(findings);
    unexpected.keySet().removeAll(EXCEPTIONS.keySet());
    assertThat(unexpected).isEmpty();
    Set<String> stale = new TreeSet<>(EXCEPTIONS.keySet());
    stale.removeAll(findings.keySet());
    assertThat(stale).as("exceptions that are no longer needed").isEmpty();
  }

  @Test
  @DisplayName("The registry names each statement once")
  void names() {
    assertThat(Statements.all().stream().map(StatementTemplate::name)).doesNotHaveDuplicates();
  }

  @Test
  @Proves("D8")
  @DisplayName("Only Pipeline prepares and sends statements")
  void preparedInOnePlace() throws IOException {
    // The check at the start also looks at servers that take no writes: no frame opens there.
    assertThat(sources(text -> text.contains(".prepareStatement(")))
        .containsExactlyInAnyOrder("RoundTrip.java", "StartCheck.java");
  }

  @Test
  @DisplayName("Every class with statements registers them")
  void registered() throws IOException {
    assertThat(
            sources(
                text ->
                    text.contains("${schema}.")
                        && text.contains("\"\"\"\n")
                        && !text.contains("> STATEMENTS =")))
        .containsExactlyInAnyOrderElementsOf(NOT_REGISTERED);
  }

  private static List<String> sources(Predicate<String> matching) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/main/java/dev/durable/internal/store"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> matching.test(read(file)))
          .map(file -> file.getFileName().toString())
          .toList();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  @Test
  @DisplayName("The test reports every kind of violation")
  void offencesAreNoticed() throws SQLException {
    assertThat(findings(of("select 1 from ${schema}.queues where first_seen_at < now()")))
        .anyMatch(found -> found.startsWith("D1"));
    assertThat(findings(of("select 1 from ${schema}.queues where name = ?::uuid::name::text")))
        .isEmpty();
    assertThat(
            findings(
                of("select 1 from ${schema}.queues where first_seen_at < (name)::timestamptz")))
        .anyMatch(found -> found.startsWith("D1"));
    assertThat(
            findings(
                of(
                    "with i as (insert into ${schema}.queues select name, first_seen_at from"
                        + " ${schema}.queues returning name) select name from i")))
        .anyMatch(found -> found.startsWith("D2"));
    assertThat(
            findings(
                of(
                    "insert into ${schema}.queues select n.n, ?::timestamptz"
                        + " from (select pg_catalog.unnest(?::text[]) as n) n")))
        .anyMatch(found -> found.startsWith("D3"));
    assertThat(findings(of("select 1 from ${schema}.queues, pg_catalog.pg_class")))
        .anyMatch(found -> found.startsWith("D5"));
    assertThat(findings(of("select count(name) from ${schema}.queues")))
        .as("a hostile count(text)")
        .anyMatch(found -> found.startsWith("F3.5"));
    assertThat(findings(of("select 'q' || version from ${schema}.workflow_definitions")))
        .as("a hostile ||(text, int)")
        .anyMatch(found -> found.startsWith("F3.5"));
    assertThat(findings(of("select 1 from ${schema}.queues where name = ?")))
        .anyMatch(found -> found.startsWith("F3.5"));
    assertThat(findings(of("select 1 from ${schema}.queues for update")))
        .anyMatch(found -> found.startsWith("F11.4"));
  }

  private static StatementTemplate of(String text) {
    return new StatementTemplate("test", text);
  }

  private static List<String> findings(StatementTemplate template) throws SQLException {
    String sql = SQL.of(template);
    List<String> found = new ArrayList<>(byText(template.text()));
    ParseTree.Called called = plain.of(sql);
    if (!called.relations().isEmpty()) {
      called.functions().stream()
          .filter(function -> !function.endsWith(":i"))
          .forEach(function -> found.add("D1 not immutable: " + function));
    }
    called.relations().stream()
        .filter(relation -> !relation.startsWith("durable."))
        .forEach(relation -> found.add("D5 of another schema: " + relation));
    captured(sql).forEach(name -> found.add("F3.5 a hostile object is called: " + name));
    return found;
  }

  private static List<String> captured(String sql) {
    try {
      ParseTree.Called called = hostile.of(sql);
      return Stream.concat(called.functions().stream(), called.operators().stream())
          .filter(name -> !name.startsWith("pg_catalog."))
          .toList();
    } catch (SQLException misunderstood) {
      return List.of(String.valueOf(misunderstood.getMessage()));
    }
  }

  private static List<String> byText(String text) {
    List<String> found = new ArrayList<>();
    String words = text.replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    if (words.matches(".*\\bas (materialized |not materialized )?\\( ?insert .*")) {
      found.add("D2 an insert inside of WITH");
    }
    if (words.contains("insert into")
        && !words.contains(" values (")
        && !words.matches(".* (from|join) \\$\\{schema}\\..*")) {
      found.add("D3 an insert that reads no table");
    }
    if (words.contains(";")) {
      found.add("D8 more than one statement");
    }
    if (words.matches(".*\\b(merge into|create temp|declare cursor).*")) {
      found.add("D11 merge, temporary table or cursor");
    }
    if (words.matches(".*\\bfor update\\b.*")) {
      found.add("F11.4 a lock that foreign keys of others block");
    }
    if (words.contains("${now}")) {
      found.add("D1 ${now}");
    }
    if (LOOSE.matcher(text).find()) {
      found.add("F3.5 a parameter without a cast");
    }
    return found;
  }
}
