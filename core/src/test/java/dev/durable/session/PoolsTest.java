package dev.durable.session;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.session.Pool.Defaults;
import dev.durable.session.Pool.Isolation;
import dev.durable.testing.Proves;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The application's pool, which it uses for its own work at the same time. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("newest")
class PoolsTest {

  private static final int LEAST_INSERTS = 200;
  private static TestDatabase db;
  private static List<String> expected;

  record Case(Pool pool, Defaults defaults) {
    String name() {
      return toString().replaceAll("[^A-Za-z]+", "_");
    }

    @Override
    public String toString() {
      return pool
          + " auto-commit: %s, read-only: %s, isolation: %s"
              .formatted(defaults.autoCommit(), defaults.readOnly(), defaults.isolation());
    }
  }

  static List<Case> cases() {
    return Stream.of(Pool.values())
        .flatMap(
            pool ->
                Stream.of(
                        Defaults.NONE,
                        new Defaults(true, null, null),
                        new Defaults(false, null, null),
                        new Defaults(null, true, null),
                        new Defaults(false, true, null),
                        new Defaults(null, null, Isolation.TRANSACTION_REPEATABLE_READ),
                        new Defaults(false, null, Isolation.TRANSACTION_SERIALIZABLE))
                    .map(defaults -> new Case(pool, defaults)))
        .toList();
  }

  @BeforeAll
  static void begin() {
    db = TestDatabase.migrated();
    BroadStory.prepare(db);
    db.script("create table public.of_the_application (pool text not null, number int not null)");
    BroadStory story = new BroadStory(db, "plain", ofMillis(20));
    expected = story.tell(db.dataSource(), db.dataSource(), null);
  }

  @AfterAll
  static void end() {
    db.close();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  @Proves({"F3.2", "F3.1"})
  @DisplayName(
      "A connection comes back to its pool as it was lent, and no insert of the "
          + "application is lost")
  void connectionsComeBackAsTheyWereLent(Case tried) throws Exception {
    Sessions sessions = Sessions.of(db);
    BroadStory story = new BroadStory(db, tried.name(), ofMillis(20));
    List<String> outcome = new ArrayList<>();
    int inserted;
    try (Pool.Open one = tried.pool.open(sessions, tried.defaults);
        Pool.Open other = tried.pool.open(sessions, tried.defaults)) {
      Map<Integer, SessionState> ofOne = SessionState.of(one.dataSource());
      Map<Integer, SessionState> ofOther = SessionState.of(other.dataSource());
      Loans loansOfOne = new Loans(one.dataSource());
      Loans loansOfOther = new Loans(other.dataSource());
      Application application = new Application(one.dataSource(), tried);
      CompletableFuture<Integer> inserts = CompletableFuture.supplyAsync(application::work);
      try {
        outcome.addAll(story.tell(loansOfOne.dataSource(), loansOfOther.dataSource(), null));
      } finally {
        application.over.set(true);
      }
      inserted = inserts.get(30, TimeUnit.SECONDS);
      outcome.addAll(story.violations());
      outcome.addAll(loansOfOne.changes());
      outcome.addAll(loansOfOther.changes());
      outcome.addAll(SessionState.changes(ofOne, SessionState.of(one.dataSource())));
      outcome.addAll(SessionState.changes(ofOther, SessionState.of(other.dataSource())));
    }
    assertThat(BroadStory.differences(expected, outcome)).isEmpty();
    assertThat(db.number("select count(*) from of_the_application where pool = ?", tried.name()))
        .isEqualTo(inserted);
  }

  /** Inserts row after row, each on a connection of its own, and relies on the pool's defaults. */
  private static final class Application {

    private final DataSource pool;
    private final Case tried;
    private final AtomicBoolean over = new AtomicBoolean();

    Application(DataSource pool, Case tried) {
      this.pool = pool;
      this.tried = tried;
    }

    int work() {
      int number = 0;
      while (!over.get() || number < LEAST_INSERTS) {
        insert(number);
        number++;
      }
      return number;
    }

    private void insert(int number) {
      boolean readOnly = Boolean.TRUE.equals(tried.defaults.readOnly());
      try (Connection connection = pool.getConnection()) {
        if (readOnly) {
          connection.setReadOnly(false);
        }
        try (PreparedStatement insert =
            connection.prepareStatement("insert into public.of_the_application values (?, ?)")) {
          insert.setString(1, tried.name());
          insert.setInt(2, number);
          insert.executeUpdate();
        }
        if (!tried.defaults.commitsByItself()) {
          connection.commit();
        }
        if (readOnly) {
          connection.setReadOnly(true);
        }
      } catch (SQLException failure) {
        throw new IllegalStateException("insert " + number, failure);
      }
    }
  }
}
