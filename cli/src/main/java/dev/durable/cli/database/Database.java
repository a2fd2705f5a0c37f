package dev.durable.cli.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a database is and who asks. Does not show its password.
 *
 * @param url {@code jdbc:postgresql://host/database}, with any parameters of pgjdbc
 * @param user goes before what the URL says; null: what the URL says, else the name of the
 *     operating system's user
 * @param password goes before what the URL says; null: what the URL says, else the password file
 */
public record Database(String url, @Nullable String user, @Nullable String password) {

  private static final String SCHEME = "jdbc:postgresql:";

  /**
   * Checks the URL.
   *
   * @throws IllegalArgumentException if it is not one of PostgreSQL's; the message does not repeat
   *     it, since it may contain a password
   */
  public Database {
    parse(url);
  }

  /** Whether the URL itself says who asks. */
  public static boolean namesUser(String url) {
    return parse(url).getProperty("user") != null;
  }

  /** The URL without its parameters, for people. */
  public String label() {
    int parameters = url.indexOf('?');
    return parameters < 0 ? url : url.substring(0, parameters);
  }

  /**
   * Opens a connection.
   *
   * @throws NoConnectionException if there is none to be had
   */
  public Connection connect() {
    try {
      return dataSource().getConnection();
    } catch (SQLException refused) {
      throw new NoConnectionException(label(), refused);
    }
  }

  /** A source of connections, which are not pooled. */
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
