package dev.durable.session;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.session.Setting.Way;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Objects that others have made, where sessions look for functions and operators. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileSchemaTest {

  private static final Pattern CALL = Pattern.compile("\\b([a-z_][a-z0-9_]*)\\s*\\(");

  /** Where they are, and how sessions look for things. */
  @SuppressWarnings("ImmutableEnumChecker")
  enum Place {
    /** Seen by every session of a database from before PostgreSQL 15, behind {@code pg_catalog}. */
    IN_PUBLIC("public", "\"$user\", public"),
    /** Behind {@code pg_catalog} as well, which comes first where it is not named. */
    IN_THE_FIRST_SCHEMA("hostile", "hostile, public"),
    /** In front of {@code pg_catalog}: takes even what is called with exactly the right types. */
    BEFORE_PG_CATALOG("hostile", "hostile, pg_catalog"),
    /** The same to PostgreSQL. */
    BEFORE_IT_IN_CAPITALS("hostile", "hostile,PG_Catalog");

    private final String schema;
    private final String path;

    Place(String schema, String path) {
      this.schema = schema;
      this.path = path;
    }
  }

  @ParameterizedTest
  @EnumSource
  @Proves("F3.5")
  @DisplayName("Hostile functions and operators on the search_path are never called")
  void hostileObjectsAreNeverCalled(Place place) throws Exception {
    try (TestDatabase db = TestDatabase.migrated()) {
      lookNowhereElse(db);
      BroadStory.prepare(db);
      Loans plain = new Loans(db.dataSource());
      BroadStory story = new BroadStory(db, "plain", ofMillis(20));
      List<String> expected = story.tell(plain.dataSource(), plain.dataSource(), null);

      HostileObjects hostile = HostileObjects.in(db, place.schema, functions(db, plain));
      Sessions sessions =
          Sessions.of(db, List.of(new Setting("search_path", place.path)), Way.OPTIONS, "");
      BroadStory again = new BroadStory(db, "again", ofMillis(20));
      List<String> outcome = new ArrayList<>();
      try (Pool.Open one = Pool.HIKARI.open(sessions, Pool.Defaults.NONE);
          Pool.Open other = Pool.HIKARI.open(sessions, Pool.Defaults.NONE)) {
        outcome.addAll(again.tell(one.dataSource(), other.dataSource(), null));
      } catch (AssertionError failure) {
        outcome.add(failure.getMessage());
      }
      assertThat(hostile.called()).as("called; " + outcome.getLast()).isEmpty();
      assertThat(BroadStory.differences(expected, outcome)).isEmpty();
    }
  }

  /** What the test itself asks is not to be counted. */
  private static void lookNowhereElse(TestDatabase db) {
    String name = db.rows("select current_database()").getFirst();
    db.script("alter database " + name + " set search_path = pg_catalog");
    db.renewConnections();
    assertThat(db.rows("show search_path")).containsExactly("pg_catalog");
  }

  /** The functions of PostgreSQL that the engine's statements, and functions of its own, call. */
  private static List<String> functions(TestDatabase db, Loans recorded) {
    TreeSet<String> names = new TreeSet<>();
    Stream.concat(
            recorded.texts().stream(),
            db
                .rows("select prosrc from pg_proc where pronamespace = 'durable'::regnamespace")
                .stream())
        .forEach(
            text -> {
              Matcher call = CALL.matcher(text);
              while (call.find()) {
                names.add(call.group(1));
              }
            });
    names.retainAll(
        db.rows("select proname from pg_proc where pronamespace = 'pg_catalog'::regnamespace"));
    return List.copyOf(names);
  }
}
