package dev.durable.people;

import dev.durable.testing.TestDatabase;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Roles of a test database, and data sources with parameters of the driver. */
final class Roles {

  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final String PASSWORD = "secret";

  private Roles() {}

  /** Creates a role that can log in and has no rights. */
  static String create(TestDatabase db) {
    String role = "role_" + ProcessHandle.current().pid() + "_" + NUMBER.incrementAndGet();
    db.script("create role " + role + " login password '" + PASSWORD + "'");
    return role;
  }

  /** Connects as a role that {@link #create} made. */
  static DataSource as(TestDatabase db, String role) {
    return dataSource(db.url(), role, PASSWORD);
  }

  /** Connects as the owner, with parameters for the driver such as {@code prepareThreshold=0}. */
  static DataSource with(TestDatabase db, String parameters) {
    return dataSource(db.url() + "?" + parameters, db.user(), db.password());
  }

  static DataSource dataSource(String url, String user, String password) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setUrl(url);
    dataSource.setUser(user);
    dataSource.setPassword(password);
    return dataSource;
  }
}
