package dev.durable.benchmarks.driver;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/**
 * A database to work in.
 *
 * @param url the JDBC URL
 * @param user the superuser
 * @param password the password
 */
public record Target(String url, String user, String password) {

  /** The number of connections of every driver. */
  public static final int POOL = 10;

  /** A connection of its own. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url, user, password);
  }

  /** A HikariCP pool with that many connections and otherwise default settings. */
  public HikariDataSource pool(int connections) {
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(user);
    config.setPassword(password);
    config.setMaximumPoolSize(connections);
    return new HikariDataSource(config);
  }

  /** Keeps the password out of logs. */
  @Override
  public String toString() {
    return url;
  }
}
