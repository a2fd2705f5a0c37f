package dev.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.durable.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WriterConnectionTest {

  private static final String SETTINGS =
      "select current_setting('enable_seqscan') || ' ' || current_setting('plan_cache_mode')"
          + " || ' ' || current_setting('statement_timeout')";

  private static TestDatabase database;

  @BeforeAll
  static void open() {
    database = TestDatabase.migrated();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @ParameterizedTest
  @CsvSource({"0, 3s", "1min, 3s", "1500ms, 1500ms"})
  void theServerLimitsStatementsUnlessTheUserDoesSoMoreTightly(String users, String inUse)
      throws SQLException {
    try (HikariDataSource pool = database.newPool(1)) {
      set(pool, users);
      Database hasty = new Database(pool).within(Duration.ofSeconds(9));
      try (WriterConnection writer = WriterConnection.open(hasty)) {
        assertThat(settings(writer.jdbc())).isEqualTo("off force_generic_plan " + inUse);
      }
      try (Connection after = pool.getConnection()) {
        assertThat(settings(after)).isEqualTo("on auto " + users);
      }
    }
  }

  @Test
  void whoWaitsForAsLongAsItTakesLimitsNothing() throws SQLException {
    try (HikariDataSource pool = database.newPool(1);
        WriterConnection writer = WriterConnection.open(new Database(pool))) {
      assertThat(settings(writer.jdbc())).isEqualTo("off force_generic_plan 0");
    }
  }

  private static void set(HikariDataSource pool, String timeout) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("set statement_timeout = '" + timeout + "'");
    }
  }

  private static String settings(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(SETTINGS)) {
      row.next();
      return row.getString(1);
    }
  }
}
