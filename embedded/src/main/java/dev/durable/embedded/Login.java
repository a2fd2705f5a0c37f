package dev.durable.embedded;

import static dev.durable.embedded.EmbeddedPostgresException.Reason.PASSWORD_REFUSED;
import static dev.durable.embedded.EmbeddedPostgresException.Reason.SERVER_FAILED;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** How to reach a server, and whether it is the one we mean. */
record Login(int port, String password) {
  static final String DATABASE = "postgres";

  /** What became of an attempt to log in. */
  enum Outcome {
    OURS,
    PASSWORD_REFUSED,
    OTHER
  }

  PGSimpleDataSource dataSource(String database) {
    PGSimpleDataSource dataSource = new PGSimpleDataSource();
    dataSource.setServerNames(new String[] {"127.0.0.1"});
    dataSource.setPortNumbers(new int[] {port});
    dataSource.setDatabaseName(database);
    dataSource.setUser(Server.USER);
    dataSource.setPassword(password);
    return dataSource;
  }

  /** Logs in, and asks the server for its data folder. */
  Outcome attempt(Path data) {
    PGSimpleDataSource dataSource = dataSource(DATABASE);
    dataSource.setLoginTimeout(10);
    for (int attempt = 0; ; attempt++) {
      try {
        return data.toString().equals(dataFolder(dataSource)) ? Outcome.OURS : Outcome.OTHER;
      } catch (SQLException e) {
        boolean startingUp = "57P03".equals(e.getSQLState());
        if (!startingUp || attempt == 300 || !pause()) {
          return "28P01".equals(e.getSQLState()) ? Outcome.PASSWORD_REFUSED : Outcome.OTHER;
        }
      }
    }
  }

  void require(DataFolder folder) {
    switch (attempt(folder.data())) {
      case OURS -> {}
      case PASSWORD_REFUSED ->
          throw new EmbeddedPostgresException(
              PASSWORD_REFUSED,
              "The server in "
                  + folder.root()
                  + " refuses the password in "
                  + folder.passwordFile()
                  + ". Restore that file, or delete the folder to begin anew.");
      case OTHER ->
          throw new EmbeddedPostgresException(
              SERVER_FAILED,
              "The server in "
                  + folder.root()
                  + " was started, but does not answer on port "
                  + port
                  + ". See "
                  + folder.log());
    }
  }

  private static String dataFolder(DataSource dataSource) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery("show data_directory")) {
      result.next();
      return result.getString(1);
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(200);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
