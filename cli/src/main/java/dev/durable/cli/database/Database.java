package dev.durable.cli.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A database and the user who connects to it. Its text never contains the password.
 *
 * @param url {@code jdbc:postgresql://host/database}, with any parameters of pgjdbc
 * @param user takes precedence over the URL; null for the user of the URL, else of the operating
 *     system
 * @param password takes precedence over the URL; null for the password of the URL, else of the
 *     password file
 */
public record Database(String url, @Nullable String user, @Nullable String password) {

  private static final String SCHEME = "jdbc:postgresql:";

  /**
   * Checks the URL.
   *
   * @throws IllegalArgumentException if the URL is not one of PostgreSQL's; the message does not
   *     repeat the URL, which may contain a password
   */
  public Database {
    parse(url);
  }

  /** Whether the URL itself names a user. */
  public static boolean namesUser(String url) {
    return parse(url).getProperty("user") != null;
  }

  /** The URL without its parameters, for messages. */
  public String label() {
    int parameters = url.indexOf('?');
    return parameters < 0 ? url : url.substring(0, parameters);
  }

  /**
   * Opens a connection.
   *
   * @throws NoConnectionException if the database cannot be reached or rejects the user
   */
  public Connection connect() {
    try {
      return dataSource().getConnection();
    } catch (SQLException refused) {
      throw new NoConnectionException(label(), refused);
    }
  }

  /** A source of connections without a pool. */
  public DataSource dataSource() {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(url);
    if (user != null) {
      dataSource.setUser(user);
    }
    if (password != null) {
      dataSource.setPassword(password);
    }
    dataSource.setApplicationName("durable");
    return dataSource;
  }

  @Override
  public String toString() {
    return label();
  }

  private static Properties parse(String url) {
    Properties parsed = url.startsWith(SCHEME) ? Driver.parseURL(url, new Properties()) : null;
    if (parsed == null) {
      throw new IllegalArgumentException(
          "The URL of the database must look like " + SCHEME + "//HOST:PORT/DATABASE.");
    }
    return parsed;
  }
}
