package dev.durable.internal.store.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Recognizes connections of the application that lead to the engine's own database. */
public final class HomeDatabase {

  private final Names home;

  /**
   * The names of a database.
   *
   * @param catalog as the driver has it, which a pooler may translate
   * @param name as the server has it
   */
  private record Names(String catalog, String name) {}

  /** Asks the database for its name. */
  public HomeDatabase(Database database) {
    this.home =
        database.call(
            "ask for the name of the database",
            connection -> new Names(String.valueOf(connection.getCatalog()), name(connection)));
  }

  /**
   * Refuses a connection to another database.
   *
   * @throws IllegalStateException if it leads to another one
   */
  public void require(Connection connection) throws SQLException {
    if (home.catalog.equals(connection.getCatalog())) {
      return;
    }
    String name = name(connection);
    if (!name.equals(home.name)) {
      throw new IllegalStateException(
          "The TransactionBinding gave a connection to database '"
              + name
              + "', and Durable's is '"
              + home.name
              + "': they cannot commit together. Give the binding the DataSource that"
              + " Durable.on(...) has, or call durable.independently().");
    }
  }

  private static String name(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("select pg_catalog.current_database()")) {
      row.next();
      return row.getString(1);
    }
  }
}
