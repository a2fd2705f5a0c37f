package dev.durable.session;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;

import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * The driver forgets what it has prepared when it hears of another search_path, which servers of
 * version 18 and newer tell it between two round trips: then each statement is planned again.
 */
class PreparedStatementsTest {

  @Test
  @DisplayName("Nothing that the engine does makes the driver forget its prepared statements")
  void nothingIsForgotten() throws SQLException {
    try (TestDatabase db = TestDatabase.migrated();
        Pool.Open pool = Pool.HIKARI.open(Sessions.of(db), Pool.Defaults.NONE)) {
      BroadStory.prepare(db);
      DataSource sessions = pool.dataSource();
      new BroadStory(db, "one", ofMillis(20)).tell(sessions, sessions, null);
      Set<String> prepared = prepared(sessions);
      new BroadStory(db, "two", ofMillis(20)).tell(sessions, sessions, null);
      assertThat(prepared).as("of the claim").anyMatch(each -> each.contains("grant_times"));
      assertThat(prepared(sessions)).containsAll(prepared);
    }
  }

  /** The session, the name and the text of each. */
  private static Set<String> prepared(DataSource pool) throws SQLException {
    Set<String> prepared = new HashSet<>();
    SessionState.ofEach(pool, PreparedStatementsTest::names)
        .forEach((session, names) -> names.forEach(name -> prepared.add(session + " " + name)));
    return prepared;
  }

  private static List<String> names(Connection connection) throws SQLException {
    List<String> names = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select name, statement from pg_prepared_statements")) {
      while (rows.next()) {
        names.add(rows.getString(1) + " " + rows.getString(2));
      }
    }
    return names;
  }
}
