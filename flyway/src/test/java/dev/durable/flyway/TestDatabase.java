package dev.durable.flyway;

import dev.durable.embedded.EmbeddedPostgres;
import dev.durable.migration.DurableMigration;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** An empty database of its own, on one server for all tests. */
final class TestDatabase {

  private static final EmbeddedPostgres SERVER = EmbeddedPostgres.temporary();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private final DataSource dataSource = SERVER.createDatabase("empty_" + NUMBER.incrementAndGet());

  DataSource dataSource() {
    return dataSource;
  }

  /** The first column of every row. */
  List<String> rows(String sql, Object... parameters) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      List<String> rows = new ArrayList<>();
      try (ResultSet result = statement.executeQuery()) {
        while (result.next()) {
          rows.add(result.getString(1));
        }
      }
      return rows;
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  void script(String sql) {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    } catch (SQLException failure) {
      throw new IllegalStateException(sql, failure);
    }
  }

  /** What is in a schema, without its name. */
  List<String> catalogue(String prefix) {
    try (InputStream in =
        TestDatabase.class.getResourceAsStream("/dev/durable/testing/catalogue.sql")) {
      return rows(new String(in.readAllBytes(), StandardCharsets.UTF_8), prefix);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** What the Java API makes of an empty database. */
  static List<String> expected(long version) {
    TestDatabase byApi = new TestDatabase();
    DurableMigration.on(byApi.dataSource).to(version).up();
    return byApi.catalogue(DurableMigration.DEFAULT_PREFIX);
  }
}
